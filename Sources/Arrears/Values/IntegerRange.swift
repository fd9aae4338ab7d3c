// Owns: spans of whole numbers, either side open.

/// Whole numbers from–through, both included, either side open: `1..3`, `31..`, `..-1`; `5` is `5..5`.
package struct IntegerRange: Hashable, Sendable, CustomStringConvertible {
    /// nil: no lower end.
    package var from: Int?
    /// nil: no upper end.
    package var through: Int?

    package init(from: Int?, through: Int?) {
        self.from = from
        self.through = through
    }

    /// nil when the text is no such range, or ends before it begins.
    package init?(_ text: some StringProtocol) {
        func number(_ part: some StringProtocol) -> Int? { Int(part) }
        let bytes = Array(text.utf8)
        var dots: Int?
        for index in bytes.indices.dropLast() where bytes[index] == 0x2E && bytes[index + 1] == 0x2E {
            dots = index
            break
        }
        guard let dots else {
            guard let value = number(text) else { return nil }
            self.init(from: value, through: value)
            return
        }
        let before = String(decoding: bytes[..<dots], as: UTF8.self)
        let after = String(decoding: bytes[(dots + 2)...], as: UTF8.self)
        let from = number(before)
        let through = number(after)
        guard from != nil || before.isEmpty, through != nil || after.isEmpty, from != nil || through != nil else {
            return nil
        }
        if let from, let through, from > through { return nil }
        self.init(from: from, through: through)
    }

    package func contains(_ value: Int) -> Bool {
        (from.map { $0 <= value } ?? true) && (through.map { value <= $0 } ?? true)
    }

    package var description: String {
        if let from, from == through { return String(from) }
        return (from.map(String.init) ?? "") + ".." + (through.map(String.init) ?? "")
    }
}
