// Owns: a parsed document (a policy, a column map, a configuration) as a tree that remembers its lines, and the faults
// found in it. Knows no syntax: YAML is read two floors up.

/// A node of a document.
package indirect enum DocumentNode: Hashable, Sendable {
    case scalar(String, line: Int, isQuoted: Bool)
    case sequence([DocumentNode], line: Int)
    case mapping([Entry], line: Int)

    package struct Entry: Hashable, Sendable {
        package var key: String
        package var line: Int
        package var value: DocumentNode
        package init(key: String, line: Int, value: DocumentNode) {
            self.key = key
            self.line = line
            self.value = value
        }
    }

    /// Counted from 1.
    package var line: Int {
        switch self {
        case .scalar(_, let line, _), .sequence(_, let line), .mapping(_, let line): line
        }
    }
}

/// One fault of a document. All of a document's faults are reported together.
package struct DocumentFault: Hashable, Sendable, CustomStringConvertible {
    package var line: Int
    /// Such as `segments[2].when.dpd`.
    package var path: String
    package var expected: String
    package var got: String
    package init(line: Int, path: String, expected: String, got: String) {
        self.line = line
        self.path = path
        self.expected = expected
        self.got = got
    }
    package var description: String { "line \(line): \(path): expected \(expected), got \(got)" }
}

/// A document that cannot be used, with every fault found.
package struct DocumentFaults: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file's name, where it came from a file.
    package var source: String
    package var faults: [DocumentFault]
    package init(source: String, faults: [DocumentFault]) {
        self.source = source
        self.faults = faults
    }
    package var description: String {
        let head = "\(source): \(faults.count) fault\(faults.count == 1 ? "" : "s")"
        return ([head] + faults.map { "  \($0)" }).joined(separator: "\n")
    }
}
