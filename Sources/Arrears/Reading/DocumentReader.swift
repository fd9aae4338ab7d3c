// Owns: walking a parsed document strictly: every fault is collected with its line and path, and unknown keys are
// faults. Knows nothing of what a document means, nor of any syntax.

/// Reads one node of a document. Every method returns nil after it has recorded a fault, so that a caller reads all
/// that it needs first and looks for nil afterwards: the faults of a document are then reported together.
///
/// ```swift
/// let policy = try DocumentReader.read(document, source: "policy.yaml") { root in
///     root.mapping { keys in
///         let name = keys.required("name")?.text()
///         let cap = keys.optional("cap")?.integer(in: 1...10) ?? 3
///         let steps = keys.required("steps")?.list { $0.mapping(Step.init(reading:)) }
///         guard let name, let steps else { return nil }
///         return Policy(name: name, cap: cap, steps: steps)
///     }
/// }
/// ```
package struct DocumentReader {
    package let node: DocumentNode
    /// Where the node stands, such as `segments[2].when.dpd`; empty for the whole document.
    package let path: String
    private let faults: FaultList

    fileprivate final class FaultList {
        var all: [DocumentFault] = []
    }

    /// Reads a whole document.
    /// - Throws: all faults that the body recorded, in order of line. A body that returns nil must have recorded one.
    package static func read<Value>(
        _ document: DocumentNode, source: String, _ body: (DocumentReader) -> Value?
    ) throws(DocumentFaults) -> Value {
        let list = FaultList()
        let value = body(DocumentReader(node: document, path: "", faults: list))
        // Sorting by (line, position found) keeps it stable.
        let sorted = list.all.enumerated()
            .sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
            .map(\.element)
        guard sorted.isEmpty else { throw DocumentFaults(source: source, faults: sorted) }
        guard let value else { preconditionFailure("\(source): no value and no fault") }
        return value
    }

    private init(node: DocumentNode, path: String, faults: FaultList) {
        self.node = node
        self.path = path
        self.faults = faults
    }

    fileprivate func child(_ node: DocumentNode, path: String) -> DocumentReader {
        DocumentReader(node: node, path: path, faults: faults)
    }

    fileprivate func childPath(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    // MARK: Faults

    /// Records a fault at this node: "expected X, got Y". `got` is the node itself, in words, where it is not given.
    package func fault(expected: String, got: String? = nil) {
        fault(line: node.line, path: path, expected: expected, got: got ?? shown)
    }

    fileprivate func fault(line: Int, path: String, expected: String, got: String) {
        faults.all.append(
            DocumentFault(line: line, path: path.isEmpty ? "document" : path, expected: expected, got: got))
    }

    /// The node in a few words, for a fault's `got`.
    package var shown: String {
        switch node {
        case .scalar(let text, _, let isQuoted):
            if text.isEmpty && !isQuoted { return "nothing" }
            return "\"\(text.clipped(to: 60))\""
        case .sequence(let items, _): return "a list of \(items.count)"
        case .mapping: return "a mapping"
        }
    }

    // MARK: Mappings and lists

    /// Reads a mapping whose keys are known. Keys that the body did not ask for are faults.
    package func mapping<Value>(_ body: (MappingReader) -> Value?) -> Value? {
        guard case .mapping(let entries, _) = node else {
            fault(expected: "a mapping")
            return nil
        }
        let keys = MappingReader(reader: self, entries: entries)
        let value = body(keys)
        keys.reportKeys()
        return value
    }

    /// Reads a mapping whose keys are the document's own, such as column names: each with its value, in order.
    /// nil when the node is no mapping.
    package func entries() -> [(key: String, line: Int, value: DocumentReader)]? {
        guard case .mapping(let entries, _) = node else {
            fault(expected: "a mapping")
            return nil
        }
        return entries.map { ($0.key, $0.line, child($0.value, path: childPath($0.key))) }
    }

    /// Records a fault at an entry's key instead of at its value.
    package func fault(atKey key: String, line: Int, expected: String) {
        fault(line: line, path: childPath(key), expected: expected, got: "\"\(key)\"")
    }

    /// Reads a list. nil when the node is no list, or when an element could not be read.
    package func list<Element>(allowsEmpty: Bool = false, _ element: (DocumentReader) -> Element?) -> [Element]? {
        guard case .sequence(let items, _) = node else {
            fault(expected: "a list")
            return nil
        }
        if items.isEmpty && !allowsEmpty {
            fault(expected: "at least one element", got: "an empty list")
            return nil
        }
        var result: [Element] = []
        result.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            // Paths count from 1, as people count the entries of a list.
            if let value = element(child(item, path: "\(path)[\(index + 1)]")) { result.append(value) }
        }
        return result.count == items.count ? result : nil
    }

    /// A list, or a single value that stands for a list of one.
    package func oneOrMore<Element>(_ element: (DocumentReader) -> Element?) -> [Element]? {
        if case .scalar = node { return element(self).map { [$0] } }
        return list(element)
    }
}

