// Owns: the scalars that documents are made of, read from text: numbers, amounts, ranges, dates, clock times, words.

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
