// Owns: a parsed document (a policy, a column map, a configuration) as a tree that remembers its lines, and the faults
// found in it. Knows no syntax: YAML is read two floors up.

/// A node of a document.
public indirect enum DocumentNode: Hashable, Sendable {
    case scalar(String, line: Int, isQuoted: Bool)
    case sequence([DocumentNode], line: Int)
    case mapping([Entry], line: Int)

    public struct Entry: Hashable, Sendable {
        public var key: String
        public var line: Int
        public var value: DocumentNode
        public init(key: String, line: Int, value: DocumentNode) {
            self.key = key
            self.line = line
            self.value = value
        }
    }

    /// Counted from 1.
    public var line: Int {
        switch self {
        case .scalar(_, let line, _), .sequence(_, let line), .mapping(_, let line): line
        }
    }
}

/// One fault of a document. All of a document's faults are reported together.
public struct DocumentFault: Hashable, Sendable, CustomStringConvertible {
    public var line: Int
    /// Such as `segments[2].when.dpd`.
    public var path: String
    public var expected: String
    public var got: String
    public init(line: Int, path: String, expected: String, got: String) {
        self.line = line
        self.path = path
        self.expected = expected
        self.got = got
    }
    public var description: String { "line \(line): \(path): expected \(expected), got \(got)" }
}

/// A document that cannot be used, with every fault found.
public struct DocumentFaults: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file's name, where it came from a file.
    public var source: String
    public var faults: [DocumentFault]
    public init(source: String, faults: [DocumentFault]) {
        self.source = source
        self.faults = faults
    }
    public var description: String {
        let head = "\(source): \(faults.count) fault\(faults.count == 1 ? "" : "s")"
        return ([head] + faults.map { "  \($0)" }).joined(separator: "\n")
    }
}
