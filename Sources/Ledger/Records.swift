// Owns: the rows of the ledger as values. Knows nothing of how a store keeps them.
import Arrears
import Leasing

/// The seven stages of a run, in order.
package enum RunStage: String, Hashable, Sendable, Codable, CaseIterable {
    case ingest, recognise, segment, plan, dispatch, reconcile, report

    /// The stage after this one; nil: the run is finished.
    package var next: RunStage? {
        RunStage.allCases.drop { $0 != self }.dropFirst().first
    }
}

/// One business day's pass over a book, and all that it needs to be resumed.
package struct RunRecord: Hashable, Sendable, Codable {
    package var id: RunID
    package var asOf: CalendarDate
    /// Paths, digests, column map, policy text and options, as the run was started with, in JSON.
    package var order: String
    package var isFinished: Bool
    package var startedAt: Timestamp
    package var finishedAt: Timestamp?
    package init(
        id: RunID, asOf: CalendarDate, order: String, isFinished: Bool = false, startedAt: Timestamp,
        finishedAt: Timestamp? = nil
    ) {
        self.id = id
        self.asOf = asOf
        self.order = order
        self.isFinished = isFinished
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}

/// How far a stage of a run is. The row of a stage is replaced as it advances.
package struct Checkpoint: Hashable, Sendable, Codable {
    package var stage: RunStage
    /// Where the stage goes on: its own notation (a byte offset, the last id done).
    package var cursor: String
    /// Items done so far.
    package var done: Int
    /// Items in all, where it is known.
    package var total: Int?
    package var isComplete: Bool
    package var startedAt: Timestamp
    package var updatedAt: Timestamp
    package init(
        stage: RunStage, cursor: String = "", done: Int = 0, total: Int? = nil, isComplete: Bool = false,
        startedAt: Timestamp, updatedAt: Timestamp
    ) {
        self.stage = stage
        self.cursor = cursor
        self.done = done
        self.total = total
        self.isComplete = isComplete
        self.startedAt = startedAt
        self.updatedAt = updatedAt
    }
}

/// An account as it was read, with the line of the book that it stands in.
package struct StoredAccount: Hashable, Sendable {
    package var line: Int
    package var account: LoanAccount
    package init(line: Int, account: LoanAccount) {
        self.line = line
        self.account = account
    }
}

/// What recognition said of an account, beside the overdue cases.
package enum RecognitionMark: String, Hashable, Sendable, Codable {
    case current, overdue
}

/// A case of a run with all that was decided on it so far.
package struct CaseRecord: Hashable, Sendable {
    package var line: Int
    package var overdue: OverdueCase
    package var match: SegmentMatch?
    /// Set when the plan stage found no task.
    package var reason: NoTaskReason?
    package var reasonDetail: String
    /// Set when it found one.
    package var task: TaskID?
    package init(
        line: Int, overdue: OverdueCase, match: SegmentMatch? = nil, reason: NoTaskReason? = nil,
        reasonDetail: String = "", task: TaskID? = nil
    ) {
        self.line = line
        self.overdue = overdue
        self.match = match
        self.reason = reason
        self.reasonDetail = reasonDetail
        self.task = task
    }
}

/// What the plan stage decided for one case, ready to be stored.
package struct PlannedCase: Hashable, Sendable {
    package enum Decision: Hashable, Sendable {
        case task(StageTask)
        case none(NoTaskReason, detail: String)
    }
    package var caseID: CaseID
    package var decision: Decision
    /// The step and why it is due, or the rule that denied it; for `recoup explain`.
    package var detail: String
    package init(caseID: CaseID, decision: Decision, detail: String) {
        self.caseID = caseID
        self.decision = decision
        self.detail = detail
    }
}

/// A grant, as it is made durable before it is sent.
package struct Grant: Hashable, Sendable {
    package var lease: LeaseKey
    package var worker: WorkerID
    package var incarnation: UInt64
    package var stage: Stage
    /// Tasks in all, at most.
    package var limit: Int
    /// Tasks of each portfolio that were never leased before, at most.
    package var shares: [PortfolioID: Int]
    /// Business time: only tasks whose contact window is open.
    package var now: Timestamp
    package init(
        lease: LeaseKey, worker: WorkerID, incarnation: UInt64, stage: Stage, limit: Int,
        shares: [PortfolioID: Int], now: Timestamp
    ) {
        self.lease = lease
        self.worker = worker
        self.incarnation = incarnation
        self.stage = stage
        self.limit = limit
        self.shares = shares
        self.now = now
    }
}

/// A lease that had not ended when the ledger was last written.
package struct LiveLease: Hashable, Sendable {
    package var lease: LeaseKey
    package var worker: WorkerID
    package var incarnation: UInt64
    package var stage: Stage
    package init(lease: LeaseKey, worker: WorkerID, incarnation: UInt64, stage: Stage) {
        self.lease = lease
        self.worker = worker
        self.incarnation = incarnation
        self.stage = stage
    }
}

/// A task with its whole state, for status, explain, reconciliation and the tests.
package struct TaskRecord: Hashable, Sendable {
    package var task: StageTask
    package var state: TaskState
    /// The lease that holds it, or held it last.
    package var lease: LeaseKey?
    package var worker: WorkerID?
    package var deliveries: Int
    package var outcome: Outcome?
    /// When it last changed, business time.
    package var changedAt: Timestamp
    package init(
        task: StageTask, state: TaskState, lease: LeaseKey?, worker: WorkerID?, deliveries: Int,
        outcome: Outcome?, changedAt: Timestamp
    ) {
        self.task = task
        self.state = state
        self.lease = lease
        self.worker = worker
        self.deliveries = deliveries
        self.outcome = outcome
        self.changedAt = changedAt
    }
}

/// A person's decision on an uncertain task: who, why, and the task's last lease when they looked. A task that was leased
/// again since is another matter, and the decision does not count for it.
package struct ByHand: Hashable, Sendable {
    package var person: String
    package var reason: String
    package var lease: LeaseKey
    package init(person: String, reason: String, lease: LeaseKey) {
        self.person = person
        self.reason = reason
        self.lease = lease
    }
}

/// One change of a task's state, kept for ever, so that a case's story can be told.
package struct TaskTransition: Hashable, Sendable {
    package var at: Timestamp
    package var task: TaskID
    package var to: TaskState
    package var lease: LeaseKey?
    package var worker: WorkerID?
    package var note: String
    package init(
        at: Timestamp, task: TaskID, to: TaskState, lease: LeaseKey?, worker: WorkerID?, note: String
    ) {
        self.at = at
        self.task = task
        self.to = to
        self.lease = lease
        self.worker = worker
        self.note = note
    }
}

/// One cell of the report's cube: what became of the accounts that share these words.
package struct ReportCell: Hashable, Sendable {
    /// Empty for accounts that are no case.
    package var bucket: String
    package var segment: String
    /// nil where there is no task.
    package var stage: Stage?
    /// An outcome code, a reason, or a state for tasks that are not done (`uncertain`, `ready`, …).
    package var result: String
    package enum Kind: String, Hashable, Sendable, Codable { case notACase, reason, outcome, open }
    package var kind: Kind
    package var currency: Currency
    package var accounts: Int
    package var arrearsMinorUnits: Int64
    package var balanceMinorUnits: Int64
    /// Promised or paid, from the outcomes.
    package var outcomeMinorUnits: Int64
    package init(
        bucket: String, segment: String, stage: Stage?, result: String, kind: Kind, currency: Currency,
        accounts: Int, arrearsMinorUnits: Int64, balanceMinorUnits: Int64, outcomeMinorUnits: Int64
    ) {
        self.bucket = bucket
        self.segment = segment
        self.stage = stage
        self.result = result
        self.kind = kind
        self.currency = currency
        self.accounts = accounts
        self.arrearsMinorUnits = arrearsMinorUnits
        self.balanceMinorUnits = balanceMinorUnits
        self.outcomeMinorUnits = outcomeMinorUnits
    }
}

/// How many tasks of a stage stand where.
package struct TaskCount: Hashable, Sendable {
    package var stage: Stage
    package var state: TaskState
    package var count: Int
    package init(stage: Stage, state: TaskState, count: Int) {
        self.stage = stage
        self.state = state
        self.count = count
    }
}

/// A book that a portfolio's accounts stood in.
package struct PortfolioBook: Hashable, Sendable {
    package var run: RunID
    package var asOf: CalendarDate

    package init(run: RunID, asOf: CalendarDate) {
        self.run = run
        self.asOf = asOf
    }
}
