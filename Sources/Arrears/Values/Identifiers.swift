// Owns: the names of things, each a type of its own, so that one is never passed for another.

/// A name that is a string on the outside. Two are the same when their bytes are, as in every store: an é written as one
/// character and one written as two are different names, though Swift holds them for the same text.
package protocol StringIdentifier: Hashable, Comparable, Sendable, Codable, CustomStringConvertible,
    ExpressibleByStringLiteral
{
    var text: String { get }
    init(_ text: String)
}

extension StringIdentifier {
    package init(stringLiteral value: String) { self.init(value) }
    package var description: String { text }
    package static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }
    package static func < (left: Self, right: Self) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

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

/// An account in arrears. An account has one open case at a time, so the case is named as the account is: by its number
/// and, where that alone would not tell, the portfolio before it, such as `cards/1001`.
package struct CaseID: StringIdentifier {
    package let text: String
    package init(_ text: String) { self.text = text }

    /// The number alone in the standard portfolio, else `PORTFOLIO/NUMBER`. The first slash ends the portfolio, so one in
    /// its name is written `%2F`, and `%` is `%25`: no two accounts share a name.
    package init(_ number: AccountID, in portfolio: PortfolioID) {
        guard portfolio != .standard || number.text.utf8.contains(UInt8(ascii: "/")) else {
            text = number.text
            return
        }
        var name = ""
        for character in portfolio.text.unicodeScalars {
            switch character {
            case "%": name += "%25"
            case "/": name += "%2F"
            default: name.unicodeScalars.append(character)
            }
        }
        text = name + "/" + number.text
    }

    /// The portfolio of the account.
    package var portfolio: PortfolioID {
        var name = String.UnicodeScalarView()
        var scalars = text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch scalar {
            case "/": return PortfolioID(String(name))
            case "%":
                _ = scalars.next()
                name.append(scalars.next() == "F" ? "/" : "%")
            default: name.append(scalar)
            }
        }
        return .standard
    }
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
