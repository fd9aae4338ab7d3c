// Owns: what a coordinator does on a disk that fills up and is freed: the real loop, the real ledger, SQLite's own
// errors.
@testable import DispatchCore
@testable import Arrears
@testable import Coordinator
import Foundation
@testable import Leasing
@testable import Ledger
@testable import SQLiteLedger
import Synchronization
import Testing

@testable import PowerCuts

/// A disk of so many bytes: SQLite's files, the coordinator's reserve, and what others put there.
private final class SmallDisk: RoomReserve {
    static let reserve = 120 * 1024
    let disk: CrashDisk
    private let size: Int
    private var others = 0
    private var isHeld = false

    init(_ disk: CrashDisk, size: Int) {
        self.disk = disk
        self.size = size
        limit()
    }

    var free: Int { size - others - disk.bytes - (isHeld ? Self.reserve : 0) }

    /// Somebody else takes all that is free, or gives it back.
    func crowd(_ isCrowded: Bool) {
        others = isCrowded ? others + max(0, free) : 0
        limit()
    }

    func fill() -> Bool {
        if !isHeld, free >= 2 * Self.reserve { isHeld = true }
        limit()
        return isHeld
    }

    func drop() {
        isHeld = false
        limit()
    }

    private func limit() { disk.setRoom(size - others - (isHeld ? Self.reserve : 0)) }
}

/// A coordinator with a day's messages to hand out, and one worker.
private final class Bench {
    let small: SmallDisk
    private let ears = Ear()
    private let loop: Loop
    private var last: UInt64 = 0
    let home: String

    init() throws {
        home = FileManager.default.temporaryDirectory.appendingPathComponent("full-\(UUID().uuidString)").path
        let disk = try CrashDisk(directory: home, seed: 1)
        CrashVFS.mount(disk)
        small = SmallDisk(disk, size: 16 * 1024 * 1024)
        try PlayDay(run: "2026-11-20-1", accounts: 60).order(in: disk.directory)
        let uptime = Mutex<Int64>(1_000_000)
        loop = Loop(
            ledger: try HeldLedger { try SQLiteLedger(directory: disk.directory) }, inbox: Inbox(), transport: ears,
            configuration: CoordinatorConfiguration(
                dataDirectory: disk.directory, incarnation: 1, software: "test", endsWithRun: true),
            observer: SilentObserver(), reserve: small, pauseMilliseconds: 0,
            machine: MachineClock(uptime: {
                // Each look at the clock finds it later, so that no step waits.
                uptime.withLock { now in
                    now += 10
                    return now
                }
            }))
        try loop.start()
        // Order, five stages with a last empty batch each, and into dispatch.
        for _ in 0..<20 { _ = try pass() }
    }

    deinit {
        CrashVFS.unmount(small.disk)
        try? FileManager.default.removeItem(atPath: home)
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

    func ask(_ session: SessionID, credit: Int) throws -> Message.LeaseGranted? {
        let request = Message.LeaseRequest(id: 1, stage: StageName("sms"), credit: credit)
        for case .send(_, .leaseGranted(let granted)) in try pass(.message(session, .leaseRequest(request))) {
            return granted
        }
        return nil
    }

    /// nil: sent away.
    func report(_ task: TaskID, under lease: LeaseKey, _ session: SessionID) throws -> Verdict? {
        let outcome = Outcome(task: task, attempt: .made, code: .delivered)
        let report = Message.Report(id: 9, lease: lease, outcomes: [outcome])
        for case .send(_, .reportAck(let ack)) in try pass(.message(session, .report(report))) {
            return ack.verdicts.first?.verdict
        }
        return nil
    }

    var condition: CoordinatorCondition? { CoordinatorCondition(in: home) }

    func isSettled(_ task: TaskID) throws -> Bool {
        try SQLiteLedgerReader(directory: small.disk.directory).task(task)?.state == .settled
    }
}

@Suite("A disk that fills up", .serialized)
struct FullDiskTests {
    @Test func `Nothing new is leased, reports are taken out of the reserve while it lasts, and all goes on with room`()
        throws
    {
        let bench = try Bench()
        var session = try bench.connect()
        let lease = try #require(try bench.ask(session, credit: 12))
        try #require(lease.tasks.count == 12)
        #expect(bench.condition == nil)

        bench.small.crowd(true)
        #expect(try bench.ask(session, credit: 1) == nil, "no room for a lease")
        let condition = try #require(bench.condition, "whoever asks for the status is told")
        #expect(condition.kind == .diskFull)
        #expect(condition.detail.contains("expected room on the disk"), "\(condition.detail)")

        var taken: [TaskID] = []
        var waiting = lease.tasks.map(\.id)
        while let task = waiting.first, try bench.report(task, under: lease.lease, session) == .accepted {
            taken.append(waiting.removeFirst())
        }
        #expect(taken.count >= 2, "the reserve holds some reports")
        #expect(!waiting.isEmpty, "and not all of them")
        for task in taken { #expect(try bench.isSettled(task)) }
        for task in waiting { #expect(try !bench.isSettled(task)) }
        #expect(bench.condition?.kind == .diskFull)

        bench.small.crowd(false)
        session = try bench.connect()
        #expect(bench.condition == nil, "it ends by itself")
        for task in waiting { #expect(try bench.report(task, under: lease.lease, session) == .accepted) }
        for task in taken { #expect(try bench.report(task, under: lease.lease, session) == .alreadyKnown) }
        let next = try #require(try bench.ask(session, credit: 2))
        #expect(next.lease.epoch > lease.lease.epoch)
        #expect(Set(next.tasks.map(\.id)).isDisjoint(with: lease.tasks.map(\.id)))
        #expect(try SQLiteLedgerStore(directory: bench.small.disk.directory).verify(isFull: true) == [])
    }
}
