// Owns: what came of a task. Knows nothing of who asked.

/// Whether the world was touched.
package enum Attempt: String, Hashable, Sendable, Codable {
    case made
    /// Proved that nothing was done: refused by a gate, invalid content.
    case notMade
    /// Answer to an inquiry: the outside never saw this task id.
    case neverSeen
    /// Answer to an inquiry: the outside cannot tell.
    case unknown
}

/// What came of a task, as a closed list; each stage's descriptor says which it uses, and what
/// they mean.
package enum OutcomeCode: String, Hashable, Sendable, Codable, CaseIterable {
    // sms
    /// The receipt says that the handset has it.
    case delivered
    /// The receipt says that it did not arrive.
    case undelivered
    /// Sent, and no final receipt came in time.
    case sentUnconfirmed
    /// The gateway refused the message: number not in service, blocked, opted out there.
    case rejectedByGateway

    // callQueue
    case noAnswer, busy, wrongNumber, rightParty, promiseToPay, refusesToPay, disputes, callBack
    /// The item was queued, and no disposition came before the queue closed.
    case queuedUnanswered
    /// The dialer refused the item.
    case rejectedByDialer

    // agency
    /// Placed and acknowledged.
    case placed
    /// Placed; the agency has not answered yet.
    case placedUnacknowledged
    case rejectedByAgency
    /// The agency spoke with the debtor.
    case agencyContact
    /// The agency collected a payment.
    case agencyPayment
    /// The agency gave the case back.
    case agencyReturn

    // legal
    case evidencePrepared
    /// A gate said no; the detail says which.
    case refusedByGate

    // any stage
    /// The content could not be used: no such template, a placeholder without a value.
    case invalidContent
    /// The contact window closed before an attempt was made.
    case windowClosed
    /// The outside saw it, and what came of it is not known.
    case madeResultUnknown
}

/// What came of one task.
package struct Outcome: Hashable, Sendable, Codable {
    package var task: TaskID
    package var attempt: Attempt
    package var code: OutcomeCode
    /// Where the proof is: a gateway's message id, a file's name and digest.
    package var evidence: String
    /// Promised, paid or placed.
    package var amount: Money?
    /// The day promised.
    package var date: CalendarDate?
    /// RFC 3339, when to call back.
    package var callBackAt: String?
    /// Such as encoding, units and segments of a message; no personal data.
    package var details: [String: String]

    package init(
        task: TaskID, attempt: Attempt, code: OutcomeCode, evidence: String = "", amount: Money? = nil,
        date: CalendarDate? = nil, callBackAt: String? = nil, details: [String: String] = [:]
    ) {
        self.task = task
        self.attempt = attempt
        self.code = code
        self.evidence = evidence
        self.amount = amount
        self.date = date
        self.callBackAt = callBackAt
        self.details = details
    }
}

/// News about a task that was settled before, such as a line of an agency's later result file.
package struct CaseEvent: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable { case contact, payment, `return` }

    /// Unique for ever: the source's name and row. Taken once.
    package var id: String
    package var task: TaskID
    package var kind: Kind
    package var amount: Money?
    package var date: CalendarDate?
    package var detail: String

    package init(
        id: String, task: TaskID, kind: Kind, amount: Money? = nil, date: CalendarDate? = nil, detail: String = ""
    ) {
        self.id = id
        self.task = task
        self.kind = kind
        self.amount = amount
        self.date = date
        self.detail = detail
    }
}
