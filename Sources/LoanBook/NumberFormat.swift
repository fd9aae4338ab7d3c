// Owns: how a lender writes numbers: separators and units. Knows nothing of what is counted.
import Arrears

/// Decimal and grouping separators, and whether amounts are in units (yuan) or minor units (fen).
package struct NumberFormat: Hashable, Sendable {
    package enum Unit: String, Hashable, Sendable, CaseIterable { case major, minor }

    /// `.` or `,`.
    package var decimal: UInt8
    /// Such as `,`; it may stand only between digits, before the decimal separator. nil: none is allowed.
    package var grouping: UInt8?
    package var unit: Unit
    /// `1e+05` is 100000, exactly. Statistics programs write so; spreadsheets do, too, but only what they show, so that
    /// a lender must say that the digits are all there.
    package var allowsExponents: Bool

    package init(
        decimal: UInt8 = UInt8(ascii: "."), grouping: UInt8? = nil, unit: Unit = .major, allowsExponents: Bool = false
    ) {
        precondition(decimal != grouping, "decimal and grouping separator are the same byte \(decimal)")
        self.decimal = decimal
        self.grouping = grouping
        self.unit = unit
        self.allowsExponents = allowsExponents
    }

    package static let plain = NumberFormat()

    /// The number with a decimal point and without grouping or exponent; nil where one stands in a wrong place.
    func plainText(_ text: ArraySlice<UInt8>) -> String? {
        guard allowsExponents, let mark = text.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) else {
            return plainMantissa(text)
        }
        guard let mantissa = plainMantissa(text[..<mark]),
            let exponent = Int(String(decoding: text[(mark + 1)...], as: UTF8.self)), (-30...30).contains(exponent)
        else { return nil }
        return NumberFormat.shifted(mantissa, by: exponent)
    }

    /// Moves the decimal point to the right, or to the left where `places` is negative.
    private static func shifted(_ mantissa: String, by places: Int) -> String? {
        let isSigned = mantissa.hasPrefix("-") || mantissa.hasPrefix("+")
        let parts = mantissa.dropFirst(isSigned ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].isEmpty else { return nil }
        let digits = parts.joined()
        let point = parts[0].count + places
        let zeros = String(repeating: "0", count: max(0, point <= 0 ? 1 - point : point - digits.count))
        let padded = point <= 0 ? zeros + digits : digits + zeros
        let whole = padded.prefix(max(1, point))
        let fraction = padded.dropFirst(whole.count)
        return (isSigned ? String(mantissa.prefix(1)) : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
    }

    private func plainMantissa(_ text: ArraySlice<UInt8>) -> String? {
        if self.decimal == UInt8(ascii: "."), grouping == nil { return String(decoding: text, as: UTF8.self) }
        var plain: [UInt8] = []
        plain.reserveCapacity(text.count)
        var seenDecimal = false
        for index in text.indices {
            let byte = text[index]
            if byte == decimal {
                seenDecimal = true
                plain.append(UInt8(ascii: "."))
            } else if byte == grouping {
                guard !seenDecimal, isDigit(text, index - 1), isDigit(text, index + 1) else { return nil }
            } else if byte == UInt8(ascii: ".") {
                return nil
            } else {
                plain.append(byte)
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }

    private func isDigit(_ text: ArraySlice<UInt8>, _ index: Int) -> Bool {
        text.indices.contains(index) && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[index])
    }

    /// The exact amount.
    func amount(_ text: ArraySlice<UInt8>, _ currency: Currency) throws(MoneyFault) -> Money {
        guard let plain = plainText(text) else { throw .notANumber }
        guard unit == .minor else { return try Money(decimal: plain, currency: currency) }
        let number = try DecimalAmount(plain)
        guard number.scale == 0 else { throw .tooManyDecimals(allowed: 0) }
        guard number.digits.magnitude <= Money.largestMinorUnits.magnitude else { throw .outOfRange }
        return Money(minorUnits: number.digits, currency: currency)
    }

    /// A whole number; `3.0` is 3.
    func integer(_ text: ArraySlice<UInt8>) -> Int? {
        guard let plain = plainText(text), let number = try? DecimalAmount(plain), number.scale == 0 else {
            return nil
        }
        return Int(number.digits)
    }
}
