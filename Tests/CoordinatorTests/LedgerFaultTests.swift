// The loop on a ledger that fails on demand: what is said, what is kept, and when it gives up.
import CoreBench
@testable import DispatchCore
@testable import BusinessDay
@testable import Arrears
import Foundation
@testable import Leasing
@testable import Ledger
import PowerCuts
import Synchronization
import Testing
@testable import Wire

@testable import Coordinator
@testable import SyntheticBook

/// A ledger whose next transactions fail as told.
private final class FailingLedger: Ledger {
    enum Fault {
        /// This one is well.
        case none
        /// Nothing is kept.
        case before(LedgerError.Code)
        /// Everything is kept, and nobody is told: a commit whose answer was lost.
        case after(LedgerError.Code)
    }
    private let inner: InMemoryLedger
    private let plan: Plan

    /// What is to fail; outlives the ledger that is opened anew.
    final class Plan {
        var faults: [Fault] = []
        var openings = 0
        var inner = InMemoryLedger()
    }

    init(_ plan: Plan) {
        self.plan = plan
        inner = plan.inner
        plan.openings += 1
    }

    func transaction<Result>(_ body: (any LedgerTransaction) throws -> Result) throws -> Result {
        guard let fault = plan.faults.first else { return try inner.transaction(body) }
        plan.faults.removeFirst()
        switch fault {
        case .none: return try inner.transaction(body)
        case .before(let code):
            throw LedgerError(code, "expected to write, got a fault")
        case .after(let code):
            _ = try inner.transaction(body)
            throw LedgerError(code, "expected to sync, got a fault")
        }
    }

    func close() {}
}

private final class Room: RoomReserve {
    var isFree = true
    var drops = 0
    func fill() -> Bool { isFree }
    func drop() { drops += 1 }
}

/// A loop with a run in dispatch, turned by hand.
private final class LoopBench {
    /// People are contacted the day after the book's date.
    static let contactDate = ReadyRun.date.adding(days: 1)
    let plan = FailingLedger.Plan()
    let room = Room()
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("loop-\(UUID().uuidString)").path
    private let ears = Ear()
    private let loop: Loop
    private var last: UInt64 = 0

