// Owns: one play of a scenario: its time, its trace, its book of tasks and its ledger, and what its actors share. Knows
// none of them.
import Arrears
import DispatchCore
import Foundation
import Leasing
import Ledger
import SQLiteLedger
import SystemParts

final class Play {
    static let run: RunID = "simulated"
    static let date = CalendarDate(dayNumber: 20_400)
    private static let wallStart = Timestamp(milliseconds: 1_795_000_000_000)

    let scenario: Scenario
    let limits: Limits
    private var queue = EventQueue()
    private var trace: Trace
    private(set) var violation: Violation?
    private(set) var store: any Ledger
    private let directory: String?
    private(set) var tasks: [TaskID] = []
    private(set) var windows: [TaskID: Range<Timestamp>] = [:]
    /// Tasks that end the process that attempts them.
    private(set) var crashing: Set<TaskID> = []
    /// Tasks that end the process that is given them, before it begins anything.
    private(set) var deadly: [TaskID: Death] = [:]
    /// Tasks of which the world never says whether they were done.
    private(set) var mute: Set<TaskID> = []
    private(set) var weights: [PortfolioID: Int] = [:]
    /// The stages of the workers, in turn, and how many workers there are.
    private(set) var staff: (stages: [Stage], count: Int) = ([], 0)
    var fairness: [Stage: FairnessWatch] = [:]
    var sessionWorkers: [SessionID: WorkerID] = [:]
    var promises = Promises()
    /// How wrong the coordinator's wall clock is.
    private var wallOffset: Int64 = 0
    /// When it last jumped; nil: never.
    private(set) var wallJumpedAt: Int64?

    /// When a deadly task strikes: before the journal has it, or after.
    enum Death { case whenRead, whenTaken }

    /// - Parameter end: when the faults end.
    init(_ scenario: Scenario, until end: Int64, telling tell: ((String) -> Void)?) throws {
        self.scenario = scenario
        trace = Trace(telling: tell)
        var limits = Limits()
        limits.leaseMilliseconds = 12_000
        limits.heartbeatMilliseconds = 3_000
        limits.safetyMarginMilliseconds = 3_000
        // Longer than an attempt can be under way.
        limits.inquiryDelayMilliseconds = 5_000
        limits.tasksPerLease = 8
        self.limits = limits
        switch scenario.store {
        case .memory:
            directory = nil
            store = InMemoryLedger()
        case .sqlite:
            let path = FileManager.default.temporaryDirectory
                .appendingPathComponent("simulation-\(UUID().uuidString)").path
            directory = path
            store = try SQLiteLedger(directory: path)
        }
        setUp(until: Int(end))
    }

    private func setUp(until end: Int) {
        var random = SplitMix64(seed: scenario.seed, kind: 7, index: 0)
        let stages: [Stage] = [random.pick([.sms, .agency]), random.pick([.callQueue, .legal])]
        let portfolios: [PortfolioID] = random.pick([["a"], ["a", "b"], ["a", "b", "c"]])
        for portfolio in portfolios { weights[portfolio] = random.within(1...5) }
        let count = random.pick([random.within(5...20), random.within(30...60), random.within(30...120)])
        let planned = (1...count).map { number in
            // The first has a backlog.
            let portfolio = random.chance(6_000) ? portfolios[0] : random.pick(portfolios)
            return task(
                number, portfolio, stages[random.chance(6_500) ? 0 : 1], until: end, &random)
        }
        tasks = planned.map(\.id)
        windows = Dictionary(uniqueKeysWithValues: planned.map { ($0.id, $0.notBefore..<$0.notAfter) })
        for _ in 0..<random.pick([0, 0, 0, 0, 1, 2]) {
            deadly[random.pick(tasks)] = random.pick([.whenRead, .whenTaken])
        }
        if random.chance(2_000) { crashing.insert(random.pick(tasks)) }
        mute = Set(tasks.filter { _ in random.chance(200) })
        inLedger { try fill($0, with: planned) }
        staff = (stages, random.pick([2, 4, 4, 6]))
    }

    var now: Int64 { queue.now }
    var wallNow: Now { Now(uptime: now, wall: Self.wallStart.adding(milliseconds: now + wallOffset)) }

    /// The coordinator's wall clock is set to another time; its uptime is not.
    func jumpWall(to offset: Int64) {
        guard offset != wallOffset else { return }
        trace("fault", 2, "the wall clock jumps by \(offset - wallOffset) ms")
        wallOffset = offset
        wallJumpedAt = now
    }

    func after(_ delay: Int64, _ body: @escaping () -> Void) { queue.add(after: delay, body) }

