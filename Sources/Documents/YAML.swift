// Owns: YAML text → a document tree with lines. Knows nothing of what a document means.
import Arrears
import Yams

/// Reads one YAML document.
///
/// A plain subset on purpose: mappings with scalar keys, lists and scalars, each scalar as the text that stands there.
/// Anchors, aliases, merge keys, tags and several documents in one file are refused: what stands in a policy must be
/// readable where it stands.
/// - Parameters:
///   - yaml: the file's text.
///   - source: the file's name, for the faults.
/// - Throws: what is wrong, with lines counted from 1.
package func readDocument(yaml: String, source: String) throws(DocumentFaults) -> DocumentNode {
    func refuse(line: Int, expected: String, got: String) -> DocumentFaults {
        DocumentFaults(
            source: source,
            faults: [DocumentFault(line: line, path: "document", expected: expected, got: got)])
    }
    // A byte order mark is no content; Swift's String keeps it.
    let text = yaml.hasPrefix("\u{FEFF}") ? String(yaml.unicodeScalars.dropFirst()) : yaml
    if let line = lineOfTooManyAliases(text) {
        throw refuse(line: line, expected: "the values written out", got: "more than \(mostAliases) aliases")
    }
    let root: Node?
    let parser: Parser
    do {
        parser = try Parser(yaml: text, encoding: .utf8)
        root = try parser.singleRoot()
    } catch let error as YamlError {
        let problem = Problem(error, in: text)
        throw refuse(line: problem.line, expected: problem.expected, got: problem.got)
    } catch {
        throw refuse(line: 1, expected: "YAML", got: "\(error)")
    }
    guard let root else { throw refuse(line: 1, expected: "a document", got: "an empty file") }
    // Nodes hold their anchors weakly; the parser keeps them alive.
    return try withExtendedLifetime(parser) { () throws(DocumentFaults) -> DocumentNode in
        var translation = Translation()
        let document = translation.node(root, path: "", line: 1)
        guard translation.faults.isEmpty else {
            throw DocumentFaults(source: source, faults: translation.faults)
        }
        return document
    }
}

/// So many may stand in a document before Yams sees it. None is taken, but Yams puts them in, and compares keys by their
/// whole content: a key of aliases of aliases would keep it busy for days. This few cannot multiply to much.
private let mostAliases = 16

/// The line of the alias that is one too many. Whatever looks like one counts, wherever it stands; nil: there are few.
private func lineOfTooManyAliases(_ text: String) -> Int? {
    var line = 1
    var found = 0
    var isMarked = false
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            if isMarked { found += 1 }
            if found > mostAliases { return line }
        case UInt8(ascii: "\n"): line += 1
        default: break
        }
        isMarked = byte == UInt8(ascii: "*")
    }
    return nil
}

/// Yams' tree → ours. What the subset does not allow is recorded and not entered, so that an alias that multiplies
/// itself cannot grow.
private struct Translation {
    var faults: [DocumentFault] = []

    mutating func node(_ node: Node, path: String, line parentLine: Int) -> DocumentNode {
        let line = node.mark?.line ?? parentLine
        func refused(_ expected: String, _ got: String) -> DocumentNode {
            faults.append(
                DocumentFault(line: line, path: path.isEmpty ? "document" : path, expected: expected, got: got))
            return .scalar("", line: line, isQuoted: false)
        }
        if let anchor = node.anchor {
            return refused("the value written out", "the anchor or alias \"\(anchor.rawValue)\"")
        }
        switch node {
        case .scalar(let scalar):
            let isQuoted: Bool
            switch scalar.style {
            case .singleQuoted, .doubleQuoted, .literal, .folded: isQuoted = true
            case .any, .plain: isQuoted = false
            }
            if !isQuoted && (scalar.string == "~" || scalar.string == "null") {
                return .scalar("", line: line, isQuoted: false)
            }
            return .scalar(scalar.string, line: line, isQuoted: isQuoted)
        case .sequence(let sequence):
            let items = sequence.enumerated().map { index, item in
                self.node(item, path: "\(path)[\(index + 1)]", line: line)
            }
            return .sequence(items, line: line)
        case .mapping(let mapping):
            var entries: [DocumentNode.Entry] = []
            for (key, value) in mapping {
                guard case .scalar(let scalar) = key, key.anchor == nil, scalar.string != "<<" else {
                    _ = refused("plain keys", "a list, a mapping, an anchor or a merge as a key")
                    continue
                }
                let keyLine = key.mark?.line ?? line
                let valuePath = path.isEmpty ? scalar.string : "\(path).\(scalar.string)"
                entries.append(
                    .init(
                        key: scalar.string, line: keyLine, value: self.node(value, path: valuePath, line: keyLine)))
            }
            return .mapping(entries, line: line)
        case .alias(let alias):
            return refused("the value written out", "the alias \"\(alias.anchor.rawValue)\"")
        }
    }
}

/// What Yams found wrong, as a line, what it expected and what it got.
private struct Problem {
    var line: Int
    var expected: String
    var got: String

    init(_ error: YamlError, in yaml: String) {
        expected = "YAML"
        line = 1
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            line = mark.line
            got = [context.map { "\($0.text) of line \($0.mark.line)" }, problem].compactMap(\.self)
                .joined(separator: ": ")
        case .composer(let context, let problem, let mark, _):
            line = mark.line
            expected = context == nil ? "an anchor that is defined" : "one document"
            got = context == nil ? problem : "another document"
        case .reader(let problem, let offset, _, _):
            // The offset counts characters.
            line = 1 + yaml.prefix(offset ?? 0).count { $0.isNewline }
            expected = "text without control characters"
            got = problem
        case .duplicatedKeysInMapping(let duplicates, let context):
            line = context.mark.line
            expected = "each key once"
            got = duplicates.sorted().map { "\"\($0)\"" }.joined(separator: ", ") + " again"
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            got = "\(error)"
        }
    }
}
