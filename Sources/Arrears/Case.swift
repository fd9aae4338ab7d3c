// Owns: what a case is, day by day, and what became of it. The decisions on it stand in Delinquency, Segmentation,
// Treatment and Conduct.

/// How late an account is, and how that was found.
package struct Delinquency: Hashable, Sendable, Codable {
    /// Days past due; 0 or less is current.
    package var dpd: Int
    /// Whole billing cycles past due, where the book or the DPD tells.
    package var cycles: Int
    /// What is overdue.
    package var arrears: Money
    /// The oldest due date with something unpaid, where it is known.
    package var oldestUnpaidDueDate: CalendarDate?
    /// The computation, a line per step, for `recoup explain`.
    package var working: [String]

    package init(
        dpd: Int, cycles: Int, arrears: Money, oldestUnpaidDueDate: CalendarDate?, working: [String]
    ) {
        self.dpd = dpd
        self.cycles = cycles
        self.arrears = arrears
        self.oldestUnpaidDueDate = oldestUnpaidDueDate
        self.working = working
    }
}

/// What recognition says of one account.
package enum Recognition: Hashable, Sendable {
    /// Nothing is past due.
    case current(Delinquency)
    /// Late by the file's own account, but nothing is owed (credit balance or zero bill): nobody is contacted.
    case nothingOwed(Delinquency)
    case overdue(Delinquency)
}

/// A named DPD range. Labels are configuration: vendors disagree on what M1 means.
package struct Bucket: Hashable, Sendable, Codable {
    package var name: String
    package var from: Int
    /// The last DPD of the bucket; nil: no end.
    package var through: Int?

    package func contains(_ dpd: Int) -> Bool { dpd >= from && (through.map { dpd <= $0 } ?? true) }
}

/// An account in arrears on one business day.
package struct OverdueCase: Hashable, Sendable, Codable {
    package var id: CaseID
    package var account: LoanAccount
    package var delinquency: Delinquency
    package var bucket: String

    package init(id: CaseID, account: LoanAccount, delinquency: Delinquency, bucket: String) {
        self.id = id
        self.account = account
        self.delinquency = delinquency
        self.bucket = bucket
    }

    /// Late by the book, but with a credit balance or a zero bill: recognised, and left alone.
    package var owesNothing: Bool { !account.balance.isPositive || !delinquency.arrears.isPositive }
}

/// The segment that a case is in, and the rule that put it there.
package struct SegmentMatch: Hashable, Sendable, Codable {
    package var segment: String
    /// The rule's name, or `default`.
    package var rule: String

    package init(segment: String, rule: String) {
        self.segment = segment
        self.rule = rule
    }
}

/// One thing that happened to a case on an earlier day or in this run.
package struct CaseHistoryEntry: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable {
        case contact, notice, placement, payment, promise, `return`, legal
    }

    package var date: CalendarDate
    package var kind: Kind
    package var stage: Stage
    /// The treatment step that it came from.
    package var step: String
    package var outcome: OutcomeCode
    /// Promised or paid.
    package var amount: Money?
    /// The day promised, or the day to call back.
    package var due: CalendarDate?
    package var evidence: String

    package init(
        date: CalendarDate, kind: Kind, stage: Stage, step: String, outcome: OutcomeCode, amount: Money? = nil,
        due: CalendarDate? = nil, evidence: String = ""
    ) {
        self.date = date
        self.kind = kind
        self.stage = stage
        self.step = step
        self.outcome = outcome
        self.amount = amount
        self.due = due
        self.evidence = evidence
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
}

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
    /// The stage's content in wire encoding; leasing never looks inside.
    package var content: [UInt8]

    package init(
        id: TaskID, run: RunID, caseID: CaseID, customer: CustomerID, portfolio: PortfolioID, stage: Stage,
        step: String, priority: Int, notBefore: Timestamp, notAfter: Timestamp, content: [UInt8]
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
        self.content = content
    }
}
