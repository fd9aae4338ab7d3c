// Owns: how a lender writes numbers: separators and units. Knows nothing of what is counted.
import Arrears

/// Decimal and grouping separators, and whether amounts are in units (yuan) or minor units (fen).
package struct NumberFormat: Hashable, Sendable {
    package enum Unit: String, Hashable, Sendable, CaseIterable { case major, minor }

    /// How many digits stand between grouping separators.
    package enum Groups: String, Hashable, Sendable, CaseIterable {
        /// 1,234,567
        case thousands
        /// 12,34,567: three at the end, two before.
        case indian
    }

    /// `.` or `,`.
    package var decimal: UInt8
    /// Such as `,`; it may stand only where `groups` has it, before the decimal separator. nil: none is allowed.
    package var grouping: UInt8?
    package var groups: Groups
    package var unit: Unit
    /// `1e+05` is 100000, exactly. Statistics programs write so; spreadsheets do, too, but only what they show, so that
    /// a lender must say that the digits are all there.
    package var allowsExponents: Bool

    package init(
        decimal: UInt8 = UInt8(ascii: "."), grouping: UInt8? = nil, groups: Groups = .thousands, unit: Unit = .major,
        allowsExponents: Bool = false
    ) {
        precondition(decimal != grouping, "decimal and grouping separator are the same byte \(decimal)")
        self.decimal = decimal
        self.grouping = grouping
        self.groups = groups
        self.unit = unit
        self.allowsExponents = allowsExponents
    }

    package static let plain = NumberFormat()

    /// For people: how a large number is written so.
    var example: String {
        let separator = grouping.map { String(UnicodeScalar($0)) } ?? ""
        return (groups == .indian ? ["12", "34", "567"] : ["1", "234", "567"]).joined(separator: separator)
    }

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
        let point = text.firstIndex(of: decimal) ?? text.endIndex
        guard let whole = ungrouped(text[..<point]) else { return nil }
        guard point < text.endIndex else { return String(decoding: whole, as: UTF8.self) }
        // A second separator of either kind is no digit, and is found when the number is read.
        let fraction = text[(point + 1)...]
        guard !fraction.contains(UInt8(ascii: ".")) else { return nil }
        return String(decoding: whole + [UInt8(ascii: ".")] + fraction, as: UTF8.self)
    }

    /// A sign and digits without separators. A group of another size is a decimal separator that the map does not
    /// know: `1,50` read as 150 would ask somebody for a hundred times what is owed.
    private func ungrouped(_ whole: ArraySlice<UInt8>) -> [UInt8]? {
        guard decimal == UInt8(ascii: ".") || grouping == UInt8(ascii: ".") || !whole.contains(UInt8(ascii: ".")) else {
            return nil
        }
        guard let grouping, whole.contains(grouping) else { return Array(whole) }
        let isSigned = whole.first == UInt8(ascii: "-") || whole.first == UInt8(ascii: "+")
        let parts = whole.dropFirst(isSigned ? 1 : 0).split(separator: grouping, omittingEmptySubsequences: false)
        let inner = groups == .indian ? 2 : 3
        guard
            parts.allSatisfy({ $0.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }),
            (1...inner).contains(parts[0].count), parts.last?.count == 3,
            parts.dropFirst().dropLast().allSatisfy({ $0.count == inner })
        else { return nil }
        return (isSigned ? Array(whole.prefix(1)) : []) + parts.joined()
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
