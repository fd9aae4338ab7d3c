// Owns: one field's text → its value, or what was expected. Knows nothing of rows, columns or files.
// All text is UTF-8, without space around it, and not empty.
import Arrears

/// Why a text is not the value that it should be. What came is the caller's to show or to mask.
struct ValueFault: Error, Hashable {
    var kind: RejectKind
    var expected: String
}

enum FieldValue {
    /// Bytes of UTF-8; identifiers travel in every message and file.
    static let longestIdentifier = 64
    static let longestText = 256
    /// A hundred years, either way.
    static let days = -36_525...36_525
    static let cycles = -1_200...1_200
    static let riskScores = 0...1_000
    static let instalmentNumbers = 0...100_000

    static func text(_ bytes: ArraySlice<UInt8>, atMost limit: Int = longestText) throws(ValueFault) -> String {
        guard bytes.count <= limit, !hasControls(bytes) else {
            throw ValueFault(kind: .badValue, expected: "text of at most \(limit) bytes without control characters")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Of ASCII, and those of Latin-1 (U+0080 to U+009F), which a terminal obeys as well.
    private static func hasControls(_ bytes: ArraySlice<UInt8>) -> Bool {
        var before: UInt8 = 0
        for byte in bytes {
            if byte < 0x20 || byte == 0x7F || (before == 0xC2 && byte < 0xA0) { return true }
            before = byte
        }
        return false
    }

    static func date(_ bytes: ArraySlice<UInt8>, _ format: DateFormat) throws(ValueFault) -> CalendarDate {
        guard let day = format.day(bytes) else {
            throw ValueFault(kind: .badDate, expected: "a day of the years 1900 to 2200 as \(format.pattern)")
        }
        return day
    }

    static func amount(
        _ bytes: ArraySlice<UInt8>, _ format: NumberFormat, _ currency: Currency
    ) throws(ValueFault) -> Money {
        do {
            return try format.amount(bytes, currency)
        } catch {
            let unit = format.unit == .minor ? " in minor units" : ""
            let groups = format.grouping == nil ? "" : ", digits grouped as in \(format.example)"
            throw ValueFault(kind: .badNumber, expected: "\(error)\(unit) of \(currency.code)\(groups)")
        }
    }

    static func integer(
        _ bytes: ArraySlice<UInt8>, _ format: NumberFormat, in range: ClosedRange<Int>
    ) throws(ValueFault) -> Int {
        guard let value = format.integer(bytes), range.contains(value) else {
            throw ValueFault(
                kind: .badNumber, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    static func flag(_ bytes: ArraySlice<UInt8>) throws(ValueFault) -> Bool {
        switch String(decoding: bytes, as: UTF8.self).lowercased() {
        case "true", "yes", "y", "1": return true
        case "false", "no", "n", "0": return false
        default: throw ValueFault(kind: .badValue, expected: "true, false, yes, no, y, n, 1 or 0")
        }
    }

    static func currency(_ bytes: ArraySlice<UInt8>) throws(ValueFault) -> Currency {
        guard let currency = Currency(String(decoding: bytes, as: UTF8.self)) else {
            throw ValueFault(kind: .unknownCurrency, expected: "an ISO 4217 code in capitals, such as CNY")
        }
        return currency
    }

    /// The shape of an IANA name: `Area/Location`, or `UTC`. Whether there is such a zone is for who has the tables.
    static func timeZone(_ bytes: ArraySlice<UInt8>) throws(ValueFault) -> String {
        let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isName = parts.allSatisfy { part in
            guard let first = part.first, isLetter(first) else { return false }
            return part.allSatisfy { isLetter($0) || isDigit($0) || "_+-".utf8.contains($0) }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard bytes.count <= 64, text == "UTC" || (isName && (2...3).contains(parts.count)) else {
            throw ValueFault(kind: .badValue, expected: "an IANA time zone such as Asia/Shanghai")
        }
        return text
    }

    /// The number in E.164. Spaces, hyphens, dots and round brackets are passed over; `00` is read as `+`. A number
    /// without either is a national one: its leading 0 goes and the country's code comes before it.
    static func phone(_ bytes: ArraySlice<UInt8>, country: String) throws(ValueFault) -> String {
        var digits: [UInt8] = []
        var isInternational = false
        for byte in bytes {
            if isDigit(byte) {
                digits.append(byte)
            } else if byte == UInt8(ascii: "+"), digits.isEmpty, !isInternational {
                isInternational = true
            } else if !" -.()".utf8.contains(byte) {
                throw phoneFault(country)
            }
        }
        if !isInternational, digits.starts(with: "00".utf8) {
            digits.removeFirst(2)
            isInternational = true
        }
        if !isInternational {
            // 86 138 0013 8000: thirteen digits can only be a Chinese mobile number with its country's code.
            let hasCode = country == "86" && digits.count == 13 && digits.starts(with: "861".utf8)
            if digits.first == UInt8(ascii: "0") { digits.removeFirst() }
            if !hasCode { digits = country.utf8 + digits }
        }
        guard (8...15).contains(digits.count), digits[0] != UInt8(ascii: "0"), isPlausible(digits) else {
            throw phoneFault(country)
        }
        return "+" + String(decoding: digits, as: UTF8.self)
    }

    /// Chinese numbers have 9 to 11 digits after 86. With a 1 first they are mobile ones, eleven digits from 13 to 19,
    /// or Beijing's, ten digits with 10 first.
    private static func isPlausible(_ digits: [UInt8]) -> Bool {
        guard digits.starts(with: "86".utf8) else { return true }
        let national = digits.dropFirst(2)
        guard national.first == UInt8(ascii: "1") else { return (9...11).contains(national.count) }
        if national.starts(with: "10".utf8) { return national.count == 10 }
        let isService = ["11", "12"].contains { national.starts(with: $0.utf8) }
        return national.count == 11 && !isService
    }

    private static func phoneFault(_ country: String) -> ValueFault {
        ValueFault(kind: .badValue, expected: "a phone number in E.164, or a national one of +\(country)")
    }

    /// `kind`, or `kind:last day`.
    static func hold(_ bytes: ArraySlice<UInt8>, _ format: DateFormat) throws(ValueFault) -> Hold {
        let colon = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
        guard let kind = Hold.Kind(rawValue: String(decoding: bytes[..<colon], as: UTF8.self)) else {
            let kinds = Hold.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValueFault(kind: .badValue, expected: "a hold: one of \(kinds), each with :last-day where it has one")
        }
        guard colon < bytes.endIndex else { return Hold(kind: kind) }
        return Hold(kind: kind, until: try date(bytes[(colon + 1)...], format))
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
