// Owns: decimal text → exact amounts. Knows nothing of grouping, decimal commas or other formats of a lender's file.

/// Why decimal text is no amount of money.
package enum MoneyFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not an optional sign, digits, and optionally a point with digits.
    case notANumber
    /// A digit other than 0 stands beyond the currency's decimals: taking it would lose money.
    case tooManyDecimals(allowed: Int)
    /// Beyond ±`Money.largestMinorUnits`.
    case outOfRange

    /// What was expected, in words; the text itself is the caller's to show or to mask.
    package var description: String {
        switch self {
        case .notANumber: "a decimal number such as -1234.50"
        case .tooManyDecimals(let allowed): "at most \(allowed) decimal\(allowed == 1 ? "" : "s")"
        case .outOfRange: "an amount within ±10^15 minor units"
        }
    }
}

extension Money {
    /// No amount that is read may be larger.
    package static let largestMinorUnits: Int64 = 1_000_000_000_000_000
    /// Nor may the amounts of a book together, of one currency and without their signs: whatever is added up of them stays within
    /// 64 bits.
    package static let largestSum: Int64 = 4_000_000_000_000_000_000

    /// Reads plain decimal text: an optional sign, digits, and optionally a point with at least one digit after it
    /// (`1234.50`, `-0.07`, `.5`, `+12`). No spaces, grouping or exponent. Zeros beyond the currency's decimals are
    /// taken, since they lose nothing (`3913.000` of a currency with two).
    package init(decimal text: some StringProtocol, currency: Currency) throws(MoneyFault) {
        let number = try DecimalAmount(text)
        guard number.scale <= currency.decimals else {
            throw number.isOutOfRange ? .outOfRange : .tooManyDecimals(allowed: currency.decimals)
        }
        guard let minorUnits = number.shifted(by: currency.decimals), minorUnits.magnitude <= Self.largestMagnitude
        else { throw .outOfRange }
        self.init(minorUnits: minorUnits, currency: currency)
    }

    static let largestMagnitude = UInt64(largestMinorUnits)
}

/// An exact decimal without a currency, such as a policy's minimum amount, which is meant in each account's own
/// currency. Zeros at the end of the decimals are not kept: `20.00` is `20`.
package struct DecimalAmount: Hashable, Sendable, CustomStringConvertible {
    /// The number times 10^scale.
    package let digits: Int64
    /// Decimals, 0 to 18; no more than are needed.
    package let scale: Int

    /// Reads text of the form that `Money(decimal:currency:)` takes.
    /// - Throws: `notANumber`, or `outOfRange` where it does not fit in 18 digits.
    package init(_ text: some StringProtocol) throws(MoneyFault) {
        var magnitude: Int64 = 0
        var scale = 0
        // Zeros after the point wait here until a digit shows that they are needed.
        var waitingZeros = 0
        var isNegative = false
        var seenPoint = false
        var digitsSinceStartOrPoint = 0
        var isOutOfRange = false
        var isFirst = true
        func append(_ digit: Int64) {
            let (tenfold, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            guard !overflow, tenfold <= DecimalAmount.largestDigits - digit else {
                isOutOfRange = true
                return
            }
            magnitude = tenfold + digit
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "-"), UInt8(ascii: "+"):
                guard isFirst else { throw .notANumber }
                isNegative = byte == UInt8(ascii: "-")
            case UInt8(ascii: "."):
                guard !seenPoint else { throw .notANumber }
                seenPoint = true
                digitsSinceStartOrPoint = 0
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digitsSinceStartOrPoint += 1
                let digit = Int64(byte - UInt8(ascii: "0"))
                if !seenPoint {
                    append(digit)
                } else if digit == 0 {
                    waitingZeros += 1
                } else {
                    for _ in 0..<min(waitingZeros, 19) { append(0) }
                    append(digit)
                    scale += waitingZeros + 1
                    waitingZeros = 0
                }
            default:
                throw .notANumber
            }
            isFirst = false
        }
        guard digitsSinceStartOrPoint > 0 else { throw .notANumber }
        guard !isOutOfRange, scale <= 18 else { throw .outOfRange }
        self.digits = isNegative ? -magnitude : magnitude
        self.scale = scale
    }

    private static let largestDigits: Int64 = 999_999_999_999_999_999

    /// More than any amount of money may have before the point, whatever the currency.
    fileprivate var isOutOfRange: Bool {
        var whole = digits.magnitude
        for _ in 0..<scale { whole /= 10 }
        return whole > Money.largestMagnitude
    }

    /// The number times 10^places, rounded away from zero where `places` is less than `scale`; nil: too large.
    fileprivate func shifted(by places: Int) -> Int64? {
        var value = digits
        if places >= scale {
            for _ in scale..<places {
                let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
                guard !overflow else { return nil }
                value = tenfold
            }
        } else {
            var lost = false
            for _ in places..<scale {
                lost = lost || value % 10 != 0
                value /= 10
            }
            if lost { value += digits < 0 ? -1 : 1 }
        }
        return value
    }

    /// This number as an amount of the currency, rounded away from zero where the currency has fewer decimals, and
    /// held within ±`Money.largestMinorUnits`. For limits ("at least this much"), never for what somebody owes.
    package func limit(in currency: Currency) -> Money {
        let most = Money.largestMinorUnits
        let units = shifted(by: currency.decimals) ?? (digits < 0 ? -most : most)
        return Money(minorUnits: max(-most, min(most, units)), currency: currency)
    }

    /// -1, 0 or 1: whether the amount is less than, equal to or more than this number. Exact in every currency.
    package func order(of amount: Money) -> Int {
        let places = max(scale, amount.currency.decimals)
        func wide(_ value: Int64, by shift: Int) -> Int128 {
            var result = Int128(value)
            for _ in 0..<shift { result *= 10 }
            return result
        }
        let left = wide(amount.minorUnits, by: places - amount.currency.decimals)
        let right = wide(digits, by: places - scale)
        return left < right ? -1 : (left == right ? 0 : 1)
    }

    package var description: String {
        let magnitude = String(digits.magnitude)
        let sign = digits < 0 ? "-" : ""
        guard scale > 0 else { return sign + magnitude }
        let padded = String(repeating: "0", count: max(0, scale + 1 - magnitude.count)) + magnitude
        return "\(sign)\(padded.dropLast(scale)).\(padded.suffix(scale))"
    }
}
