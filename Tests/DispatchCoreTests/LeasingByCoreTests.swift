import CoreBench
@testable import DispatchCore
@testable import Arrears
@testable import Leasing
@testable import Ledger
import Testing

@Suite("What the core grants, settles and takes back")
struct LeasingByCoreTests {
    @Test func `Lease, report, acknowledgement`() throws {
        let bench = try CoreBench(tasks: 3)
        let (session, _) = try bench.connect("sms-1")
        let granted = try #require(try bench.request(session, credit: 2))
        #expect(granted.tasks.map(\.id) == [ReadyRun.taskID(1), ReadyRun.taskID(2)])
        #expect(granted.tasks.allSatisfy { $0.content == [1, 2, 3] && $0.startWithinMilliseconds == 3_600_000 })
        let verdicts = try bench.report(session, granted.lease, granted.tasks.map { delivered($0.id) })
        #expect(verdicts == [ReadyRun.taskID(1): .accepted, ReadyRun.taskID(2): .accepted])
        #expect(try bench.state(ReadyRun.taskID(1)) == .settled)
        #expect(bench.core.leases.count == 0)
    }

    @Test func `The same report again gets the same peace, and changes nothing`() throws {
        let bench = try CoreBench(tasks: 1)
        let (session, _) = try bench.connect("sms-1")
        let granted = try #require(try bench.request(session, credit: 1))
        _ = try bench.report(session, granted.lease, [delivered(ReadyRun.taskID(1))])
        let other = Outcome(task: ReadyRun.taskID(1), attempt: .made, code: .undelivered)
        #expect(try bench.report(session, granted.lease, [other]) == [ReadyRun.taskID(1): .alreadyKnown])
        let outcome = try bench.ledger.transaction { try $0.task(ReadyRun.taskID(1))?.outcome }
        #expect(outcome?.code == .delivered)
    }

    @Test func `A report under another epoch changes nothing`() throws {
        let bench = try CoreBench(tasks: 1)
        let (session, _) = try bench.connect("sms-1")
        let granted = try #require(try bench.request(session, credit: 1))
        let older = LeaseKey(id: granted.lease.id, epoch: Epoch(granted.lease.epoch.rawValue - 1))
        #expect(try bench.report(session, older, [delivered(ReadyRun.taskID(1))]) == [ReadyRun.taskID(1): .leaseLost])
        #expect(try bench.state(ReadyRun.taskID(1)) == .leased)
    }