/// The keys of one mapping. It remembers which were asked for: the others are unknown.
package final class MappingReader {
    private let reader: DocumentReader
    private let entries: [DocumentNode.Entry]
    private var known: [String] = []
    private var missing: [String] = []

    fileprivate init(reader: DocumentReader, entries: [DocumentNode.Entry]) {
        self.reader = reader
        self.entries = entries
    }

    /// The mapping itself, for faults about it as a whole.
    package var itself: DocumentReader { reader }

    /// The value under the key; its absence is a fault.
    package func required(_ key: String) -> DocumentReader? {
        if let value = optional(key) { return value }
        if !missing.contains(key) { missing.append(key) }
        return nil
    }

    /// The value under the key, or nil when there is no such key. A key without a value is no absence: reading it
    /// is a fault.
    package func optional(_ key: String) -> DocumentReader? {
        if !known.contains(key) { known.append(key) }
        guard let entry = entries.first(where: { $0.key == key }) else { return nil }
        return reader.child(entry.value, path: reader.childPath(key))
    }

    package func contains(_ key: String) -> Bool { optional(key) != nil }

    /// Exactly one of the keys must be there; its name is returned. None or several are a fault.
    package func exactlyOne(of keys: [String]) -> String? {
        let present = keys.filter(contains)
        if present.count == 1 { return present[0] }
        let got = present.isEmpty ? "none of them" : present.joined(separator: " and ")
        reader.fault(expected: "one of " + keys.joined(separator: ", "), got: got)
        return nil
    }

    /// A misspelt key is one fault, not an unknown key and a missing one.
    fileprivate func reportKeys() {
        var seen: Set<String> = []
        for entry in entries {
            let path = reader.childPath(entry.key)
            if !seen.insert(entry.key).inserted {
                reader.fault(line: entry.line, path: path, expected: "each key once", got: "\"\(entry.key)\" again")
            } else if !known.contains(entry.key) {
                let (nearest, expectation) = closest(known, to: entry.key)
                missing.removeAll { $0 == nearest }
                reader.fault(line: entry.line, path: path, expected: expectation, got: "\"\(entry.key)\"")
            }
        }
        for key in missing {
            reader.fault(
                line: reader.node.line, path: reader.childPath(key), expected: "the key \"\(key)\"",
                got: "no such key")
        }
    }
}

/// What to expect instead of a word that is not known: the nearest of the known ones where one is near, else all.
func closest(_ known: [String], to word: String) -> (nearest: String?, expectation: String) {
    guard !known.isEmpty else { return (nil, "no keys") }
    let nearest = known.map { ($0, editDistance($0.lowercased(), word.lowercased())) }.min { $0.1 < $1.1 }
    if let nearest, nearest.1 <= max(1, word.count / 3) { return (nearest.0, "\"\(nearest.0)\" perhaps") }
    return (nil, "one of " + known.sorted().joined(separator: ", "))
}

/// Insertions, deletions, replacements and swaps of neighbours that make one word of the other.
private func editDistance(_ left: String, _ right: String) -> Int {
    let left = Array(left)
    let right = Array(right)
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for i in left.indices {
        var row = [i + 1]
        for j in right.indices {
            let replaced = last[j] + (left[i] == right[j] ? 0 : 1)
            var best = min(replaced, min(row[j], last[j + 1]) + 1)
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                best = min(best, beforeLast[j - 1] + 1)
            }
            row.append(best)
        }
        beforeLast = last
        last = row
    }
    return last[right.count]
}
