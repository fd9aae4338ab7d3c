// Owns: how a lender writes numbers: separators and units. Knows nothing of what is counted.
import Arrears

/// Decimal and grouping separators, and whether amounts are in units (yuan) or minor units (fen).
public struct NumberFormat: Hashable, Sendable {
    public enum Unit: String, Hashable, Sendable, CaseIterable { case major, minor }

    /// `.` or `,`.
    public var decimal: UInt8
    /// Such as `,`; it may stand only between digits, before the decimal separator. nil: none is allowed.
    public var grouping: UInt8?
    public var unit: Unit

    public init(decimal: UInt8 = UInt8(ascii: "."), grouping: UInt8? = nil, unit: Unit = .major) {
        precondition(decimal != grouping, "decimal and grouping separator are the same byte \(decimal)")
        self.decimal = decimal
        self.grouping = grouping
        self.unit = unit
    }

    public static let plain = NumberFormat()

    /// The number with a decimal point and without grouping; nil where a separator stands in a wrong place.
    func plainText(_ text: ArraySlice<UInt8>) -> String? {
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
