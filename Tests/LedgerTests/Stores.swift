// Owns: the stores under test, and a small book to fill them with. Knows nothing of what is tested.
@testable import Arrears
import Foundation
@testable import Leasing
@testable import Ledger
@testable import SQLiteLedger

/// Every store keeps the same contract, so every test of the contract runs over all of them.
enum StoreKind: String, CaseIterable, Sendable {
    case inMemory, sqlite

    /// An empty store for the time of `body`.
    func withLedger<Result>(_ body: (any Ledger) throws -> Result) throws -> Result {
        switch self {
        case .inMemory: return try body(InMemoryLedger())
        case .sqlite: return try withTemporaryDirectory { try body(try SQLiteLedger(directory: $0)) }
        }
    }
}

func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    return try body(directory.path)
}

extension Ledger {
    /// One verb or question in a transaction of its own.
    func once<Result>(_ body: (any LedgerTransaction) throws -> Result) throws -> Result { try transaction(body) }

    /// A new lease on up to `limit` tasks of `stage`; without shares, whoever waits may have them all.
    func grant(
        _ stage: Stage, limit: Int = 10, shares: [PortfolioID: Int]? = nil, at now: Timestamp = .noon,
        uncertainBefore: Timestamp? = nil, maxDeliveries: Int = 8
    ) throws -> (lease: LeaseKey, tasks: [LeasedTask]) {
        try transaction { ledger in
            let epoch = try ledger.nextEpoch()
            // Far apart and beyond Int64, as a coordinator's random ids are.
            let key = LeaseKey(id: LeaseID(UInt64.max - 7919 * epoch.rawValue), epoch: epoch)
            let grant = Grant(
                lease: key, worker: "worker-1", incarnation: .max, stage: stage, limit: limit,
                shares: try shares ?? ledger.waiting(stage, at: now, upTo: limit), now: now)
            let tasks = try ledger.lease(
                grant, uncertainBefore: uncertainBefore ?? now.adding(milliseconds: -10_000),
                maxDeliveries: maxDeliveries)
            return (key, tasks)
        }
    }

    func settle(_ outcome: Outcome, under lease: LeaseKey, at: Timestamp = .noon) throws -> Verdict {
        try transaction { try $0.settleIfHeld(outcome, under: lease, businessDate: .today, at: at) }
    }

    /// Stores a run whose book has one overdue account per task, all ready at 07:00.
    func fill(_ run: RunID = .today, with tasks: [StageTask], startedAt: Timestamp = .night) throws {
        try transaction { ledger in
            try ledger.insertRun(RunRecord(id: run, asOf: .today, order: "{}", startedAt: startedAt))
            let cases = tasks.enumerated().map { OverdueCase.sample(line: $0.offset + 2, id: $0.element.caseID) }
            let accounts = cases.enumerated().map { StoredAccount(line: $0.offset + 2, account: $0.element.account) }
            _ = try ledger.insertAccounts(accounts, into: run)
            try ledger.recordRecognitions(
                accounts.map { ($0.line, .overdue) },
                cases: cases.enumerated().map { CaseRecord(line: $0.offset + 2, overdue: $0.element) }, in: run)
            try ledger.recordPlans(
                tasks.map { PlannedCase(caseID: $0.caseID, decision: .task($0), detail: "\($0.step) is due") },
                in: run)
            _ = try ledger.makeReady(run, at: .morning)
        }
    }

    func state(of task: TaskID) throws -> TaskState? { try transaction { try $0.task(task)?.state } }
}

extension RunID {
    static let today: RunID = "2025-09-30"
}

extension CalendarDate {
    static let today = CalendarDate(dayNumber: 20_361)
}

extension Timestamp {
    /// 2025-09-30 in UTC, at 01:00, 07:00, 08:00, 12:00 and 22:00.
    static let night = Timestamp(milliseconds: 1_759_194_000_000)
    static let morning = night.adding(milliseconds: 6 * 3_600_000)
    static let opening = night.adding(milliseconds: 7 * 3_600_000)
    static let noon = night.adding(milliseconds: 11 * 3_600_000)
    static let closing = night.adding(milliseconds: 21 * 3_600_000)

    static func noon(plus seconds: Int64) -> Timestamp { noon.adding(milliseconds: seconds * 1000) }
}

extension Currency {
    static func sample(_ code: String) -> Currency {
        guard let currency = Currency(code) else { preconditionFailure("no currency \(code)") }
        return currency
    }
}

extension Money {
    static func yuan(_ amount: Int64) -> Money { Money(minorUnits: amount * 100, currency: .sample("CNY")) }
}

extension LoanAccount {
    static func sample(_ id: AccountID, customer: CustomerID? = nil, balance: Money = .yuan(900)) -> LoanAccount {
        LoanAccount(
            id: id, customer: customer ?? CustomerID("customer-of-\(id)"), product: "card", balance: balance,
            basis: .schedule(
                RepaymentSchedule(
                    instalments: [
                        Instalment(
                            number: 1, dueDate: CalendarDate.today.adding(days: -5), fees: .yuan(0),
                            interest: .yuan(1), principal: .yuan(99))
                    ],
                    payments: [Payment(date: CalendarDate.today.adding(days: -4), amount: .yuan(40))])),
            phone: "+8613800000000", name: "王芳", previousOutcomes: ["noAnswer"],
            holds: [Hold(kind: .dispute, until: CalendarDate.today.adding(days: -1))])
    }
}

extension OverdueCase {
    static func sample(
        line: Int, id: CaseID, customer: CustomerID? = nil, balance: Money = .yuan(900), bucket: String = "M1"
    ) -> OverdueCase {
        OverdueCase(
            id: id, account: .sample(AccountID(id.text), customer: customer, balance: balance),
            delinquency: Delinquency(
                dpd: 5, cycles: 1, arrears: Money(minorUnits: 6000, currency: balance.currency),
                oldestUnpaidDueDate: CalendarDate.today.adding(days: -5), working: ["line \(line)"]),
            bucket: bucket)
    }
}

extension StageTask {
    static func sample(
        _ id: TaskID, run: RunID = .today, portfolio: PortfolioID = .standard, stage: Stage = .sms, priority: Int = 5,
        from: Timestamp = .opening, to: Timestamp = .closing, endpoint: String? = nil
    ) -> StageTask {
        StageTask(
            id: id, run: run, caseID: CaseID("case-\(id)"), customer: CustomerID("customer-of-\(id)"),
            portfolio: portfolio, stage: stage, step: "gentle-\(stage.rawValue)", priority: priority,
            notBefore: from, notAfter: to, endpoint: endpoint,
            content: Array("content of \(id)".utf8) + [0, 255])
    }
}

extension Outcome {
    static func made(_ task: TaskID, _ code: OutcomeCode = .delivered, amount: Money? = nil) -> Outcome {
        Outcome(
            task: task, attempt: .made, code: code, evidence: "message 17", amount: amount,
            date: amount == nil ? nil : CalendarDate.today.adding(days: 3), details: ["segments": "2"])
    }

    static func notMade(_ task: TaskID) -> Outcome { Outcome(task: task, attempt: .notMade, code: .invalidContent) }

    static func neverSeen(_ task: TaskID) -> Outcome {
        Outcome(task: task, attempt: .neverSeen, code: .madeResultUnknown)
    }

    static func unknown(_ task: TaskID) -> Outcome { Outcome(task: task, attempt: .unknown, code: .madeResultUnknown) }
}