    init() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let order = RunOrder(
            run: ReadyRun.run, asOf: ReadyRun.date, contactDate: LoopBench.contactDate,
            book: SourceFile(path: "book.csv", sha256: "", bytes: 0),
            policy: RunOrder.NamedText(source: "policy.yaml", text: try LoopBench.policy()), rejectLimit: .count(0),
            institution: Institution(name: "Bank", contact: "+86"), simulatedClockStart: ReadyRun.wall)
        plan.inner = try CoreBench(tasks: 6, order: try order.json()).ledger
        try plan.inner.transaction { ledger in
            for stage in RunStage.allCases.prefix(4) {
                let done = Checkpoint(
                    stage: stage, isComplete: true, startedAt: ReadyRun.wall, updatedAt: ReadyRun.wall)
                try ledger.setCheckpoint(done, of: ReadyRun.run)
            }
        }
        loop = try LoopBench.loop(plan, ears, room, directory)
        try loop.start()
    }

    /// A loop that is given the order for a run over a book of so many accounts, and has not looked at it yet.
    init(reading accounts: Int) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let book = "\(directory)/book.csv"
        let generator = BookGenerator(seed: 1, accounts: accounts, asOf: ReadyRun.date)
        try Data(generator.reduce(into: generator.headers.book) { $0 += $1.book }).write(
            to: URL(fileURLWithPath: book))
        let order = RunOrder(
            run: ReadyRun.run, asOf: ReadyRun.date, contactDate: ReadyRun.date, book: try SourceFile(pinning: book),
            policy: RunOrder.NamedText(source: "policy.yaml", text: try LoopBench.policy()), rejectLimit: .count(0),
            institution: Institution(name: "Bank", contact: "+86"), simulatedClockStart: ReadyRun.wall)
        try OrderBox(dataDirectory: directory).put(order)
        loop = try LoopBench.loop(plan, ears, room, directory)
        try loop.start()
    }

    private static func loop(_ plan: FailingLedger.Plan, _ ears: Ear, _ room: Room, _ directory: String) throws -> Loop
    {
        Loop(
            ledger: try HeldLedger { FailingLedger(plan) }, inbox: Inbox(), transport: ears,
            configuration: CoordinatorConfiguration(
                dataDirectory: directory, limits: ReadyRun.limits, incarnation: 7, software: "recoup test",
                endsWithRun: true),
            observer: SilentObserver(), reserve: room, pauseMilliseconds: 0)
    }

    func run() throws -> RunRecord? { try plan.inner.transaction { try $0.run(ReadyRun.run) } }
    func accounts() throws -> Int { try plan.inner.transaction { try $0.accountCount(of: ReadyRun.run) } }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private static func policy() throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent("policies/cn-consumer.yaml"), encoding: .utf8)
    }

    func pass(_ inputs: Input...) throws -> [Directive] {
        _ = try loop.pass(inputs)
        return ears.take()
    }

    func connect() throws -> SessionID {
        last += 1
        let session = SessionID(last)
        let hello = Message.Hello(worker: "sms-1", incarnation: last, stages: [StageName("sms")], capacity: 500)
        let directives = try pass(.connected(session, .anyone), .message(session, .hello(hello)))
        guard case .send(session, .welcome)? = directives.first else {
            throw LedgerError(.notFound, "expected Welcome, got \(directives)")
        }
        return session
    }

    func ask(_ session: SessionID, credit: Int) throws -> [Directive] {
        try pass(.message(session, .leaseRequest(Message.LeaseRequest(id: 1, stage: StageName("sms"), credit: credit))))
    }

    func report(_ session: SessionID, _ lease: LeaseKey, _ task: TaskID) throws -> [Directive] {
        try pass(.message(session, .report(Message.Report(id: 9, lease: lease, outcomes: [delivered(task)]))))
    }

    var condition: CoordinatorCondition.Kind? { CoordinatorCondition(in: directory)?.kind }

    func state(_ task: TaskID) throws -> TaskState? { try plan.inner.transaction { try $0.task(task)?.state } }
}

extension [Directive] {
    fileprivate var granted: Message.LeaseGranted? {
        for case .send(_, .leaseGranted(let granted)) in self { return granted }
        return nil
    }
    fileprivate var verdicts: [Verdict] {
        for case .send(_, .reportAck(let ack)) in self { return ack.verdicts.map(\.verdict) }
        return []
    }
    fileprivate var closed: [SessionID] {
        compactMap { if case .close(let session) = $0 { session } else { nil } }
    }
}

@Suite("The coordinator when its ledger fails")
struct LedgerFaultTests {
    @Test func `A commit that fails acknowledges nothing; opened anew, the report is taken when it comes again`() throws
    {
        let bench = try LoopBench()
        let session = try bench.connect()
        let lease = try #require(try bench.ask(session, credit: 2).granted)
        bench.plan.faults = [.before(.inputOutput)]
        let directives = try bench.report(session, lease.lease, lease.tasks[0].id)
        #expect(directives.verdicts == [])
        #expect(directives.closed == [session])
        #expect(bench.plan.openings == 2)
        #expect(bench.condition == nil)
        #expect(try bench.state(lease.tasks[0].id) == .leased)

        let again = try bench.connect()
        #expect(try bench.report(again, lease.lease, lease.tasks[0].id).verdicts == [.accepted])
        let next = try #require(try bench.ask(again, credit: 2).granted)
        #expect(next.lease.epoch > lease.lease.epoch)
    }

