// Owns: the names of things, each a type of its own, so that one is never passed for another.

/// A name that is a string on the outside.
public protocol StringIdentifier: Hashable, Comparable, Sendable, Codable, CustomStringConvertible,
    ExpressibleByStringLiteral
{
    var text: String { get }
    init(_ text: String)
}

extension StringIdentifier {
    public init(stringLiteral value: String) { self.init(value) }
    public var description: String { text }
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }

    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// One loan, by the lender's own number.
public struct AccountID: StringIdentifier {
    public let text: String
    public init(_ text: String) { self.text = text }
}

/// The person; one customer may have several accounts.
public struct CustomerID: StringIdentifier {
    public let text: String
    public init(_ text: String) { self.text = text }
}

/// An account in arrears, for one episode: `<account>/<first day in arrears>` is not needed while an account has
/// one open case at a time, so it is the account's id.
public struct CaseID: StringIdentifier {
    public let text: String
    public init(_ text: String) { self.text = text }
    public init(_ account: AccountID) { self.text = account.text }
}

/// A lender's book, or a part of it with its own share of the workers.
public struct PortfolioID: StringIdentifier {
    public let text: String
    public init(_ text: String) { self.text = text }
    public static let standard: PortfolioID = "default"
}

/// One business day's pass over a book.
public struct RunID: StringIdentifier {
    public let text: String
    public init(_ text: String) { self.text = text }
}

/// One step due for one case, the unit that is leased, and the idempotency key towards the outside.
public struct TaskID: StringIdentifier {
    public let text: String
    public init(_ text: String) { self.text = text }
}

/// A worker process, by the operator's name for it.
public struct WorkerID: StringIdentifier {
    public let text: String
    public init(_ text: String) { self.text = text }
}

/// The kind of work. More may come.
public enum Stage: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    case sms, callQueue, agency, legal

    public static func < (left: Stage, right: Stage) -> Bool { left.order < right.order }

    private var order: Int {
        switch self {
        case .sms: 0
        case .callQueue: 1
        case .agency: 2
        case .legal: 3
        }
    }

    /// What doing a task of this stage twice would mean.
    public var effect: Effect {
        switch self {
        case .sms: .atMostOnce
        case .callQueue: .idempotent
        case .agency: .atMostOnce
        case .legal: .idempotent
        }
    }
}

/// What doing the same task twice would mean to the outside.
public enum Effect: String, Hashable, Sendable, Codable {
    /// A second attempt would reach a person again: never blindly.
    case atMostOnce
    /// A second attempt overwrites the first: a file under a derived name, an upsert by task id.
    case idempotent
}
