// Owns: what the plan stage asks of a policy for one case, and what it is answered.

/// All that the decision for one case depends on.
package struct PlanInput: Hashable, Sendable {
    package var overdue: OverdueCase
    package var match: SegmentMatch
    /// Everything that ever happened to the case, oldest first. Entries of today belong to runs that have ended.
    package var history: [CaseHistoryEntry]
    /// The same of all cases of the customer, this one among them.
    package var personHistory: [CaseHistoryEntry]
    /// What was told between books of the customer and of this account.
    package var events: [RegisterEvent]
    package var asOf: CalendarDate
    /// Contacts (`StageDescriptor.isContact`) of this customer on this business day, made or already planned for any
    /// of the customer's accounts.
    package var contactsToday: Int
    /// IANA zone of people of whom none is known; nil: the policy's.
    package var defaultTimeZone: String?

    package init(
        overdue: OverdueCase, match: SegmentMatch, history: [CaseHistoryEntry], personHistory: [CaseHistoryEntry],
        events: [RegisterEvent] = [], asOf: CalendarDate, contactsToday: Int, defaultTimeZone: String? = nil
    ) {
        self.overdue = overdue
        self.match = match
        self.history = history
        self.personHistory = personHistory
        self.events = events
        self.asOf = asOf
        self.contactsToday = contactsToday
        self.defaultTimeZone = defaultTimeZone
    }
}

/// What the plan stage decides for a case: the step due today, or why there is none.
package enum PlanDecision: Hashable, Sendable {
    case step(DueStep)
    case none(NoTaskReason, detail: String)
}

/// Why a case has no task today. Closed: each has its line in the report.
package enum NoTaskReason: String, Hashable, Sendable, Codable, CaseIterable {
    /// The file says late, but nothing is owed.
    case nothingOwed
    /// Nothing is past due: the account is no case.
    case current
    /// An event told that the account is settled, sold or written off.
    case accountClosed
    /// An event told of money that the book has not: what is owed is not known today.
    case paidSinceBook
    /// The ladder's next step is not due yet.
    case noStepDue
    /// A promise to pay is open.
    case promiseOpen
    case ladderEnded
    case noContactPoint
    case hold
    /// A conduct rule denies it today.
    case conduct
    /// Another account of the same customer is contacted today.
    case customerContactedToday
    /// The legal gates cannot be passed yet (limitation, documents, balance).
    case legalGate
    /// No treatment for the segment.
    case noTreatment
    /// What the step's worker needs to know of the case is more than a message may hold.
    case contentTooLarge
}
