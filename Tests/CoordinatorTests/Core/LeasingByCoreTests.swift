import Arrears
import Leasing
import Testing

@testable import Coordinator

@Suite("What the core grants, settles and takes back")
struct LeasingByCoreTests {
    @Test("Lease, report, acknowledgement")
    func settles() throws {
        let desk = try Desk(tasks: 3)
        let (session, _) = try desk.connect("sms-1")
        let granted = try #require(try desk.request(session, credit: 2))
        #expect(granted.tasks.map(\.id) == [Desk.taskID(1), Desk.taskID(2)])
        #expect(granted.tasks.allSatisfy { $0.content == [1, 2, 3] && $0.startWithinMilliseconds == 3_600_000 })
        let verdicts = try desk.report(session, granted.lease, granted.tasks.map { delivered($0.id) })
        #expect(verdicts == [Desk.taskID(1): .accepted, Desk.taskID(2): .accepted])
        #expect(try desk.state(Desk.taskID(1)) == .settled)
        #expect(desk.core.leases.count == 0)
    }

    @Test("The same report again gets the same peace, and changes nothing")
    func isIdempotent() throws {
        let desk = try Desk(tasks: 1)
        let (session, _) = try desk.connect("sms-1")
        let granted = try #require(try desk.request(session, credit: 1))
        _ = try desk.report(session, granted.lease, [delivered(Desk.taskID(1))])
        let other = Outcome(task: Desk.taskID(1), attempt: .made, code: .undelivered)
        #expect(try desk.report(session, granted.lease, [other]) == [Desk.taskID(1): .alreadyKnown])
        let outcome = try desk.ledger.transaction { try $0.task(Desk.taskID(1))?.outcome }
        #expect(outcome?.code == .delivered)
    }

    @Test("A report under another epoch changes nothing")
    func fences() throws {
        let desk = try Desk(tasks: 1)
        let (session, _) = try desk.connect("sms-1")
        let granted = try #require(try desk.request(session, credit: 1))
        let older = LeaseKey(id: granted.lease.id, epoch: Epoch(granted.lease.epoch.rawValue - 1))
        #expect(try desk.report(session, older, [delivered(Desk.taskID(1))]) == [Desk.taskID(1): .leaseLost])
        #expect(try desk.state(Desk.taskID(1)) == .leased)
    }

    @Test("A request without work waits, and is filled when a task comes back")
    func fillsLater() throws {
        let desk = try Desk(tasks: 1)
        let (first, _) = try desk.connect("sms-1")
        let (second, _) = try desk.connect("sms-2")
        let granted = try #require(try desk.request(first, credit: 1))
        #expect(try desk.request(second, credit: 1) == nil)
        let release = Message.Release(id: 1, lease: granted.lease, tasks: [Desk.taskID(1)])
        var later: Message.LeaseGranted?
        for case .send(second, .leaseGranted(let grant)) in try desk.turn(.message(first, .release(release))) {
            later = grant
        }
        let regranted = try #require(later)
        #expect(regranted.lease.epoch > granted.lease.epoch)
        #expect(try desk.report(first, granted.lease, [delivered(Desk.taskID(1))]) == [Desk.taskID(1): .leaseLost])
    }

    @Test("A contact whose lease ends without a word is uncertain, and is asked about, never sent again blindly")
    func asksAboutContacts() throws {
        let desk = try Desk(tasks: 1)
        let (dead, _) = try desk.connect("sms-1")
        let granted = try #require(try desk.request(dead, credit: 1))
        try desk.turn(.closed(dead))
        desk.pass(milliseconds: Desk.limits.leaseMilliseconds)
        try desk.turn()
        #expect(try desk.state(Desk.taskID(1)) == .uncertain)

        let (other, _) = try desk.connect("sms-2")
        #expect(try desk.request(other, credit: 1) == nil)
        desk.pass(milliseconds: Desk.limits.inquiryDelayMilliseconds)
        var inquiry: Message.LeaseGranted?
        for case .send(other, .leaseGranted(let grant)) in try desk.turn() { inquiry = grant }
        let asked = try #require(inquiry)
        #expect(asked.tasks.map(\.mode) == [.inquire])
        let neverSeen = Outcome(task: Desk.taskID(1), attempt: .neverSeen, code: .madeResultUnknown)
        #expect(try desk.report(other, asked.lease, [neverSeen]) == [Desk.taskID(1): .accepted])
        let again = try #require(try desk.request(other, credit: 1))
        #expect(again.tasks.map(\.mode) == [.attempt])
        #expect(again.lease.epoch > asked.lease.epoch && asked.lease.epoch > granted.lease.epoch)
    }

