// Owns: the contract in plain values, for tests and for the simulation of a coordinator. Knows nothing of disks:
// what it holds is gone with the process.
import Arrears
import Leasing
import LoanBook

/// A ledger that lives as long as the object. One thread at a time.
public final class InMemoryLedger: Ledger, InMemoryReading {
    var state = InMemoryState()

    public init() {}

    public func transaction<Result>(_ body: (any LedgerTransaction) throws -> Result) throws -> Result {
        let transaction = InMemoryTransaction(state)
        let result = try body(transaction)
        state = transaction.state
        return result
    }
}

/// The changes of one transaction, on a copy of the state that is kept only when the body returns.
final class InMemoryTransaction: LedgerTransaction, InMemoryReading {
    var state: InMemoryState

    init(_ state: InMemoryState) { self.state = state }
}

/// All that the ledger knows.
struct InMemoryState {
    var runs: [RunID: RunRecord] = [:]
    var checkpoints: [RunID: [RunStage: Checkpoint]] = [:]
    var rejects: [RunID: [RejectKind: Int]] = [:]
    var accounts: [RunID: AccountShelf] = [:]
    var cases: [RunID: CaseShelf] = [:]
    var tasks: [TaskID: TaskRow] = [:]
    var leases: [LeaseID: LiveLease] = [:]
    var transitions: [TaskID: [TaskTransition]] = [:]
    var history: [CaseID: [CaseHistoryEntry]] = [:]
    var eventIDs: Set<String> = []
    var events: [RunID: [CaseEvent]] = [:]

    /// A run's accounts.
    struct AccountShelf {
        var byLine: [Int: StoredAccount] = [:]
        var lines: [AccountID: Int] = [:]
        var marks: [Int: RecognitionMark] = [:]
    }

    /// A run's cases.
    struct CaseShelf {
        var byLine: [Int: CaseRecord] = [:]
        var lines: [CaseID: Int] = [:]
        var planDetails: [CaseID: String] = [:]
    }

    /// A task, and what leasing remembers beside its record.
    struct TaskRow {
        var record: TaskRecord
        var mode = TaskMode.attempt
        /// The lease under which it was last to be attempted.
        var attempt: LeaseKey?
        /// How often the outside was asked since the last attempt.
        var inquiries = 0
    }

    /// The run, or the error that says which one was named.
    func existingRun(_ id: RunID, _ verb: String) throws -> RunRecord {
        guard let run = runs[id] else {
            throw LedgerError(.notFound, "\(verb): expected a run of this ledger, got \"\(id)\"")
        }
        return run
    }

    /// The one way in which a task changes.
    mutating func change(
        _ id: TaskID, at: Timestamp, note: String, names lease: LeaseKey? = nil, _ body: (inout TaskRow) -> Void
    ) {
        guard var row = tasks[id] else { preconditionFailure("changing task \(id), which is not in the ledger") }
        body(&row)
        row.record.changedAt = at
        tasks[id] = row
        let worker = lease.flatMap { leases[$0.id]?.worker }
        transitions[id, default: []].append(
            TaskTransition(at: at, task: id, to: row.record.state, lease: lease, worker: worker, note: note))
    }
}
