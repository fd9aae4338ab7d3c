// Owns: one approved text and how values are put into it. Pure; knows no files.

/// A text that somebody approved, in one language.
///
/// ```
/// sender: RECOUP
/// approved-by: name and role
/// approved-on: 2025-03-01
/// ---
/// The text, with {placeholders}.
/// ```
package struct MessageTemplate: Hashable, Sendable {
    /// What a text may say about a case; least disclosure: nothing else reaches a template.
    package static let placeholders: Set<String> = [
        "institution", "amount", "currency", "due_date", "contact", "name_masked", "product", "dpd",
    ]
    /// Every first contact names the institution and says how to reach it.
    package static let requiredPlaceholders: Set<String> = ["institution", "contact"]

    enum Piece: Hashable, Sendable {
        case text(String)
        case value(String)
    }

    /// Number or alphanumeric name that the message shows.
    package var sender: String
    package var approvedBy: String
    /// ISO 8601 day.
    package var approvedOn: String
    let pieces: [Piece]

    /// - Throws: `TemplateFaults` with every fault of the text.
    package init(_ source: String) throws(TemplateFaults) {
        var faults: [String] = []
        var header: [String: String] = [:]
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let end = lines.firstIndex(of: "---") ?? lines.endIndex
        if end == lines.endIndex { faults.append("expected a line --- after the header, got none") }
        for (index, line) in lines[..<end].enumerated() where !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else {
                faults.append("line \(index + 1): expected name: value, got no colon")
                continue
            }
            let name = String(line[..<colon])
            if !["sender", "approved-by", "approved-on"].contains(name) || header[name] != nil {
                faults.append(
                    "line \(index + 1): expected each of sender, approved-by and approved-on once, got \(name)")
            }
            header[name] = Self.trimmed(line[line.index(after: colon)...])
        }
        func field(_ name: String) -> String {
            guard let value = header[name], !value.isEmpty else {
                faults.append("\(name): expected a value, got none")
                return ""
            }
            return value
        }
        sender = field("sender")
        approvedBy = field("approved-by")
        approvedOn = field("approved-on")
        if sender.utf8.count > 15 { faults.append("sender: expected 15 characters at most, got \(sender.utf8.count)") }

        let text = Self.trimmed(lines[min(end + 1, lines.endIndex)...].joined(separator: "\n")[...])
        pieces = Self.pieces(of: text, &faults)
        if text.isEmpty { faults.append("text: expected something, got nothing") }
        let used = Set(pieces.compactMap { if case .value(let name) = $0 { name } else { nil } })
        for missing in Self.requiredPlaceholders.subtracting(used).sorted() {
            faults.append("text: expected the placeholder {\(missing)}, got none")
        }
        guard faults.isEmpty else { throw TemplateFaults(faults: faults) }
    }

    /// The text with its values.
    /// - Throws: `TemplateFaults` naming each placeholder whose value is missing, empty or not printable.
    package func rendered(_ values: [String: String]) throws(TemplateFaults) -> String {
        var faults: [String] = []
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let part):
                text += part
            case .value(let name):
                guard let value = values[name], !value.isEmpty else {
                    faults.append("{\(name)}: expected a value, got none")
                    continue
                }
                guard value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
                    faults.append("{\(name)}: expected printable text, got a control character")
                    continue
                }
                text += value
            }
        }
        guard faults.isEmpty else { throw TemplateFaults(faults: faults) }
        return text
    }

    private static func pieces(of text: String, _ faults: inout [String]) -> [Piece] {
        var pieces: [Piece] = []
        var rest = text[...]
        while let open = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            if open > rest.startIndex { pieces.append(.text(String(rest[..<open]))) }
            let after = rest[rest.index(after: open)...]
            guard rest[open] == "{", let close = after.firstIndex(where: { $0 == "{" || $0 == "}" }),
                after[close] == "}"
            else {
                faults.append("text: expected braces only around placeholders, got one alone")
                return pieces
            }
            let name = String(after[..<close])
            if !placeholders.contains(name) {
                faults.append(
                    "text: expected one of \(placeholders.sorted().joined(separator: ", ")), got {\(name.clipped(to: 40))}"
                )
            }
            pieces.append(.value(name))
            rest = after[after.index(after: close)...]
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        return pieces
    }

    private static func trimmed(_ text: Substring) -> String {
        let blanks: Set<Character> = [" ", "\t", "\n", "\r", "\r\n"]
        var text = text
        while let last = text.last, blanks.contains(last) { text.removeLast() }
        while let first = text.first, blanks.contains(first) { text.removeFirst() }
        return String(text)
    }
}

/// Why a template, or a text made from it, cannot be used. Holds no values, which may be personal.
package struct TemplateFaults: Error, Hashable, Sendable, CustomStringConvertible {
    package var faults: [String]
    package var description: String { faults.joined(separator: "; ") }
}
