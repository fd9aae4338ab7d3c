// Owns: the scalars that documents are made of, read from text: numbers, amounts, ranges, dates, clock times, words.

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

extension LocalWindow {
    /// Minutes since midnight of `HH:MM`, `00:00` to `24:00`; nil when the text is no such time.
    package static func minute(clock text: some StringProtocol) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
        var digits: [Int] = []
        for index in [0, 1, 3, 4] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { return nil }
            digits.append(Int(bytes[index] - UInt8(ascii: "0")))
        }
        let hour = digits[0] * 10 + digits[1]
        let minute = digits[2] * 10 + digits[3]
        guard minute < 60, hour < 24 || (hour == 24 && minute == 0) else { return nil }
        return hour * 60 + minute
    }
}

extension DocumentReader {
    /// The scalar's text, which may be empty only where it is quoted. nil and a fault for lists and mappings.
    private func scalar(_ expected: String) -> String? {
        guard case .scalar(let text, _, let isQuoted) = node, !text.isEmpty || isQuoted else {
            fault(expected: expected)
            return nil
        }
        return text
    }

    private func scalar<Value>(_ expected: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = scalar(expected) else { return nil }
        guard let value = parse(text) else {
            fault(expected: expected)
            return nil
        }
        return value
    }

    /// Text that is not empty.
    package func text(_ expected: String = "text") -> String? {
        scalar(expected) { $0.isEmpty ? nil : $0 }
    }

    /// Text that may be empty where it is quoted (`""`).
    package func textOrEmpty(_ expected: String = "text") -> String? { scalar(expected) }

    /// A name: 1 to 64 letters, digits, `.`, `_` and `-` of ASCII.
    package func name(_ expected: String = "a name of letters, digits, \".\", \"_\" and \"-\"") -> String? {
        scalar(expected) { text in
            let isName = text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
            return isName && (1...64).contains(text.utf8.count) ? text : nil
        }
    }

    /// A whole number within the range.
    package func integer(in range: ClosedRange<Int>) -> Int? {
        scalar("a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// `true` or `false`, not quoted.
    package func boolean() -> Bool? {
        if case .scalar(let text, _, false) = node, text == "true" || text == "false" { return text == "true" }
        fault(expected: "true or false")
        return nil
    }

    /// An exact decimal, such as `20.00`.
    package func decimal() -> DecimalAmount? {
        scalar("a decimal number such as 20.00") { try? DecimalAmount($0) }
    }

    /// `1..3`, `31..`, `..-1` or `5`.
    package func integerRange() -> IntegerRange? {
        scalar("a range such as 1..3, 31.. or ..-1") { IntegerRange($0) }
    }

    /// `YYYY-MM-DD`.
    package func date() -> CalendarDate? {
        scalar("a date YYYY-MM-DD") { CalendarDate(iso: $0) }
    }

    /// `HH:MM`, `00:00` to `24:00`, as minutes since midnight.
    package func clockTime() -> Int? {
        scalar("a time HH:MM from 00:00 to 24:00") { LocalWindow.minute(clock: $0) }
    }

    /// An ISO 4217 code.
    package func currency() -> Currency? {
        scalar("an ISO 4217 code such as CNY") { Currency($0) }
    }

    /// One of the enumeration's raw values.
    package func word<Word: RawRepresentable & CaseIterable>(_ type: Word.Type) -> Word?
    where Word.RawValue == String {
        let known = Word.allCases.map(\.rawValue)
        guard let text = scalar("one of " + known.joined(separator: ", ")) else { return nil }
        guard let value = Word(rawValue: text) else {
            fault(expected: closest(known, to: text).expectation)
            return nil
        }
        return value
    }
}
