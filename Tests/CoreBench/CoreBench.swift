// Owns: a coordinator's core at a bench for tests: an in-memory ledger with a run in dispatch, and a clock that the test turns.
import DispatchCore
import Arrears
import Leasing
import Ledger
import LoanBook

package final class CoreBench {
    package let ledger = InMemoryLedger()
    package var core: Core
    package static let wall = Timestamp(milliseconds: 1_795_000_000_000)
    package var now = Now(uptime: 1_000_000, wall: CoreBench.wall)
    private var last: UInt64 = 0

    package static let run: RunID = "2026-11-20"
    package static let date = CalendarDate(iso: "2026-11-20")!

    package static let limits: Limits = {
        var limits = Limits()
        limits.leaseMilliseconds = 30_000
        limits.heartbeatMilliseconds = 5_000
        limits.safetyMarginMilliseconds = 3_000
        limits.inquiryDelayMilliseconds = 10_000
        return limits
    }()

    /// A run with `tasks` tasks of a stage, ready to be leased.
    /// - Parameter portfolios: given to the tasks in turn.
    package init(
        tasks: Int, stage: Stage = .sms, order: String = "{}", portfolios: [PortfolioID] = [.standard]
    ) throws {
        core = Core(limits: CoreBench.limits, incarnation: 7, software: "recoup test")
        let wall = now.wall
        try ledger.transaction { ledger in
            try ledger.insertRun(RunRecord(id: CoreBench.run, asOf: CoreBench.date, order: order, startedAt: wall))
            let records = (1...tasks).map { CoreBench.caseRecord($0) }
            _ = try ledger.insertAccounts(
                records.map { StoredAccount(line: $0.line, account: $0.overdue.account) }, into: CoreBench.run)
            try ledger.recordRecognitions(
                records.map { (line: $0.line, mark: .overdue) }, cases: records, in: CoreBench.run)
            try ledger.recordPlans(
                records.map { record in
                    let portfolio = portfolios[record.line % portfolios.count]
                    let task = CoreBench.task(record, portfolio, stage: stage, at: wall)
                    return PlannedCase(caseID: record.overdue.id, decision: .task(task), detail: "due")
                }, in: CoreBench.run)
            _ = try ledger.makeReady(CoreBench.run, at: wall)
        }
        core.beginDispatch(CoreBench.run)
    }

    package static func taskID(_ number: Int) -> TaskID { TaskID("task-\(String(number + 10_000).dropFirst())") }

    private static func caseRecord(_ number: Int) -> CaseRecord {
        let currency = Currency("CNY")!
        let id = "A\(String(number + 10_000).dropFirst())"
        let account = LoanAccount(
            id: AccountID(id), customer: CustomerID("C\(id)"), product: "cash",
            balance: Money(minorUnits: 10_000, currency: currency), basis: .dpd(2), phone: "+8610000000000")
        let delinquency = Delinquency(
            dpd: 2, cycles: 0, arrears: Money(minorUnits: 5_000, currency: currency), oldestUnpaidDueDate: nil,
            working: [])
        return CaseRecord(
            line: number + 1,
            overdue: OverdueCase(id: CaseID(account.id), account: account, delinquency: delinquency, bucket: "M0"))
    }

    private static func task(
        _ record: CaseRecord, _ portfolio: PortfolioID, stage: Stage, at wall: Timestamp
    ) -> StageTask {
        StageTask(
            id: taskID(record.line - 1), run: run, caseID: record.overdue.id, customer: record.overdue.account.customer,
            portfolio: portfolio, stage: stage, step: "step", priority: 1,
            notBefore: wall.adding(milliseconds: -3_600_000), notAfter: wall.adding(milliseconds: 3_600_000),
            content: [1, 2, 3])
    }

    // MARK: What the shell would do

    /// One turn: the inputs and what time does, in one transaction.
    @discardableResult
    package func turn(_ inputs: Input...) throws -> [Directive] {
        let now = now
        return try ledger.transaction { ledger in
            var directives: [Directive] = []
            for input in inputs { directives += try core.apply(input, to: ledger, now: now) }
            return directives + (try core.tick(ledger, now: now))
        }
    }

    package func pass(milliseconds: Int64) {
        now = Now(uptime: now.uptime + milliseconds, wall: now.wall.adding(milliseconds: milliseconds))
    }

    /// A connection that has said Hello.
    package func connect(
        _ worker: WorkerID, incarnation: UInt64 = 1, stages: [String] = ["sms"]
    ) throws -> (session: SessionID, directives: [Directive]) {
        last += 1
        let session = SessionID(last)
        let hello = Message.Hello(
            worker: worker, incarnation: incarnation, stages: stages.map { StageName($0) }, capacity: 500)
        return (session, try turn(.connected(session), .message(session, .hello(hello))))
    }

    package func request(_ session: SessionID, credit: Int, stage: String = "sms") throws -> Message.LeaseGranted? {
        let request = Message.LeaseRequest(id: 1, stage: StageName(stage), credit: credit)
        for case .send(session, .leaseGranted(let granted)) in try turn(.message(session, .leaseRequest(request))) {
            return granted
        }
        return nil
    }

    package func report(_ session: SessionID, _ lease: LeaseKey, _ outcomes: [Outcome]) throws -> [TaskID: Verdict] {
        let report = Message.Report(id: 9, lease: lease, outcomes: outcomes)
        for case .send(session, .reportAck(let ack)) in try turn(.message(session, .report(report))) {
            return Dictionary(uniqueKeysWithValues: ack.verdicts.map { ($0.task, $0.verdict) })
        }
        return [:]
    }

    package func state(_ task: TaskID) throws -> TaskState? { try ledger.transaction { try $0.task(task)?.state } }
}

package func delivered(_ task: TaskID) -> Outcome { Outcome(task: task, attempt: .made, code: .delivered) }