    @Test("A late report settles an uncertain contact")
    func takesLateReports() throws {
        let desk = try Desk(tasks: 1)
        let (session, _) = try desk.connect("sms-1")
        let granted = try #require(try desk.request(session, credit: 1))
        desk.pass(milliseconds: Desk.limits.leaseMilliseconds)
        guard case .close(session)? = try desk.turn().first else {
            Issue.record("expected the silent connection to be closed")
            return
        }
        let (back, _) = try desk.connect("sms-1")
        #expect(try desk.report(back, granted.lease, [delivered(Desk.taskID(1))]) == [Desk.taskID(1): .late])
        #expect(try desk.state(Desk.taskID(1)) == .settled)
    }

    @Test("What a killed worker held is with another at the lease's end, in the very turn")
    func passesOnAtTheEnd() throws {
        let desk = try Desk(tasks: 3, stage: .callQueue)
        let (killed, _) = try desk.connect("calls-1", stages: ["callQueue"])
        let granted = try #require(try desk.request(killed, credit: 3, stage: "callQueue"))
        let (other, _) = try desk.connect("calls-2", stages: ["callQueue"])
        #expect(try desk.request(other, credit: 3, stage: "callQueue") == nil, "its request waits")
        try desk.turn(.closed(killed))
        // The other goes on saying that it lives.
        let heartbeat = Message.heartbeat(Message.Heartbeat(sequence: 1, leases: []))
        for _ in 1...5 {
            desk.pass(milliseconds: Desk.limits.leaseMilliseconds / 6)
            #expect(try desk.turn(.message(other, heartbeat)).count == 1)
        }
        #expect(desk.core.nextDeadline(now: desk.now) <= desk.now.uptime + Desk.limits.leaseMilliseconds / 6)
        desk.pass(milliseconds: Desk.limits.leaseMilliseconds / 6)
        var taken: [TaskID] = []
        // Three that were delivered once come in a smaller batch, and the rest with the next request.
        for case .send(other, .leaseGranted(let grant)) in try desk.turn() { taken += grant.tasks.map(\.id) }
        while let grant = try desk.request(other, credit: 3, stage: "callQueue") { taken += grant.tasks.map(\.id) }
        #expect(taken == granted.tasks.map(\.id))
    }

    @Test("A contact that a killed worker never began is with another within a second of the lease's end")
    func passesOnContacts() throws {
        let desk = try Desk(tasks: 1)
        var limits = Desk.limits
        limits.safetyMarginMilliseconds = limits.inquiryDelayMilliseconds
        desk.core = Core(limits: limits, incarnation: 9, software: "recoup test")
        desk.core.dispatching = Core.Dispatching(run: Desk.run, businessDate: Desk.date)
        let (killed, _) = try desk.connect("sms-1")
        _ = try #require(try desk.request(killed, credit: 1))
        try desk.turn(.closed(killed))
        desk.pass(milliseconds: limits.leaseMilliseconds - 1)
        let (other, _) = try desk.connect("sms-2")
        #expect(try desk.request(other, credit: 1) == nil, "its request waits")

        desk.pass(milliseconds: 1)
        var inquiry: Message.LeaseGranted?
        for case .send(other, .leaseGranted(let grant)) in try desk.turn() { inquiry = grant }
        let asked = try #require(inquiry)
        #expect(asked.tasks.map(\.mode) == [.inquire], "in the turn in which the lease ended")
        desk.pass(milliseconds: 500)
        let neverSeen = Outcome(task: Desk.taskID(1), attempt: .neverSeen, code: .madeResultUnknown)
        #expect(try desk.report(other, asked.lease, [neverSeen]) == [Desk.taskID(1): .accepted])
        let again = try #require(try desk.request(other, credit: 1))
        #expect(again.tasks.map(\.mode) == [.attempt])
    }

