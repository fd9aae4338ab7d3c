// Owns: the store's contract. One suite of tests runs against every store; nothing here is SQLite's habit.
import Arrears
import Leasing
import LoanBook

/// What can go wrong with a store.
package struct LedgerError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// Another process owns it.
        case locked
        case notFound
        /// Written by a newer version, or no ledger at all.
        case schema
        /// What was asked for at opening was not granted, such as full durability.
        case durability
        case corrupt
        case full
        case inputOutput
    }
    package var code: Code
    /// Where, "expected X, got Y".
    package var message: String
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
    package var description: String { message }
}

/// The durable store of runs, cases, tasks and leases. One thread of one process owns it.
package protocol Ledger: AnyObject {
    /// Applies all of `body` or nothing. When it returns, the changes survive a power cut.
    func transaction<Result>(_ body: (any LedgerTransaction) throws -> Result) throws -> Result
    /// Lets go of it in order, so that the next one to open it finds nothing to repair; afterwards nothing may be called.
    func close() throws
}

/// Questions that any process may ask, without changing or checkpointing anything.
package protocol LedgerReading {
    func run(_ id: RunID) throws -> RunRecord?
    /// The latest first.
    func runs() throws -> [RunRecord]
    func unfinishedRun() throws -> RunRecord?
    func checkpoints(of run: RunID) throws -> [Checkpoint]
    func rejectCounts(of run: RunID) throws -> [RejectKind: Int]
    /// In the book's order, at most `limit` after `line`.
    func accounts(of run: RunID, afterLine line: Int, limit: Int) throws -> [StoredAccount]
    func accountCount(of run: RunID) throws -> Int
    /// In order of line.
    func cases(of run: RunID, afterLine line: Int, limit: Int) throws -> [CaseRecord]
    /// All cases of the next customers after `customer` in order of id (nil: from the first), whole customers only,
    /// at most `limit` customers. Within a customer in order of line.
    func casesByCustomer(of run: RunID, after customer: CustomerID?, limit: Int) throws -> [CaseRecord]
    func caseRecord(_ id: CaseID, in run: RunID) throws -> CaseRecord?
    /// What is known of an account, be it a case or none: its line and recognition's mark.
    func accountMark(_ id: CaseID, in run: RunID) throws -> (stored: StoredAccount, mark: RecognitionMark?)?
    /// The accounts of a run that bear this number, one in each portfolio at most, in order of line. Looks at every account
    /// of the run.
    func accountsNumbered(_ number: AccountID, in run: RunID) throws -> [CaseID]
    /// The explanation that the plan stage stored with its decision.
    func planDetail(of caseID: CaseID, in run: RunID) throws -> String?
    /// Everything that happened to a case before and in this run, the oldest first.
    func history(of caseID: CaseID) throws -> [CaseHistoryEntry]
    /// The same of everything that was done under this customer's name, in any of their cases.
    func history(ofCustomer customer: CustomerID) throws -> [CaseHistoryEntry]
    /// What was told between books of this customer or of one of these accounts, in order of arrival.
    func registerEvents(of customer: CustomerID, accounts: [CaseID]) throws -> [RegisterEvent]
    /// The event of this id of this source.
    func registerEvent(_ id: String, of source: String) throws -> RegisterEvent?
    /// The portfolio's book of the latest business date that was read whole.
    func lastBook(of portfolio: PortfolioID) throws -> PortfolioBook?
    /// A page of the accounts of a run's book, in order of name, and whether another run's book has them too.
    /// - Parameter after: where the page before ended.
    func accounts(
        of run: RunID, keptIn other: RunID, after: CaseID?, limit: Int
    ) throws -> [(caseID: CaseID, isKept: Bool)]
    /// The times for which the account was a case, the oldest first.
    func episodes(of caseID: CaseID) throws -> [Episode]
    func task(_ id: TaskID) throws -> TaskRecord?
    /// The tasks that a run planned for a customer, those included that a later run has taken over; in order of line.
    func tasks(of customer: CustomerID, in run: RunID) throws -> [TaskRecord]
    func transitions(of task: TaskID) throws -> [TaskTransition]
    func taskCounts(of run: RunID) throws -> [TaskCount]
    func uncertainTasks(of run: RunID, limit: Int) throws -> [TaskRecord]
    /// The ready tasks of a stage whose window is open and that were never leased before, by portfolio, each counted up to
    /// `limit`; portfolios without any are left out.
    func waiting(_ stage: Stage, at: Timestamp, upTo limit: Int) throws -> [PortfolioID: Int]
    func liveLeases() throws -> [LiveLease]
    /// Who was granted the lease, live or not; nil: it was never granted under this epoch.
    func holder(of lease: LeaseKey) throws -> WorkerID?
    /// Tasks that are leased so and whose window has closed, or that are to be stopped, at most `limit`.
    func closedTasks(under lease: LeaseKey, at: Timestamp, limit: Int) throws -> [TaskID]
    func events(of run: RunID) throws -> [CaseEvent]
    func reportCells(of run: RunID) throws -> [ReportCell]
}

