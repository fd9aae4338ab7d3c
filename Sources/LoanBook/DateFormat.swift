// Owns: how a lender writes a day. Knows no locale and no time zone: a time of day is read over.
import Arrears

/// A pattern such as `yyyy-MM-dd`, `yyyyMMdd`, `dd/MM/yyyy`, `yyyy年M月d日` or `yyyy-MM-dd HH:mm:ss`.
///
/// `yyyy` is four digits; `MM`, `dd`, `HH`, `mm` and `ss` are two; `M` and `d` are one or two. Everything else stands
/// for itself; letters of ASCII must be quoted for that: `yyyy-MM-dd'T'HH:mm`.
package struct DateFormat: Hashable, Sendable, CustomStringConvertible {
    private enum Part: Hashable {
        case year, month(isPadded: Bool), day(isPadded: Bool), timeOfDay, literal(UInt8)
    }

    package let pattern: String
    private let parts: [Part]

    package static let iso = DateFormat(
        pattern: "yyyy-MM-dd",
        parts: [
            .year, .literal(UInt8(ascii: "-")), .month(isPadded: true), .literal(UInt8(ascii: "-")),
            .day(isPadded: true),
        ])

    private init(pattern: String, parts: [Part]) {
        self.pattern = pattern
        self.parts = parts
    }

    /// nil when the pattern is unknown, does not name year, month and day once each, or is ambiguous.
    package init?(_ pattern: String) {
        var parts: [Part] = []
        var isQuoted = false
        var rest = Substring(pattern)
        while let first = rest.first {
            if first == "'" {
                isQuoted.toggle()
                rest = rest.dropFirst()
            } else if !isQuoted, first.isASCII, first.isLetter {
                let run = rest.prefix { $0 == first }
                guard let part = DateFormat.part(String(run)) else { return nil }
                parts.append(part)
                rest = rest.dropFirst(run.count)
            } else {
                parts += String(first).utf8.map(Part.literal)
                rest = rest.dropFirst()
            }
        }
        let years = parts.filter { $0 == .year }.count
        let months = parts.filter { if case .month = $0 { true } else { false } }.count
        let days = parts.filter { if case .day = $0 { true } else { false } }.count
        guard !isQuoted, years == 1, months == 1, days == 1, !DateFormat.isAmbiguous(parts) else { return nil }
        self.init(pattern: pattern, parts: parts)
    }

    private static func part(_ letters: String) -> Part? {
        switch letters {
        case "yyyy": .year
        case "MM": .month(isPadded: true)
        case "M": .month(isPadded: false)
        case "dd": .day(isPadded: true)
        case "d": .day(isPadded: false)
        case "HH", "mm", "ss": .timeOfDay
        default: nil
        }
    }

    /// One or two digits with a digit right behind them could be read in two ways.
    private static func isAmbiguous(_ parts: [Part]) -> Bool {
        for (part, next) in zip(parts, parts.dropFirst()) {
            guard part == .month(isPadded: false) || part == .day(isPadded: false) else { continue }
            guard case .literal(let byte) = next, !isDigit(byte) else { return true }
        }
        return false
    }

    /// The day, or nil when the text is not of this form or there is no such day. `text` is UTF-8.
    package func day(_ text: ArraySlice<UInt8>) -> CalendarDate? {
        var position = text.startIndex
        var year = 0
        var month = 0
        var day = 0
        func number(atLeast least: Int, atMost most: Int) -> Int? {
            var value = 0
            var count = 0
            while count < most, position < text.endIndex, DateFormat.isDigit(text[position]) {
                value = value * 10 + Int(text[position] - UInt8(ascii: "0"))
                position += 1
                count += 1
            }
            return count >= least ? value : nil
        }
        for part in parts {
            switch part {
            case .literal(let byte):
                guard position < text.endIndex, text[position] == byte else { return nil }
                position += 1
            case .year:
                guard let value = number(atLeast: 4, atMost: 4) else { return nil }
                year = value
            case .month(let isPadded):
                guard let value = number(atLeast: isPadded ? 2 : 1, atMost: 2) else { return nil }
                month = value
            case .day(let isPadded):
                guard let value = number(atLeast: isPadded ? 2 : 1, atMost: 2) else { return nil }
                day = value
            case .timeOfDay:
                guard let value = number(atLeast: 2, atMost: 2), value < 60 else { return nil }
            }
        }
        guard position == text.endIndex else { return nil }
        return CalendarDate(year: year, month: month, day: day)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    package var description: String { pattern }
}
