// Owns: the rows of the ledger as values. Knows nothing of how a store keeps them.
import Arrears
import Leasing
import LoanBook

/// The seven stages of a run, in order.
public enum RunStage: String, Hashable, Sendable, Codable, CaseIterable {
    case ingest, recognise, segment, plan, dispatch, reconcile, report
}

/// One business day's pass over a book, and all that it needs to be resumed.
public struct RunRecord: Hashable, Sendable, Codable {
    public var id: RunID
    public var asOf: CalendarDate
    /// Paths, digests, column map, policy text and options, as the run was started with, in JSON.
    public var order: String
    public var isFinished: Bool
    public var startedAt: Timestamp
    public var finishedAt: Timestamp?
    public init(
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
public struct Checkpoint: Hashable, Sendable, Codable {
    public var stage: RunStage
    /// Where the stage goes on: its own notation (a byte offset, the last id done).
    public var cursor: String
    /// Items done so far.
    public var done: Int
    /// Items in all, where it is known.
    public var total: Int?
    public var isComplete: Bool
    public var startedAt: Timestamp
    public var updatedAt: Timestamp
    public init(
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
public struct StoredAccount: Hashable, Sendable {
    public var line: Int
    public var account: LoanAccount
    public init(line: Int, account: LoanAccount) {
        self.line = line
        self.account = account
    }
}

/// What recognition said of an account, beside the overdue cases.
public enum RecognitionMark: String, Hashable, Sendable, Codable {
    case current, overdue
}

/// A case of a run with all that was decided on it so far.
public struct CaseRecord: Hashable, Sendable {
    public var line: Int
    public var overdue: OverdueCase
    public var match: SegmentMatch?
    /// Set when the plan stage found no task.
    public var reason: NoTaskReason?
    public var reasonDetail: String
    /// Set when it found one.
    public var task: TaskID?
    public init(
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
public struct PlannedCase: Hashable, Sendable {
    public enum Decision: Hashable, Sendable {
        case task(StageTask)
        case none(NoTaskReason, detail: String)
    }
    public var caseID: CaseID
    public var decision: Decision
    /// The step and why it is due, or the rule that denied it; for `recoup explain`.
    public var detail: String
    public init(caseID: CaseID, decision: Decision, detail: String) {
        self.caseID = caseID
        self.decision = decision
        self.detail = detail
    }
}

/// A grant, as it is made durable before it is sent.
public struct Grant: Hashable, Sendable {
    public var lease: LeaseKey
    public var worker: WorkerID
    public var incarnation: UInt64
    public var stage: Stage
    /// Tasks in all, at most.
    public var limit: Int
    /// Tasks of each portfolio that were never leased before, at most.
    public var shares: [PortfolioID: Int]
    /// Business time: only tasks whose contact window is open.
    public var now: Timestamp
    public init(
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
public struct LiveLease: Hashable, Sendable {
    public var lease: LeaseKey
    public var worker: WorkerID
    public var incarnation: UInt64
    public var stage: Stage
    public init(lease: LeaseKey, worker: WorkerID, incarnation: UInt64, stage: Stage) {
        self.lease = lease
        self.worker = worker
        self.incarnation = incarnation
        self.stage = stage
    }
}

/// A task with its whole state, for status, explain, reconciliation and the tests.
public struct TaskRecord: Hashable, Sendable {
    public var task: StageTask
    public var state: TaskState
    /// The lease that holds it, or held it last.
    public var lease: LeaseKey?
    public var worker: WorkerID?
    public var deliveries: Int
    public var outcome: Outcome?
    /// When it last changed, business time.
    public var changedAt: Timestamp
    public init(
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
public struct ByHand: Hashable, Sendable {
    public var person: String
    public var reason: String
    public var lease: LeaseKey
    public init(person: String, reason: String, lease: LeaseKey) {
        self.person = person
        self.reason = reason
        self.lease = lease
    }
}

/// One change of a task's state, kept for ever, so that a case's story can be told.
public struct TaskTransition: Hashable, Sendable {
    public var at: Timestamp
    public var task: TaskID
    public var to: TaskState
    public var lease: LeaseKey?
    public var worker: WorkerID?
    public var note: String
    public init(
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
public struct ReportCell: Hashable, Sendable {
    /// Empty for accounts that are no case.
    public var bucket: String
    public var segment: String
    /// nil where there is no task.
    public var stage: Stage?
    /// An outcome code, a reason, or a state for tasks that are not done (`uncertain`, `ready`, …).
    public var result: String
    public enum Kind: String, Hashable, Sendable, Codable { case notACase, reason, outcome, open }
    public var kind: Kind
    public var currency: Currency
    public var accounts: Int
    public var arrearsMinorUnits: Int64
    public var balanceMinorUnits: Int64
    /// Promised or paid, from the outcomes.
    public var outcomeMinorUnits: Int64
    public init(
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
public struct TaskCount: Hashable, Sendable {
    public var stage: Stage
    public var state: TaskState
    public var count: Int
    public init(stage: Stage, state: TaskState, count: Int) {
        self.stage = stage
        self.state = state
        self.count = count
    }
}