/// The changes. Each verb's precondition stands in its name; a change that finds no row is an answer.
package protocol LedgerTransaction: LedgerReading {
    // Runs and their stages.
    func insertRun(_ run: RunRecord) throws
    func finishRun(_ id: RunID, at: Timestamp) throws
    func setCheckpoint(_ checkpoint: Checkpoint, of run: RunID) throws
    /// Stores accounts; the lines of those whose account id the run already has are returned and not stored.
    func insertAccounts(_ accounts: [StoredAccount], into run: RunID) throws -> [Int]
    func insertRejects(_ rejects: [Reject], into run: RunID) throws
    /// Marks accounts, and stores the overdue ones as cases.
    func recordRecognitions(_ marks: [(line: Int, mark: RecognitionMark)], cases: [CaseRecord], in run: RunID) throws
    /// A run's book of the portfolio was read whole; one of an earlier date than the last changes nothing.
    func recordBook(_ book: PortfolioBook, of portfolio: PortfolioID) throws
    /// The account was found overdue on this business date: its open case goes on, or a new one is opened.
    /// - Parameter start: the first day of arrears as the book shows it, for a new one.
    func keepEpisode(of caseID: CaseID, start: CalendarDate, on date: CalendarDate) throws -> Episode
    /// The account was found current on this business date: its case ends, if one was open by then.
    func endEpisode(of caseID: CaseID, on date: CalendarDate) throws
    func recordSegments(_ matches: [(caseID: CaseID, match: SegmentMatch)], in run: RunID) throws
    /// Stores decisions and inserts their tasks in state `planned`. Of tasks whose id exists already, one that an earlier
    /// run withdrew is planned again, one that an earlier run left uncertain becomes this run's to ask about, and any
    /// other is kept as it is: what was attempted is never planned twice.
    func recordPlans(_ plans: [PlannedCase], in run: RunID) throws

    // Tasks and leases.
    /// `planned → ready`, all of a run.
    func makeReady(_ run: RunID, at: Timestamp) throws -> Int
    /// The epoch after all that were ever granted. The grant that uses it takes it; asking alone writes nothing.
    func nextEpoch() throws -> Epoch
    /// `ready → leased` for up to `limit` tasks of the stage whose window is open, lowest priority number first within
    /// each portfolio's share, and `uncertain → leased (inquire)` for those that are due for an inquiry. Tasks that were
    /// leased before without an outcome go first and among themselves, whatever the shares, in batches that shrink with
    /// every delivery (`Limits.batch`). A task leased more than `maxDeliveries` times becomes a dead letter instead.
    func lease(_ grant: Grant, uncertainBefore: Timestamp, maxDeliveries: Int) throws -> [LeasedTask]
    /// Whether the lease is live under this epoch.
    func extendIfHeld(_ lease: LeaseKey, at: Timestamp) throws -> Bool
    /// `leased → settled`, or after an inquiry `→ ready` (never seen) or `→ uncertain` (unknown). While a task is uncertain,
    /// or is being asked about, the lease under which it was last attempted speaks with the same authority: settled, or
    /// ready, as `late`. The outcome, the case's history and the transition go in together.
    func settleIfHeld(_ outcome: Outcome, under lease: LeaseKey, businessDate: CalendarDate, at: Timestamp) throws
        -> Verdict
    /// `leased → ready`; an inquiry goes back to `uncertain`. By the lease under which it was last attempted also
    /// `uncertain → ready`, as `late`: whoever held it knows that it was not begun.
    /// Where it `isCounted`, the delivery counts all the same, for the process that held the task ended before it began.
    func releaseIfHeld(_ task: TaskID, under lease: LeaseKey, isCounted: Bool, at: Timestamp) throws -> Verdict
    /// Ends a lease: its tasks go to `ready` where the stage's effect is idempotent, to `uncertain` where not.
    /// Nothing can have begun under it since `lastPossibleAttempt`: an uncertain task's inquiry delay counts from there.
    /// - Returns: the number of tasks that it still held; 0 when the lease is not live under this epoch.
    func expireIfHeld(_ lease: LeaseKey, at: Timestamp, lastPossibleAttempt: Timestamp) throws -> Int
    /// `planned, ready → withdrawn` for tasks whose window has closed.
    func withdrawClosed(_ run: RunID, now: Timestamp) throws -> Int
    /// `uncertain → settled` by a person's decision, while the lease that it names is still the task's last. The outcome,
    /// the case's history and the transition, with who and why, go in together. `accepted`, `leaseLost` (the task is not
    /// uncertain under that lease any more; nothing changed) or `unknownTask`.
    /// - Precondition: the outcome says whether an attempt was made.
    func settleUncertain(_ outcome: Outcome, by hand: ByHand, businessDate: CalendarDate, at: Timestamp) throws
        -> Verdict
    /// `uncertain → ready` by a person's decision that nothing was attempted, while its run still dispatches; later
    /// `uncertain → withdrawn`, from where the next run plans the step again if it is still due. Answers as
    /// `settleUncertain`.
    func releaseUncertain(_ task: TaskID, by hand: ByHand, at: Timestamp) throws -> Verdict
    /// Keeps what somebody outside told, unless there is an event of its source and id.
    /// - Returns: whether there was none.
    func insertRegisterEvent(_ event: RegisterEvent, at: Timestamp) throws -> Bool
    /// The task's reason is gone: `planned, ready → withdrawn`. One that is leased, or of unknown fate, is remembered: its
    /// worker is told, and when it is proved that nothing was attempted it is withdrawn where it would have become ready.
    /// A run that plans the task again forgets it.
    /// - Parameter why: for the task's story.
    func stop(_ task: TaskID, why: String, at: Timestamp) throws
    /// False when the event id was known before; nil when the task is unknown.
    func recordEvent(_ event: CaseEvent, businessDate: CalendarDate, at: Timestamp) throws -> Bool?
}

extension LedgerTransaction {
    /// A release by a process that lives: the delivery is not counted.
    package func releaseIfHeld(_ task: TaskID, under lease: LeaseKey, at: Timestamp) throws -> Verdict {
        try releaseIfHeld(task, under: lease, isCounted: false, at: at)
    }

    /// Ends a lease under which something may have begun until now.
    package func expireIfHeld(_ lease: LeaseKey, at: Timestamp) throws -> Int {
        try expireIfHeld(lease, at: at, lastPossibleAttempt: at)
    }
}