    func trace(_ who: String, _ number: UInt64, _ text: @autoclosure () -> String) {
        trace.add(now, who, number, text())
    }

    /// The first violation ends the simulation.
    func violate(_ checker: Checker, _ message: String) {
        guard violation == nil else { return }
        trace("checker", 1, "\(checker.rawValue): \(message)")
        violation = Violation(checker: checker, at: now, message: message)
    }

    /// The next event; nil: nothing will happen any more.
    func nextEvent() -> (() -> Void)? { violation == nil ? queue.next() : nil }

    /// What came of it. What was still to come does not happen.
    func end(faults: [FaultKind: Int]) -> Played {
        // What is still to come holds this object, which holds the queue.
        queue.removeAll()
        let changes = countChanges()
        return Played(
            seed: scenario.seed, events: queue.count, faults: faults.values.reduce(0, +),
            faultKinds: Dictionary(uniqueKeysWithValues: faults.map { ("\($0.key)", $0.value) }),
            changes: changes, milliseconds: now, fingerprint: trace.fingerprint, violation: violation)
    }

    /// All that happened to all tasks, as the ledger tells it, goes into the fingerprint.
    private func countChanges() -> [String: Int] {
        var changes: [String: Int] = [:]
        for id in tasks {
            for change in inLedger({ try $0.transitions(of: id) }) {
                changes[change.note, default: 0] += 1
                trace.mix(UInt64(bitPattern: change.at.milliseconds))
                trace.mix(change.lease?.epoch.rawValue ?? 0)
                trace.mix(change.note)
            }
        }
        return changes
    }

    // MARK: The ledger

    /// The simulation's own look at the ledger, or what it does before anything starts.
    @discardableResult
    func inLedger<Result>(_ body: (any LedgerTransaction) throws -> Result) -> Result {
        do {
            return try store.transaction(body)
        } catch {
            preconditionFailure("seed \(scenario.seed): the ledger failed by itself: \(error)")
        }
    }

    /// A new process opens the store anew.
    func reopenStore() {
        guard let directory else { return }
        do {
            try store.close()
            store = try SQLiteLedger(directory: directory)
        } catch {
            preconditionFailure("seed \(scenario.seed): the store cannot be opened again: \(error)")
        }
    }

    func removeStore() {
        guard let directory else { return }
        try? store.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    // MARK: The book

    private func task(
        _ number: Int, _ portfolio: PortfolioID, _ stage: Stage, until end: Int, _ random: inout SplitMix64
    ) -> StageTask {
        let opens = random.chance(6_000) ? random.below(end) : -3_600_000
        let closes = random.chance(1_000) ? max(1, opens) + random.within(1_000...20_000) : 36_000_000
        let name = String(number + 1_000).dropFirst()
        return StageTask(
            id: TaskID("task-\(name)"), run: Self.run, caseID: CaseID("A\(name)"), customer: CustomerID("C\(name)"),
            portfolio: portfolio, stage: stage, step: "step", priority: 1 + random.below(3),
            notBefore: Self.wallStart.adding(milliseconds: Int64(opens)),
            notAfter: Self.wallStart.adding(milliseconds: Int64(closes)), content: [UInt8(number & 0xff)])
    }

    private func fill(_ ledger: any LedgerTransaction, with planned: [StageTask]) throws {
        guard let currency = Currency("CNY") else { preconditionFailure("no currency CNY") }
        try ledger.insertRun(RunRecord(id: Self.run, asOf: Self.date, order: "{}", startedAt: Self.wallStart))
        let records = planned.enumerated().map { offset, task in
            let account = LoanAccount(
                id: AccountID(task.caseID.text), customer: task.customer, product: "cash",
                balance: Money(minorUnits: 10_000, currency: currency), basis: .dpd(2))
            let delinquency = Delinquency(
                dpd: 2, cycles: 0, arrears: Money(minorUnits: 5_000, currency: currency), oldestUnpaidDueDate: nil,
                working: [])
            return CaseRecord(
                line: offset + 2,
                overdue: OverdueCase(id: task.caseID, account: account, delinquency: delinquency, bucket: "M0"))
        }
        _ = try ledger.insertAccounts(
            records.map { StoredAccount(line: $0.line, account: $0.overdue.account) }, into: Self.run)
        try ledger.recordRecognitions(records.map { ($0.line, .overdue) }, cases: records, in: Self.run)
        try ledger.recordPlans(
            planned.map { PlannedCase(caseID: $0.caseID, decision: .task($0), detail: "due") }, in: Self.run)
        _ = try ledger.makeReady(Self.run, at: Self.wallStart)
    }
}
