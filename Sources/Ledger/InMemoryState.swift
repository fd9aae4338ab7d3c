// Owns: all that a ledger in memory knows, and how it is taken back. Knows nothing of the verbs.
import Arrears
import Leasing
import LoanBook

/// All that the ledger knows.
final class InMemoryState {
    var runs = Table<RunID, RunRecord>()
    var checkpoints = Table<RunID, [RunStage: Checkpoint]>()
    var rejects = Table<RunID, [RejectKind: Int]>()
    var accounts = Table<RunID, AccountShelf>()
    var cases = Table<RunID, CaseShelf>()
    private(set) var tasks = Table<TaskID, TaskRow>()
    /// Where to look for tasks: most of a run's are settled, and of no interest to the verbs.
    private var tasksByState = Table<TaskState, Set<TaskID>>()
    var leases = Table<LeaseID, LiveLease>()
    private(set) var transitions = Table<TaskID, [TaskTransition]>()
    var history = Table<CaseID, [CaseHistoryEntry]>()
    var customerHistory = Table<CustomerID, [CaseHistoryEntry]>()
    var episodes = Table<CaseID, [Episode]>()
    var books = Table<PortfolioID, PortfolioBook>()
    var eventIDs = Table<String, TaskID>()
    /// In order of arrival.
    var registerEvents = Table<RegisterEvent.Subject, [NumberedEvent]>()
    var registerEventIDs = Table<[String], RegisterEvent>()
    var events = Table<RunID, [CaseEvent]>()

    /// A run's accounts.
    struct AccountShelf {
        var byLine: [Int: StoredAccount] = [:]
        var lines: [CaseID: Int] = [:]
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
        /// Why it is not to be attempted any more.
        var stop: String?
    }

    struct NumberedEvent {
        var number: Int
        var event: RegisterEvent
    }

    /// All changes since the last commit stay.
    func commit() {
        runs.commit()
        checkpoints.commit()
        rejects.commit()
        accounts.commit()
        cases.commit()
        tasks.commit()
        tasksByState.commit()
        leases.commit()
        transitions.commit()
        history.commit()
        customerHistory.commit()
        episodes.commit()
        books.commit()
        eventIDs.commit()
        registerEvents.commit()
        registerEventIDs.commit()
        events.commit()
    }

    /// All changes since the last commit are taken back.
    func rollBack() {
        runs.rollBack()
        checkpoints.rollBack()
        rejects.rollBack()
        accounts.rollBack()
        cases.rollBack()
        tasks.rollBack()
        tasksByState.rollBack()
        leases.rollBack()
        transitions.rollBack()
        history.rollBack()
        customerHistory.rollBack()
        episodes.rollBack()
        books.rollBack()
        eventIDs.rollBack()
        registerEvents.rollBack()
        registerEventIDs.rollBack()
        events.rollBack()
    }

    /// The run, or the error that says which one was named.
    func existingRun(_ id: RunID, _ verb: String) throws -> RunRecord {
        guard let run = runs[id] else {
            throw LedgerError(.notFound, "\(verb): expected a run of this ledger, got \"\(id)\"")
        }
        return run
    }

    /// Adds to the story of a task's case and of its customer.
    func tell(_ entry: CaseHistoryEntry, of task: StageTask) {
        history[task.caseID, default: []].append(entry)
        customerHistory[task.customer, default: []].append(entry)
    }

    /// The tasks that stand in a state, in no order.
    func tasks(_ taskState: TaskState) -> [TaskRow] {
        (tasksByState[taskState] ?? []).map { id in
            guard let row = tasks[id] else { preconditionFailure("task \(id) is \(taskState), and not in the ledger") }
            return row
        }
    }

    /// A task that was not there before.
    func insert(_ record: TaskRecord) {
        precondition(tasks[record.task.id] == nil, "inserting task \(record.task.id) twice")
        put(TaskRow(record: record))
    }

    /// The one way in which a task changes. A lease that has its say is the task's last from then on.
    func change(
        _ id: TaskID, at: Timestamp, note: String, names lease: LeaseKey? = nil, _ body: (inout TaskRow) -> Void
    ) {
        guard var row = tasks[id] else { preconditionFailure("changing task \(id), which is not in the ledger") }
        row.record.changedAt = at
        body(&row)
        let worker = lease.flatMap { leases[$0.id]?.worker }
        if let lease {
            row.record.lease = lease
            row.record.worker = worker
        }
        put(row)
        transitions[id, default: []].append(
            TaskTransition(at: at, task: id, to: row.record.state, lease: lease, worker: worker, note: note))
        guard row.record.state == .ready, let stop = row.stop else { return }
        change(id, at: at, note: stop) { $0.record.state = .withdrawn }
    }

    /// The task is not to be attempted any more, once it can be.
    func mark(_ id: TaskID, stop: String) {
        guard var row = tasks[id] else { preconditionFailure("stopping task \(id), which is not in the ledger") }
        row.stop = stop
        put(row)
    }

    private func put(_ row: TaskRow) {
        let id = row.record.task.id
        let before = tasks[id]?.record.state
        tasks[id] = row
        guard before != row.record.state else { return }
        if let before { tasksByState[before]?.remove(id) }
        tasksByState[row.record.state, default: []].insert(id)
    }
}