    @Test("Portfolios share a worker by weight")
    func sharesByWeight() throws {
        let desk = try Desk(tasks: 40, portfolios: ["big", "big", "big", "small"])
        desk.core = Core(limits: Desk.limits, weights: ["small": 4], incarnation: 9, software: "recoup test")
        desk.core.dispatching = Core.Dispatching(run: Desk.run, businessDate: Desk.date)
        let (worker, _) = try desk.connect("sms-1")
        let granted = try #require(try desk.request(worker, credit: 10))
        let portfolios = try granted.tasks.map { task in
            try desk.ledger.transaction { try $0.task(task.id)?.task.portfolio }
        }
        #expect(portfolios.filter { $0 == "small" }.count == 8)
        #expect(portfolios.filter { $0 == "big" }.count == 2)
    }

    @Test("Work that may be repeated goes straight back when its lease ends")
    func repeatsIdempotentWork() throws {
        let desk = try Desk(tasks: 1, stage: .legal)
        let (session, _) = try desk.connect("legal-1", stages: ["legal"])
        _ = try #require(try desk.request(session, credit: 1, stage: "legal"))
        desk.pass(milliseconds: Desk.limits.leaseMilliseconds)
        try desk.turn()
        #expect(try desk.state(Desk.taskID(1)) == .ready)
    }

    @Test("A heartbeat keeps a lease alive; one for a lost lease says so")
    func extends() throws {
        let desk = try Desk(tasks: 1)
        let (session, _) = try desk.connect("sms-1")
        let granted = try #require(try desk.request(session, credit: 1))
        let foreign = LeaseKey(id: LeaseID(99), epoch: Epoch(99))
        desk.pass(milliseconds: Desk.limits.leaseMilliseconds - 1)
        let heartbeat = Message.Heartbeat(sequence: 4, leases: [granted.lease, foreign])
        guard
            case .send(session, .heartbeatReply(let reply))? = try desk.turn(.message(session, .heartbeat(heartbeat)))
                .first
        else {
            Issue.record("expected HeartbeatReply")
            return
        }
        #expect(reply.sequence == 4)
        #expect(reply.extended == [granted.lease.id])
        #expect(reply.lost == [LeaseID(99)])
        desk.pass(milliseconds: Desk.limits.leaseMilliseconds - 1)
        try desk.turn()
        #expect(try desk.state(Desk.taskID(1)) == .leased)
    }

    @Test("After a restart live leases go on for a whole duration, and reports under them are taken")
    func recovers() throws {
        let desk = try Desk(tasks: 1)
        let (session, _) = try desk.connect("sms-1")
        let granted = try #require(try desk.request(session, credit: 1))
        desk.core = Core(limits: Desk.limits, incarnation: 8, software: "recoup test")
        try desk.ledger.transaction { try desk.core.recover($0, now: desk.now) }
        desk.core.dispatching = Core.Dispatching(run: Desk.run, businessDate: Desk.date)
        desk.pass(milliseconds: Desk.limits.leaseMilliseconds - 1)
        let (again, _) = try desk.connect("sms-1", incarnation: 2)
        #expect(try desk.state(Desk.taskID(1)) == .leased)
        #expect(try desk.report(again, granted.lease, [delivered(Desk.taskID(1))]) == [Desk.taskID(1): .accepted])
    }

    @Test("An outcome of another stage is refused with what was expected")
    func refusesForeignOutcomes() throws {
        let desk = try Desk(tasks: 1)
        let (session, _) = try desk.connect("sms-1")
        let granted = try #require(try desk.request(session, credit: 1))
        let promise = Outcome(task: Desk.taskID(1), attempt: .made, code: .promiseToPay)
        let report = Message.Report(id: 1, lease: granted.lease, outcomes: [promise])
        guard case .send(session, .error(let failure))? = try desk.turn(.message(session, .report(report))).first
        else {
            Issue.record("expected an Error")
            return
        }
        #expect(failure.message == "outcome code: expected one of stage sms, got promiseToPay")
        #expect(try desk.state(Desk.taskID(1)) == .leased)
    }

    @Test("Nothing is granted outside dispatch or while the coordinator ends")
    func grantsOnlyInDispatch() throws {
        let desk = try Desk(tasks: 1)
        let (session, _) = try desk.connect("sms-1")
        desk.core.dispatching = nil
        #expect(try desk.request(session, credit: 1) == nil)
        desk.core.dispatching = Core.Dispatching(run: Desk.run, businessDate: Desk.date)
        desk.core.isEnding = true
        #expect(try desk.request(session, credit: 1) == nil)
    }
}