    @Test func `A request without work waits, and is filled when a task comes back`() throws {
        let bench = try CoreBench(tasks: 1)
        let (first, _) = try bench.connect("sms-1")
        let (second, _) = try bench.connect("sms-2")
        let granted = try #require(try bench.request(first, credit: 1))
        #expect(try bench.request(second, credit: 1) == nil)
        let release = Message.Release(id: 1, lease: granted.lease, tasks: [ReadyRun.taskID(1)])
        var later: Message.LeaseGranted?
        for case .send(second, .leaseGranted(let grant)) in try bench.turn(.message(first, .release(release))) {
            later = grant
        }
        let regranted = try #require(later)
        #expect(regranted.lease.epoch > granted.lease.epoch)
        #expect(
            try bench.report(first, granted.lease, [delivered(ReadyRun.taskID(1))]) == [
                ReadyRun.taskID(1): .leaseLost
            ])
    }

    @Test func `A contact whose lease ends without a word is uncertain, and is asked about, never sent again blindly`()
        throws
    {
        let bench = try CoreBench(tasks: 1)
        let (dead, _) = try bench.connect("sms-1")
        let granted = try #require(try bench.request(dead, credit: 1))
        try bench.turn(.closed(dead))
        bench.pass(milliseconds: ReadyRun.limits.leaseMilliseconds)
        try bench.turn()
        #expect(try bench.state(ReadyRun.taskID(1)) == .uncertain)

        let (other, _) = try bench.connect("sms-2")
        #expect(try bench.request(other, credit: 1) == nil)
        bench.pass(milliseconds: ReadyRun.limits.inquiryDelayMilliseconds)
        var inquiry: Message.LeaseGranted?
        for case .send(other, .leaseGranted(let grant)) in try bench.turn() { inquiry = grant }
        let asked = try #require(inquiry)
        #expect(asked.tasks.map(\.mode) == [.inquire])
        let neverSeen = Outcome(task: ReadyRun.taskID(1), attempt: .neverSeen, code: .madeResultUnknown)
        #expect(try bench.report(other, asked.lease, [neverSeen]) == [ReadyRun.taskID(1): .accepted])
        let again = try #require(try bench.request(other, credit: 1))
        #expect(again.tasks.map(\.mode) == [.attempt])
        #expect(again.lease.epoch > asked.lease.epoch && asked.lease.epoch > granted.lease.epoch)
    }

    @Test func `A late report settles an uncertain contact`() throws {
        let bench = try CoreBench(tasks: 1)
        let (session, _) = try bench.connect("sms-1")
        let granted = try #require(try bench.request(session, credit: 1))
        bench.pass(milliseconds: ReadyRun.limits.leaseMilliseconds)
        guard case .close(session)? = try bench.turn().first else {
            Issue.record("expected the silent connection to be closed")
            return
        }
        let (back, _) = try bench.connect("sms-1")
        #expect(try bench.report(back, granted.lease, [delivered(ReadyRun.taskID(1))]) == [ReadyRun.taskID(1): .late])
        #expect(try bench.state(ReadyRun.taskID(1)) == .settled)
    }

    @Test func `What a killed worker held is with another at the lease's end, in the very turn`() throws {
        let bench = try CoreBench(tasks: 3, stage: .callQueue)
        let (killed, _) = try bench.connect("calls-1", stages: ["callQueue"])
        let granted = try #require(try bench.request(killed, credit: 3, stage: "callQueue"))
        let (other, _) = try bench.connect("calls-2", stages: ["callQueue"])
        #expect(try bench.request(other, credit: 3, stage: "callQueue") == nil, "its request waits")
        try bench.turn(.closed(killed))
        // The other goes on saying that it lives.
        let heartbeat = Message.heartbeat(Message.Heartbeat(sequence: 1, leases: []))
        for _ in 1...5 {
            bench.pass(milliseconds: ReadyRun.limits.leaseMilliseconds / 6)
            #expect(try bench.turn(.message(other, heartbeat)).count == 1)
        }
        #expect(bench.core.nextDeadline(now: bench.now) <= bench.now.uptime + ReadyRun.limits.leaseMilliseconds / 6)
        bench.pass(milliseconds: ReadyRun.limits.leaseMilliseconds / 6)
        var taken: [TaskID] = []
        // Three that were delivered once come in a smaller batch, and the rest with the next request.
        for case .send(other, .leaseGranted(let grant)) in try bench.turn() { taken += grant.tasks.map(\.id) }
        while let grant = try bench.request(other, credit: 3, stage: "callQueue") { taken += grant.tasks.map(\.id) }
        #expect(taken == granted.tasks.map(\.id))
    }

    @Test func `A contact that a killed worker never began is with another within a second of the lease's end`() throws
    {
        let bench = try CoreBench(tasks: 1)
        var limits = ReadyRun.limits
        limits.safetyMarginMilliseconds = limits.inquiryDelayMilliseconds
        bench.core = CoreBench.core(limits: limits, incarnation: 9)
        bench.core.beginDispatch(ReadyRun.run)
        let (killed, _) = try bench.connect("sms-1")
        _ = try #require(try bench.request(killed, credit: 1))
        try bench.turn(.closed(killed))
        bench.pass(milliseconds: limits.leaseMilliseconds - 1)
        let (other, _) = try bench.connect("sms-2")
        #expect(try bench.request(other, credit: 1) == nil, "its request waits")

        bench.pass(milliseconds: 1)
        var inquiry: Message.LeaseGranted?
        for case .send(other, .leaseGranted(let grant)) in try bench.turn() { inquiry = grant }
        let asked = try #require(inquiry)
        #expect(asked.tasks.map(\.mode) == [.inquire], "in the turn in which the lease ended")
        bench.pass(milliseconds: 500)
        let neverSeen = Outcome(task: ReadyRun.taskID(1), attempt: .neverSeen, code: .madeResultUnknown)
        #expect(try bench.report(other, asked.lease, [neverSeen]) == [ReadyRun.taskID(1): .accepted])
        let again = try #require(try bench.request(other, credit: 1))
        #expect(again.tasks.map(\.mode) == [.attempt])
    }

    @Test func `Portfolios share a worker by weight`() throws {
        let bench = try CoreBench(tasks: 40, portfolios: ["big", "big", "big", "small"])
        bench.core = CoreBench.core(weights: ["small": 4], incarnation: 9)
        bench.core.beginDispatch(ReadyRun.run)
        let (worker, _) = try bench.connect("sms-1")
        let granted = try #require(try bench.request(worker, credit: 10))
        let portfolios = try granted.tasks.map { task in
            try bench.ledger.transaction { try $0.task(task.id)?.task.portfolio }
        }
        #expect(portfolios.filter { $0 == "small" }.count == 8)
        #expect(portfolios.filter { $0 == "big" }.count == 2)
    }

    @Test func `Work that may be repeated goes straight back when its lease ends`() throws {
        let bench = try CoreBench(tasks: 1, stage: .legal)
        let (session, _) = try bench.connect("legal-1", stages: ["legal"])
        _ = try #require(try bench.request(session, credit: 1, stage: "legal"))
        bench.pass(milliseconds: ReadyRun.limits.leaseMilliseconds)
        try bench.turn()
        #expect(try bench.state(ReadyRun.taskID(1)) == .ready)
    }

    @Test func `A heartbeat keeps a lease alive; one for a lost lease says so`() throws {
        let bench = try CoreBench(tasks: 1)
        let (session, _) = try bench.connect("sms-1")
        let granted = try #require(try bench.request(session, credit: 1))
        let foreign = LeaseKey(id: LeaseID(99), epoch: Epoch(99))
        bench.pass(milliseconds: ReadyRun.limits.leaseMilliseconds - 1)
        let heartbeat = Message.Heartbeat(sequence: 4, leases: [granted.lease, foreign])
        guard
            case .send(session, .heartbeatReply(let reply))? = try bench.turn(.message(session, .heartbeat(heartbeat)))
                .first
        else {
            Issue.record("expected HeartbeatReply")
            return
        }
        #expect(reply.sequence == 4)
        #expect(reply.extended == [granted.lease.id])
        #expect(reply.lost == [LeaseID(99)])
        bench.pass(milliseconds: ReadyRun.limits.leaseMilliseconds - 1)
        try bench.turn()
        #expect(try bench.state(ReadyRun.taskID(1)) == .leased)
    }

    @Test func `When the window closes, whoever holds a task is told to take it back`() throws {
        let bench = try CoreBench(tasks: 2)
        let (session, _) = try bench.connect("sms-1")
        let granted = try #require(try bench.request(session, credit: 2))
        _ = try bench.report(session, granted.lease, [delivered(ReadyRun.taskID(2))])
        func cancelled() throws -> [TaskID] {
            let heartbeat = Message.Heartbeat(sequence: 4, leases: [granted.lease])
            for case .send(_, .heartbeatReply(let reply)) in try bench.turn(.message(session, .heartbeat(heartbeat))) {
                return reply.cancelled
            }
            throw LedgerError(.notFound, "expected a reply to the heartbeat")
        }
        bench.now = Now(uptime: bench.now.uptime, wall: ReadyRun.wall.adding(milliseconds: 3_599_999))
        #expect(try cancelled() == [])
        bench.now = Now(uptime: bench.now.uptime, wall: ReadyRun.wall.adding(milliseconds: 3_600_000))
        #expect(try cancelled() == [ReadyRun.taskID(1)])
        let back = Outcome(task: ReadyRun.taskID(1), attempt: .neverSeen, code: .madeResultUnknown)
        #expect(try bench.report(session, granted.lease, [back]) == [ReadyRun.taskID(1): .accepted])
        #expect(try bench.ledger.transaction { try $0.withdrawClosed(ReadyRun.run, now: bench.now.wall) } == 1)
    }

    @Test func `After a restart live leases go on for a whole duration, and reports under them are taken`() throws {
        let bench = try CoreBench(tasks: 1)
        let (session, _) = try bench.connect("sms-1")
        let granted = try #require(try bench.request(session, credit: 1))
        bench.core = CoreBench.core(incarnation: 8)
        try bench.ledger.transaction { try bench.core.recover($0, now: bench.now) }
        bench.core.beginDispatch(ReadyRun.run)
        bench.pass(milliseconds: ReadyRun.limits.leaseMilliseconds - 1)
        let (again, _) = try bench.connect("sms-1", incarnation: 2)
        #expect(try bench.state(ReadyRun.taskID(1)) == .leased)
        #expect(
            try bench.report(again, granted.lease, [delivered(ReadyRun.taskID(1))]) == [ReadyRun.taskID(1): .accepted]
        )
    }

    @Test func `Nothing is granted outside dispatch or while the coordinator ends`() throws {
        let bench = try CoreBench(tasks: 1)
        let (session, _) = try bench.connect("sms-1")
        bench.core.endDispatch()
        #expect(try bench.request(session, credit: 1) == nil)
        bench.core.beginDispatch(ReadyRun.run)
        bench.core.isEnding = true
        #expect(try bench.request(session, credit: 1) == nil)
    }
}
