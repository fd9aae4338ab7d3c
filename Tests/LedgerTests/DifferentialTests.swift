@testable import Arrears
@testable import Leasing
@testable import Ledger
@testable import SQLiteLedger
import SystemParts
import Testing

/// Everything that a ledger answers about some tasks and runs.
struct Snapshot: Equatable {
    var tasks: [TaskRecord?]
    var transitions: [[TaskTransition]]
    var history: [[CaseHistoryEntry]]
    var counts: [[TaskCount]]
    var uncertain: [[TaskID]]
    var events: [[CaseEvent]]
    var cells: [[ReportCell]]
    var live: [LiveLease]
    var runs: [RunRecord]

    init(_ ledger: any LedgerReading, tasks ids: [TaskID], runs: [RunID]) throws {
        tasks = try ids.map { try ledger.task($0) }
        transitions = try ids.map { try ledger.transitions(of: $0) }
        history = try tasks.map { try $0.map { try ledger.history(of: $0.task.caseID) } ?? [] }
        counts = try runs.map { try ledger.taskCounts(of: $0) }
        uncertain = try runs.map { try ledger.uncertainTasks(of: $0, limit: 100).map(\.task.id) }
        events = try runs.map { try ledger.events(of: $0) }
        cells = try runs.map { try ledger.reportCells(of: $0) }
        live = try ledger.liveLeases()
        self.runs = try ledger.runs()
    }
}

@Suite("All stores answer alike")
struct DifferentialTests {
    /// A seed that failed stays in the list. To run one alone: `--filter DifferentialTests`, and its number here.
    @Test(arguments: UInt64(1)...12)
    func `The same random verbs give the same answers and the same tasks`(seed: UInt64) throws {
        try withTemporaryDirectory { directory in
            var play = try Play(seed: seed, stores: [InMemoryLedger(), SQLiteLedger(directory: directory)])
            for step in 1...250 {
                let (verb, answers) = try play.step()
                try #require(answers[0] == answers[1], "seed \(seed), step \(step): \(verb)")
                if step.isMultiple(of: 10) {
                    let snapshots = try play.snapshots()
                    try #require(snapshots[0] == snapshots[1], "seed \(seed), after step \(step): \(verb)")
                    play.expectInvariants(of: snapshots[0], "seed \(seed), after step \(step): \(verb)")
                }
            }
        }
    }
}

/// A random sequence of verbs, applied to several stores alike.
private struct Play {
    private var random: SplitMix64
    private let stores: [any Ledger]
    private var tasks: [StageTask] = []
    private var runs: [RunID] = []
    private var leases: [LeaseKey] = []
    private var epochs: [TaskID: Epoch] = [:]
    private var now = Timestamp.opening

    init(seed: UInt64, stores: [any Ledger]) throws {
        random = SplitMix64(seed: seed)
        self.stores = stores
        try addRun()
    }

    private mutating func addRun() throws {
        let run = RunID("run-\(runs.count)")
        var fresh: [StageTask] = []
        for number in 0..<30 {
            let opening = now.adding(milliseconds: Int64.random(in: -1...1, using: &random) * 1_800_000)
            fresh.append(
                .sample(
                    TaskID("\(run)/\(number)"), run: run, stage: one(of: Stage.allCases),
                    priority: Int.random(in: 1...3, using: &random), from: opening,
                    to: opening.adding(milliseconds: 5_400_000)))
        }
        for store in stores { try store.fill(run, with: fresh, startedAt: now) }
        runs.append(run)
        tasks += fresh
    }

    private mutating func one<Value>(of values: [Value]) -> Value {
        guard let value = values.randomElement(using: &random) else { preconditionFailure("nothing to choose from") }
        return value
    }

    /// What every store answers to the next verb.
    private func all(_ verb: (any LedgerTransaction) throws -> some Any) throws -> [String] {
        try stores.map { store in String(describing: try store.transaction(verb)) }
    }

