// Owns: what a case is on one day: how late, in which bucket and segment. How that is found stands in Decisions.

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

/// How long one case lasts: from the day on which the account fell overdue to the day on which it is current again,
/// whatever is paid in between.
package struct Episode: Hashable, Sendable, Codable {
    /// The business date on which the account was first found overdue.
    package var opened: CalendarDate
    /// The first day of arrears, as it was known when the case was opened. It stays, though the oldest due date moves with
    /// every instalment that is paid: by it the tasks of the case are told from those of an earlier one.
    package var start: CalendarDate
    /// The business date on which the account was found current again; nil: the case is open.
    package var ended: CalendarDate?

    package init(opened: CalendarDate, start: CalendarDate, ended: CalendarDate? = nil) {
        self.opened = opened
        self.start = start
        self.ended = ended
    }
}

/// An account in arrears on one business day.
package struct OverdueCase: Hashable, Sendable, Codable {
    package var id: CaseID
    package var account: LoanAccount
    package var delinquency: Delinquency
    package var bucket: String
    /// nil in a run that was recognised before episodes were kept.
    package var episode: Episode?

    package init(
        id: CaseID, account: LoanAccount, delinquency: Delinquency, bucket: String, episode: Episode? = nil
    ) {
        self.id = id
        self.account = account
        self.delinquency = delinquency
        self.bucket = bucket
        self.episode = episode
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
