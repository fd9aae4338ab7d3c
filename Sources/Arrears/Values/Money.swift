// Owns: exact money. Knows nothing of files or of how an amount is shown to a person.

/// An ISO 4217 currency: its code and how many decimals its minor unit has.
package struct Currency: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Three upper-case letters, such as `CNY`.
    package let code: String
    /// Decimals of the minor unit: 2 for CNY, 0 for JPY, 3 for KWD.
    package let decimals: Int

    /// The currency with this code, or nil when the code is not one of ISO 4217's.
    package init?(_ code: String) {
        guard let decimals = Currency.decimalsByCode[code] else { return nil }
        self.code = code
        self.decimals = decimals
    }

    package var description: String { code }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let code = try container.decode(String.self)
        guard let currency = Currency(code) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected an ISO 4217 code, got \"\(code)\"")
        }
        self = currency
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
    }
}

/// An exact amount in minor units of one currency. Negative amounts are the customer's credit.
package struct Money: Hashable, Sendable, Codable {
    package var minorUnits: Int64
    package var currency: Currency

    package init(minorUnits: Int64, currency: Currency) {
        self.minorUnits = minorUnits
        self.currency = currency
    }

    package static func zero(_ currency: Currency) -> Money { Money(minorUnits: 0, currency: currency) }

    package var isPositive: Bool { minorUnits > 0 }

    /// The sum. Both sides must have one currency; adding two is a bug of ours, as is leaving 64 bits: amounts that come in are
    /// at most `largestMinorUnits`, and those of one account, or of one book, are added up before they are believed.
    package static func + (left: Money, right: Money) -> Money {
        precondition(left.currency == right.currency, "adding \(left.currency) and \(right.currency)")
        return Money(minorUnits: left.minorUnits + right.minorUnits, currency: left.currency)
    }

    package static func - (left: Money, right: Money) -> Money {
        precondition(left.currency == right.currency, "subtracting \(right.currency) from \(left.currency)")
        return Money(minorUnits: left.minorUnits - right.minorUnits, currency: left.currency)
    }

    /// Plain decimal without grouping: `1234.50`, `-0.07`, `500` for a currency without decimals.
    package var decimal: String {
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
    package var description: String { "\(decimal) \(currency.code)" }
}
