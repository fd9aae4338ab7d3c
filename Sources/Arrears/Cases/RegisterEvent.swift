// Owns: what somebody outside tells between two books: a hold, a payment, an account that is closed, a contact, a number.
// What follows from it stands in Treatment.

/// What a system or a person of the lender tells about a person, an account or a number. Never edited: a later event may
/// revoke it.
package struct RegisterEvent: Hashable, Sendable, Codable {
    /// Whom or what it is about.
    package enum Subject: Hashable, Sendable, Codable {
        case account(CaseID)
        /// All accounts of the person.
        case customer(CustomerID)
    }

    /// What it tells.
    package enum Fact: Hashable, Sendable, Codable {
        /// Nobody acts, up to and with `until`; nil: until it is revoked.
        case hold(Hold.Kind, until: CalendarDate?)
        /// Money came.
        case payment(Money)
        /// Nothing is to be collected any more.
        case closed(Closing)
        /// Somebody else reached the person, or tried to.
        case contact
        /// What was learnt of a number, E.164.
        case number(String, EndpointFact)
        /// The event of this id, of the same source, counts no more.
        case revoke(String)
    }

    /// How an account came to its end.
    package enum Closing: String, Hashable, Sendable, Codable, CaseIterable {
        case settled, sold, writtenOff
    }

    /// Which system says it, such as `core-banking`.
    package var source: String
    /// Unique in its source: the same twice is one event.
    package var id: String
    package var subject: Subject
    /// The day of which it tells, and from which it counts.
    package var date: CalendarDate
    package var fact: Fact
    /// For people; no personal data.
    package var why: String

    package init(
        source: String, id: String, subject: Subject, date: CalendarDate, fact: Fact, why: String = ""
    ) {
        self.source = source
        self.id = id
        self.subject = subject
        self.date = date
        self.fact = fact
        self.why = why
    }

    /// What it tells, in a few words, without personal data.
    package var words: String {
        switch fact {
        case .hold(let kind, let until):
            "hold \(kind.rawValue) from \(date)" + (until.map { " until \($0)" } ?? " until it is revoked")
        case .payment(let amount): "payment of \(amount) on \(date)"
        case .closed(let closing): "\(closing.rawValue) on \(date)"
        case .contact: "contact by somebody else on \(date)"
        case .number(let number, let fact): "\(masked(phone: number)) \(fact.words) on \(date)"
        case .revoke(let event): "event \(event) revoked on \(date)"
        }
    }
}

extension [RegisterEvent] {
    /// Those that count on a day: told of that day or an earlier one, and not revoked.
    package func inForce(on date: CalendarDate) -> [RegisterEvent] {
        let told = filter { $0.date <= date }
        let revoked = Set(
            told.compactMap { event -> [String]? in
                if case .revoke(let id) = event.fact { [event.source, id] } else { nil }
            })
        return told.filter { !revoked.contains([$0.source, $0.id]) }
    }

    /// How often somebody else contacted the person on a day.
    package func contacts(on date: CalendarDate) -> Int {
        inForce(on: date).count { $0.fact == .contact && $0.date == date }
    }
}