    @Test func `A grant whose commit lost its answer is never sent, and its number is never used again`() throws {
        let bench = try LoopBench()
        let session = try bench.connect()
        bench.plan.faults = [.after(.inputOutput)]
        let directives = try bench.ask(session, credit: 2)
        #expect(directives.granted == nil)
        #expect(directives.closed == [session])
        let hidden = try bench.plan.inner.transaction { try $0.liveLeases() }
        #expect(hidden.count == 1)

        let granted = try #require(try bench.ask(try bench.connect(), credit: 2).granted)
        #expect(granted.lease.id != hidden[0].lease.id)
        #expect(granted.lease.epoch > hidden[0].lease.epoch)
        #expect(Set(granted.tasks.map(\.id)).isDisjoint(with: [ReadyRun.taskID(1), ReadyRun.taskID(2)]))
    }

    @Test func `A report that was in the ledger all the same is answered as known when it comes again`() throws {
        let bench = try LoopBench()
        let session = try bench.connect()
        let lease = try #require(try bench.ask(session, credit: 2).granted)
        bench.plan.faults = [.after(.inputOutput)]
        #expect(try bench.report(session, lease.lease, lease.tasks[0].id).verdicts == [])
        #expect(try bench.report(try bench.connect(), lease.lease, lease.tasks[0].id).verdicts == [.alreadyKnown])
    }

    @Test func `A ledger that lost what was promised is not gone on with`() throws {
        let bench = try LoopBench()
        let session = try bench.connect()
        _ = try #require(try bench.ask(session, credit: 2).granted)
        bench.plan.faults = [.before(.inputOutput)]
        bench.plan.inner = try CoreBench(tasks: 6).ledger
        let error = #expect(throws: LedgerError.self) { try bench.ask(session, credit: 1) }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains("epoch") == true)
    }

    @Test func `One fault too many ends the coordinator, with the fault`() throws {
        let bench = try LoopBench()
        bench.plan.faults = Array(repeating: .before(.inputOutput), count: 20)
        let error = #expect(throws: LedgerError.self) { try bench.pass() }
        #expect(error?.code == .inputOutput)
        #expect(bench.plan.openings == 1 + FaultAllowance.faults)
        #expect(bench.condition == .ledgerFault)
    }

    @Test func `On a full disk reports are taken and nothing is leased, until there is room`() throws {
        let bench = try LoopBench()
        let session = try bench.connect()
        let lease = try #require(try bench.ask(session, credit: 2).granted)
        bench.room.isFree = false
        bench.plan.faults = [.before(.full)]
        #expect(try bench.report(session, lease.lease, lease.tasks[0].id).verdicts == [.accepted])
        #expect(bench.room.drops == 1)
        #expect(bench.condition == .diskFull)
        #expect(try bench.ask(session, credit: 2).granted == nil)
        #expect(try bench.report(session, lease.lease, lease.tasks[1].id).verdicts == [.accepted])

        bench.room.isFree = true
        #expect(try bench.pass().granted?.tasks.count == 2, "the request that waited is filled")
        #expect(bench.condition == nil)
        #expect(bench.plan.openings == 1)
    }

    @Test(arguments: [false, true])
    func `A disk that is full while a book is read holds the run up and does not end it`(isFullFromTheStart: Bool)
        throws
    {
        let bench = try LoopBench(reading: 2_500)
        let rejects = RunFiles(dataDirectory: bench.directory, run: ReadyRun.run).rejects
        bench.room.isFree = false
        // The order is taken, and what its run needs beside it finds no room.
        if isFullFromTheStart { bench.plan.faults = [.none, .before(.full)] }
        _ = try bench.pass()
        if !isFullFromTheStart {
            #expect(bench.condition == nil)
            bench.plan.faults = [.before(.full)]
            _ = try bench.pass()
        }
        #expect(bench.condition == .diskFull)
        #expect(try bench.run()?.isFinished == false, "nothing was planned, and nothing is lost")

        bench.room.isFree = true
        for _ in 0..<6 { _ = try bench.pass() }
        #expect(bench.condition == nil)
        #expect(try bench.accounts() == 2_500)
        #expect(FileManager.default.fileExists(atPath: rejects))
    }

