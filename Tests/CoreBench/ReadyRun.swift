// Owns: a ledger in memory with a run whose tasks are ready to be leased, for the tests of several floors.
import Arrears
import Leasing
import Ledger

package enum ReadyRun {
    package static let run: RunID = "2026-11-20"
    package static let date = CalendarDate(iso: "2026-11-20") ?? CalendarDate(dayNumber: 0)
    package static let wall = Timestamp(milliseconds: 1_795_000_000_000)

    package static let limits: Limits = {
        var limits = Limits()
        limits.leaseMilliseconds = 30_000
        limits.heartbeatMilliseconds = 5_000
        limits.safetyMarginMilliseconds = 3_000
        limits.inquiryDelayMilliseconds = 10_000
        return limits
    }()

    /// A run with `tasks` tasks of a stage.
    /// - Parameter portfolios: given to the tasks in turn.
    package static func ledger(
        tasks: Int, stage: Stage = .sms, order: String = "{}", portfolios: [PortfolioID] = [.standard]
    ) throws -> InMemoryLedger {
        let ledger = InMemoryLedger()
        try ledger.transaction { ledger in
            try ledger.insertRun(RunRecord(id: run, asOf: date, order: order, startedAt: wall))
            let records = (1...tasks).map(caseRecord)
            _ = try ledger.insertAccounts(
                records.map { StoredAccount(line: $0.line, account: $0.overdue.account) }, into: run)
            try ledger.recordRecognitions(
                records.map { (line: $0.line, mark: .overdue) }, cases: records, in: run)
            try ledger.recordPlans(
                records.map { record in
                    let task = task(record, portfolios[record.line % portfolios.count], stage: stage)
                    return PlannedCase(caseID: record.overdue.id, decision: .task(task), detail: "due")
                }, in: run)
            _ = try ledger.makeReady(run, at: wall)
        }
        return ledger
    }

    package static func taskID(_ number: Int) -> TaskID { TaskID("task-\(String(number + 10_000).dropFirst())") }

    private static func caseRecord(_ number: Int) -> CaseRecord {
        let id = "A\(String(number + 10_000).dropFirst())"
        let account = LoanAccount(
            id: AccountID(id), customer: CustomerID("C\(id)"), product: "cash", balance: yuan(100), basis: .dpd(2),
            phone: "+8610000000000")
        let delinquency = Delinquency(dpd: 2, cycles: 0, arrears: yuan(50), oldestUnpaidDueDate: nil, working: [])
        return CaseRecord(
            line: number + 1,
            overdue: OverdueCase(id: account.caseID, account: account, delinquency: delinquency, bucket: "M0"))
    }

    package static func yuan(_ amount: Int64) -> Money {
        guard let currency = Currency("CNY") else { preconditionFailure("CNY is no currency") }
        return Money(minorUnits: amount * 100, currency: currency)
    }

    private static func task(_ record: CaseRecord, _ portfolio: PortfolioID, stage: Stage) -> StageTask {
        StageTask(
            id: taskID(record.line - 1), run: run, caseID: record.overdue.id, customer: record.overdue.account.customer,
            portfolio: portfolio, stage: stage, step: "step", priority: 1,
            notBefore: wall.adding(milliseconds: -3_600_000), notAfter: wall.adding(milliseconds: 3_600_000),
            content: [1, 2, 3])
    }
}

extension InMemoryLedger {
    /// Leases the first task to a worker that is never heard of again.
    package func makeUncertain() throws {
        try transaction { ledger in
            let lease = LeaseKey(id: LeaseID(1), epoch: try ledger.nextEpoch())
            let grant = Grant(
                lease: lease, worker: "sms-1", incarnation: 1, stage: .sms, limit: 1, shares: [.standard: 1],
                now: ReadyRun.wall)
            _ = try ledger.lease(grant, uncertainBefore: ReadyRun.wall, maxDeliveries: 8)
            _ = try ledger.expireIfHeld(lease, at: ReadyRun.wall)
        }
    }
}

package func delivered(_ task: TaskID) -> Outcome { Outcome(task: task, attempt: .made, code: .delivered) }