    mutating func step() throws -> (verb: String, answers: [String]) {
        now = now.adding(milliseconds: Int64.random(in: 0...20_000, using: &random))
        let now = now
        let task = one(of: tasks).id
        // Often a lease that holds something, sometimes one that is long over or never was.
        var lease = leases.suffix(6).randomElement(using: &random) ?? LeaseKey(id: LeaseID(1), epoch: Epoch(0))
        if Int.random(in: 0..<12, using: &random) == 0 { lease.epoch = lease.epoch.next }
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<25: return try grant()
        case 25..<60:
            let held = try stores[0].transaction { ledger in
                try tasks.filter { try ledger.task($0.id)?.lease == lease }.map(\.id)
            }
            let target = held.randomElement(using: &random) ?? task
            return try settle(target, under: lease)
        case 60..<63:
            let hand = ByHand(person: "li", reason: "looked", lease: lease)
            guard Bool.random(using: &random) else {
                return ("release \(task) by hand", try all { try $0.releaseUncertain(task, by: hand, at: now) })
            }
            return (
                "settle \(task) by hand",
                try all { try $0.settleUncertain(.made(task), by: hand, businessDate: .today, at: now) }
            )
        case 63..<68:
            let isCounted = Bool.random(using: &random)
            return (
                "release \(task) under \(lease)",
                try all { try $0.releaseIfHeld(task, under: lease, isCounted: isCounted, at: now) }
            )
        case 68..<80:
            let quiet = now.adding(milliseconds: -20_000)
            return ("expire \(lease)", try all { try $0.expireIfHeld(lease, at: now, lastPossibleAttempt: quiet) })
        case 80..<86: return ("extend \(lease)", try all { try $0.extendIfHeld(lease, at: now) })
        case 86..<88:
            return ("stop \(task)", try all { try $0.stop(task, why: "paid", at: now) })
        case 88..<90:
            let run = one(of: runs)
            return ("withdraw \(run)", try all { try $0.withdrawClosed(run, now: now) })
        case 90..<97:
            let event = CaseEvent(
                id: "event \(Int.random(in: 0..<20, using: &random))", task: task, kind: one(of: [.contact, .payment]),
                amount: .yuan(3))
            return ("event \(event)", try all { try $0.recordEvent(event, businessDate: .today, at: now) as Any })
        case 97..<99 where runs.count < 4:
            let last = one(of: runs)
            for store in stores { try store.transaction { try $0.finishRun(last, at: now) } }
            try addRun()
            return ("finish \(last)", ["", ""])
        default: return try breakOff(task, under: lease)
        }
    }

    private mutating func grant() throws -> (verb: String, answers: [String]) {
        let stage = one(of: Stage.allCases)
        let limit = Int.random(in: 1...6, using: &random)
        let waiting = try stores.map { try $0.once { try $0.waiting(stage, at: now, upTo: limit) } }
        #expect(waiting[0] == waiting[1])
        let shares = waiting[0].mapValues { Int.random(in: 0...$0, using: &random) }
        let answers = try stores.map {
            try $0.grant(
                stage, limit: limit, shares: shares, at: now, uncertainBefore: now.adding(milliseconds: -60_000),
                maxDeliveries: 3)
        }
        if !answers[0].tasks.isEmpty { leases.append(answers[0].lease) }
        for task in answers[0].tasks {
            #expect(answers[0].lease.epoch > epochs[task.id] ?? Epoch(0), "epochs of \(task.id) must grow")
            epochs[task.id] = answers[0].lease.epoch
        }
        return ("grant \(stage) \(limit)", answers.map { String(describing: $0) })
    }

    private mutating func settle(_ task: TaskID, under lease: LeaseKey) throws -> (verb: String, answers: [String]) {
        let outcome = one(of: [
            Outcome.made(task), .made(task, .promiseToPay, amount: .yuan(7)), .notMade(task), .neverSeen(task),
            .unknown(task),
        ])
        let now = now
        let answers = try all { try $0.settleIfHeld(outcome, under: lease, businessDate: .today, at: now) }
        return ("settle \(task) \(outcome.attempt) under \(lease)", answers)
    }

    /// A transaction that fails half-way.
    private func breakOff(_ task: TaskID, under lease: LeaseKey) throws -> (verb: String, answers: [String]) {
        struct Interruption: Error {}
        let answers = stores.map { store in
            do {
                try store.transaction { ledger in
                    _ = try ledger.expireIfHeld(lease, at: now)
                    _ = try ledger.settleIfHeld(.made(task), under: lease, businessDate: .today, at: now)
                    throw Interruption()
                }
                return "it went through"
            } catch {
                return String(describing: error)
            }
        }
        return ("break off", answers)
    }

    func snapshots() throws -> [Snapshot] {
        try stores.map { store in
            try store.transaction { try Snapshot($0, tasks: tasks.map(\.id), runs: runs) }
        }
    }

    func expectInvariants(of snapshot: Snapshot, _ place: Comment) {
        let records = snapshot.tasks.compactMap(\.self)
        #expect(snapshot.counts.joined().reduce(0) { $0 + $1.count } == tasks.count, place)
        #expect(snapshot.cells.joined().reduce(0) { $0 + $1.accounts } == tasks.count, place)
        let held = Set(records.filter { $0.state == .leased }.compactMap(\.lease))
        #expect(held == Set(snapshot.live.map(\.lease)), place)
        #expect(records.allSatisfy { ($0.state == .settled) == ($0.outcome != nil) }, place)
        let settlements = snapshot.transitions.map { $0.count { $0.to == .settled } }
        #expect(settlements.allSatisfy { $0 <= 1 }, place)
    }
}