    @Test func `When not even a report fits, workers are disconnected, and welcome when it does`() throws {
        let bench = try LoopBench()
        let session = try bench.connect()
        let lease = try #require(try bench.ask(session, credit: 2).granted)
        bench.room.isFree = false
        bench.plan.faults = [.before(.full), .before(.full)]
        let directives = try bench.report(session, lease.lease, lease.tasks[0].id)
        #expect(directives.verdicts == [])
        #expect(directives.closed == [session])
        #expect(bench.condition == .diskFull)
        #expect(try bench.report(try bench.connect(), lease.lease, lease.tasks[0].id).verdicts == [.accepted])
    }

    @Test func `A person's decision left as a file is taken in a turn, once; one that changes nothing is kept aside`()
        throws
    {
        let bench = try LoopBench()
        let session = try bench.connect()
        let lease = try #require(try bench.ask(session, credit: 2).granted)
        let ids = lease.tasks.map(\.id)
        _ = try bench.plan.inner.transaction { try $0.expireIfHeld(lease.lease, at: ReadyRun.wall) }
        let box = DecisionBox(dataDirectory: bench.directory)
        let records = try bench.plan.inner.transaction { ledger in try ids.map { try #require(try ledger.task($0)) } }
        try box.put(try Decision(on: records[0], outcome: .delivered, reason: "on the invoice", person: "li"))
        try box.put(try Decision(on: records[1], outcome: nil, reason: "never received", person: "li"))
        _ = try bench.plan.inner.transaction {
            try $0.settleIfHeld(delivered(ids[1]), under: lease.lease, businessDate: ReadyRun.date, at: ReadyRun.wall)
        }
        #expect(box.isTaken(ids[0]) == nil)
        // The box is looked into twice a second.
        while box.isTaken(ids[0]) == nil { _ = try bench.pass() }
        #expect(box.isTaken(ids[0]) == true)
        #expect(box.isTaken(ids[1]) == false)
        #expect(try bench.state(ids[0]) == .settled)
        let notes = try bench.plan.inner.transaction { try $0.transitions(of: ids[0]).map(\.note) }
        #expect(notes.last == "delivered, by hand, li: on the invoice")
        let history = try bench.plan.inner.transaction { try $0.history(of: records[0].task.caseID) }
        #expect(history.map(\.date) == [LoopBench.contactDate])
    }

    @Test func `What a worker reports is booked on the day on which its run contacts people`() throws {
        let bench = try LoopBench()
        let session = try bench.connect()
        let lease = try #require(try bench.ask(session, credit: 1).granted)
        #expect(try bench.report(session, lease.lease, lease.tasks[0].id).verdicts == [.accepted])
        let history = try bench.plan.inner.transaction { ledger in
            try ledger.history(of: try #require(try ledger.task(lease.tasks[0].id)).task.caseID)
        }
        #expect(history.map(\.date) == [LoopBench.contactDate])
    }

    @Test func `A decision needs a reason, an uncertain task, and an outcome of its stage`() throws {
        let bench = try LoopBench()
        let lease = try #require(try bench.ask(try bench.connect(), credit: 1).granted)
        let id = lease.tasks[0].id
        let held = try #require(try bench.plan.inner.transaction { try $0.task(id) })
        #expect(throws: DecisionFault.self) { try Decision(on: held, outcome: nil, reason: "x", person: "li") }
        _ = try bench.plan.inner.transaction { try $0.expireIfHeld(lease.lease, at: ReadyRun.wall) }
        let record = try #require(try bench.plan.inner.transaction { try $0.task(id) })
        #expect(throws: DecisionFault.self) { try Decision(on: record, outcome: nil, reason: " ", person: "li") }
        let wrong = #expect(throws: DecisionFault.self) {
            try Decision(on: record, outcome: .placed, reason: "x", person: "li")
        }
        #expect(wrong?.description.contains("delivered") == true)
    }
}
