// Owns: the names of things, each a type of its own, so that one is never passed for another.

/// A name that is a string on the outside.
package protocol StringIdentifier: Hashable, Comparable, Sendable, Codable, CustomStringConvertible,
    ExpressibleByStringLiteral
{
    var text: String { get }
    init(_ text: String)
}

extension StringIdentifier {
    package init(stringLiteral value: String) { self.init(value) }
    package var description: String { text }
    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// One loan, by the lender's own number.
package struct AccountID: StringIdentifier {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// The person; one customer may have several accounts.
package struct CustomerID: StringIdentifier {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// An account in arrears, for one episode: `<account>/<first day in arrears>` is not needed while an account has
/// one open case at a time, so it is the account's id.
package struct CaseID: StringIdentifier {
    package let text: String
    package init(_ text: String) { self.text = text }
    package init(_ account: AccountID) { self.text = account.text }
}

/// A lender's book, or a part of it with its own share of the workers.
package struct PortfolioID: StringIdentifier {
    package let text: String
    package init(_ text: String) { self.text = text }
    package static let standard: PortfolioID = "default"
}

/// One business day's pass over a book.
package struct RunID: StringIdentifier {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// One step due for one case, the unit that is leased, and the idempotency key towards the outside.
package struct TaskID: StringIdentifier {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// A worker process, by the operator's name for it.
package struct WorkerID: StringIdentifier {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// What doing the same task twice would mean to the outside.
package enum Effect: String, Hashable, Sendable, Codable {
    /// A second attempt would reach a person again: never blindly.
    case atMostOnce
    /// A second attempt overwrites the first: a file under a derived name, an upsert by task id.
    case idempotent
}
