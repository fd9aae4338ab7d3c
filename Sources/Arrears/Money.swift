// Owns: exact money. Knows nothing of files or of how an amount is shown to a person.

/// An ISO 4217 currency: its code and how many decimals its minor unit has.
public struct Currency: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Three upper-case letters, such as `CNY`.
    public let code: String
    /// Decimals of the minor unit: 2 for CNY, 0 for JPY, 3 for KWD.
    public let decimals: Int

    /// The currency with this code, or nil when the code is not one of ISO 4217's.
    public init?(_ code: String) {
        guard let decimals = Currency.decimalsByCode[code] else { return nil }
        self.code = code
        self.decimals = decimals
    }

    public var description: String { code }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let code = try container.decode(String.self)
        guard let currency = Currency(code) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected an ISO 4217 code, got \"\(code)\"")
        }
        self = currency
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
    }
}

/// An exact amount in minor units of one currency. Negative amounts are the customer's credit.
public struct Money: Hashable, Sendable, Codable {
    public var minorUnits: Int64
    public var currency: Currency

    public init(minorUnits: Int64, currency: Currency) {
        self.minorUnits = minorUnits
        self.currency = currency
    }

    public static func zero(_ currency: Currency) -> Money { Money(minorUnits: 0, currency: currency) }

    public var isPositive: Bool { minorUnits > 0 }

    /// The sum. Both sides must have one currency; adding two is a bug of ours, as is leaving 64 bits.
    public static func + (left: Money, right: Money) -> Money {
        precondition(left.currency == right.currency, "adding \(left.currency) and \(right.currency)")
        return Money(minorUnits: left.minorUnits + right.minorUnits, currency: left.currency)
    }

    public static func - (left: Money, right: Money) -> Money {
        precondition(left.currency == right.currency, "subtracting \(right.currency) from \(left.currency)")
        return Money(minorUnits: left.minorUnits - right.minorUnits, currency: left.currency)
    }

    /// Plain decimal without grouping: `1234.50`, `-0.07`, `500` for a currency without decimals.
    public var decimal: String {
        var scale: UInt64 = 1
        for _ in 0..<currency.decimals { scale *= 10 }
        let magnitude = minorUnits.magnitude
        let sign = minorUnits < 0 ? "-" : ""
        guard currency.decimals > 0 else { return sign + String(magnitude) }
        let fraction = String(magnitude % scale)
        let zeros = String(repeating: "0", count: currency.decimals - fraction.count)
        return "\(sign)\(magnitude / scale).\(zeros)\(fraction)"
    }
}

extension Money: CustomStringConvertible {
    public var description: String { "\(decimal) \(currency.code)" }
}
