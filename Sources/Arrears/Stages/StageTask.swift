// Owns: a task, as planned. Who works on it, and what came of it, is the business of leasing.

/// A task, as planned: who, what, when, and by which rule.
package struct StageTask: Hashable, Sendable {
    package var id: TaskID
    package var run: RunID
    package var caseID: CaseID
    package var customer: CustomerID
    package var portfolio: PortfolioID
    package var stage: Stage
    package var step: String
    /// Lower goes first.
    package var priority: Int
    /// Attempts are allowed from here …
    package var notBefore: Timestamp
    /// … to here, the contact window of the business day.
    package var notAfter: Timestamp
    /// The number by which the person is to be reached, E.164; nil: none, or two where nobody knows which was tried.
    package var endpoint: String?
    /// The stage's content in wire encoding; leasing never looks inside.
    package var content: [UInt8]

    package init(
        id: TaskID, run: RunID, caseID: CaseID, customer: CustomerID, portfolio: PortfolioID, stage: Stage,
        step: String, priority: Int, notBefore: Timestamp, notAfter: Timestamp, endpoint: String? = nil,
        content: [UInt8]
    ) {
        self.id = id
        self.run = run
        self.caseID = caseID
        self.customer = customer
        self.portfolio = portfolio
        self.stage = stage
        self.step = step
        self.priority = priority
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.endpoint = endpoint
        self.content = content
    }
}
