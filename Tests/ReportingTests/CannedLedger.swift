import Testing
@testable import Arrears
@testable import Ledger
@testable import Leasing
@testable import LoanBook

/// A ledger that answers a report's questions with what it was given.
struct CannedLedger: LedgerReading {
    var record: RunRecord?
    var stages: [Checkpoint] = []
    var rejects: [RejectKind: Int] = [:]
    var accounts = 0
    var counts: [TaskCount] = []
    var uncertain: [TaskRecord] = []
    var news: [CaseEvent] = []
    var cells: [ReportCell] = []

    func run(_ id: RunID) -> RunRecord? { record.flatMap { $0.id == id ? $0 : nil } }
    func checkpoints(of run: RunID) -> [Checkpoint] { stages }
    func rejectCounts(of run: RunID) -> [RejectKind: Int] { rejects }
    func accountCount(of run: RunID) -> Int { accounts }
    func taskCounts(of run: RunID) -> [TaskCount] { counts }
    func uncertainTasks(of run: RunID, limit: Int) -> [TaskRecord] { Array(uncertain.prefix(limit)) }
    func events(of run: RunID) -> [CaseEvent] { news }
    func reportCells(of run: RunID) -> [ReportCell] { cells }

    // What no report asks.
    func runs() -> [RunRecord] { [] }
    func unfinishedRun() -> RunRecord? { nil }
    func accounts(of run: RunID, afterLine line: Int, limit: Int) -> [StoredAccount] { [] }
    func cases(of run: RunID, afterLine line: Int, limit: Int) -> [CaseRecord] { [] }
    func casesByCustomer(of run: RunID, after customer: CustomerID?, limit: Int) -> [CaseRecord] { [] }
    func tasks(of customer: CustomerID, in run: RunID) -> [TaskRecord] { [] }
    func caseRecord(_ id: CaseID, in run: RunID) -> CaseRecord? { nil }
    func accountMark(_ id: CaseID, in run: RunID) -> (stored: StoredAccount, mark: RecognitionMark?)? { nil }
    func planDetail(of caseID: CaseID, in run: RunID) -> String? { nil }
    func accountsNumbered(_ number: AccountID, in run: RunID) -> [CaseID] { [] }
    func history(of caseID: CaseID) -> [CaseHistoryEntry] { [] }
    func history(ofCustomer customer: CustomerID) -> [CaseHistoryEntry] { [] }
    func registerEvents(of customer: CustomerID, accounts: [CaseID]) -> [RegisterEvent] { [] }
    func registerEvent(_ id: String, of source: String) -> RegisterEvent? { nil }
    func holder(of lease: LeaseKey) -> WorkerID? { nil }
    func lastBook(of portfolio: PortfolioID) -> PortfolioBook? { nil }
    func accounts(
        of run: RunID, keptIn other: RunID, after: CaseID?, limit: Int
    ) -> [(caseID: CaseID, isKept: Bool)] { [] }
    func episodes(of caseID: CaseID) -> [Episode] { [] }
    func task(_ id: TaskID) -> TaskRecord? { nil }
    func transitions(of task: TaskID) -> [TaskTransition] { [] }
    func waiting(_ stage: Stage, at: Timestamp, upTo limit: Int) -> [PortfolioID: Int] { [:] }
    func closedTasks(under lease: LeaseKey, at: Timestamp, limit: Int) -> [TaskID] { [] }
    func liveLeases() -> [LiveLease] { [] }
}

extension CannedLedger {
    /// Ten rows: one rejected, three current, six overdue of which one is left alone and one is uncertain.
    static func smallDay() throws -> CannedLedger {
        let yuan = try #require(Currency("CNY"))
        let dollar = try #require(Currency("USD"))
        let day = try #require(CalendarDate(iso: "2026-01-05"))
        let start = Timestamp(milliseconds: 1_767_600_000_000)
        func cell(
            _ kind: ReportCell.Kind, _ result: String, _ accounts: Int, bucket: String = "", segment: String = "",
            stage: Stage? = nil, arrears: Int64 = 0, outcome: Int64 = 0, in currency: Currency
        ) -> ReportCell {
            ReportCell(
                bucket: bucket, segment: segment, stage: stage, result: result, kind: kind, currency: currency,
                accounts: accounts, arrearsMinorUnits: arrears, balanceMinorUnits: arrears * 10,
                outcomeMinorUnits: outcome)
        }
        let lost = StageTask(
            id: "5f3a", run: "day-1", caseID: "A-77", customer: "C-77", portfolio: .standard, stage: .sms,
            step: "gentle-sms", priority: 5, notBefore: start, notAfter: start, content: [])
        return CannedLedger(
            record: RunRecord(id: "day-1", asOf: day, order: "{}", startedAt: start),
            stages: [
                Checkpoint(
                    stage: .ingest, done: 10, isComplete: true, startedAt: start,
                    updatedAt: start.adding(milliseconds: 250)),
                Checkpoint(
                    stage: .reconcile, done: 5, isComplete: true, startedAt: start.adding(milliseconds: 60_000),
                    updatedAt: start.adding(milliseconds: 65_000)),
            ],
            rejects: [.badDate: 1, .brokenQuote: 0], accounts: 9,
            counts: [
                TaskCount(stage: .sms, state: .uncertain, count: 1),
                TaskCount(stage: .callQueue, state: .settled, count: 3),
                TaskCount(stage: .agency, state: .settled, count: 1),
            ],
            uncertain: [
                TaskRecord(
                    task: lost, state: .uncertain, lease: nil, worker: nil, deliveries: 1, outcome: nil,
                    changedAt: start)
            ],
            news: [
                CaseEvent(
                    id: "f:2", task: "9", kind: .payment, amount: Money(minorUnits: 500, currency: yuan), date: day),
                CaseEvent(
                    id: "f:3", task: "9", kind: .payment, amount: Money(minorUnits: 250, currency: yuan), date: day),
            ],
            cells: [
                cell(
                    .outcome, "agencyPayment", 1, bucket: "M10", segment: "late", stage: .agency, arrears: 70_000,
                    outcome: 7_005, in: dollar),
                cell(
                    .outcome, "noAnswer", 2, bucket: "M2", segment: "催收<一>", stage: .callQueue,
                    arrears: 123_456_789, in: yuan),
                cell(
                    .outcome, "promiseToPay", 1, bucket: "M2", segment: "standard", stage: .callQueue,
                    arrears: 40_000, outcome: 20_000, in: yuan),
                cell(.open, "uncertain", 1, bucket: "M1", segment: "standard", stage: .sms, arrears: 9_900, in: yuan),
                cell(.reason, "noContactPoint", 1, bucket: "M1", segment: "standard", arrears: 100, in: yuan),
                cell(.notACase, "current", 3, in: yuan),
            ])
    }
}
