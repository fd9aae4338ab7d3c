// Owns: what happened to a case, entry by entry. What follows from it stands in Decisions.

/// One thing that happened to a case on an earlier day or in this run.
package struct CaseHistoryEntry: Hashable, Sendable, Codable {
    package var date: CalendarDate
    package var kind: HistoryKind
    package var stage: Stage
    /// The treatment step that it came from.
    package var step: String
    package var outcome: OutcomeCode
    /// Promised or paid.
    package var amount: Money?
    /// The day promised, or the day to call back.
    package var due: CalendarDate?
    package var evidence: String
    /// The number by which the person was to be reached, E.164; nil: none, or from before numbers were kept.
    package var endpoint: String?
    /// What was learnt of that number.
    package var endpointFact: EndpointFact?

    package init(
        date: CalendarDate, kind: HistoryKind, stage: Stage, step: String, outcome: OutcomeCode, amount: Money? = nil,
        due: CalendarDate? = nil, evidence: String = "", endpoint: String? = nil, endpointFact: EndpointFact? = nil
    ) {
        self.date = date
        self.kind = kind
        self.stage = stage
        self.step = step
        self.outcome = outcome
        self.amount = amount
        self.due = due
        self.evidence = evidence
        self.endpoint = endpoint
        self.endpointFact = endpointFact
    }
}
