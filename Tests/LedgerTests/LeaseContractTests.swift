@testable import Arrears
@testable import Leasing
@testable import Ledger
import Testing

@Suite("Contract: leases")
struct LeaseContractTests {
    @Test(arguments: StoreKind.allCases)
    func `A lease is remembered as whose it was, under its own epoch only, also when it has ended`(kind: StoreKind)
        throws
    {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1")])
            let lease = try ledger.grant(.sms, limit: 1).lease
            let holder = try #require(try ledger.once { try $0.liveLeases().first }).worker
            for _ in 1...2 {
                #expect(try ledger.once { try $0.holder(of: lease) } == holder)
                let other = LeaseKey(id: lease.id, epoch: lease.epoch.next)
                #expect(try ledger.once { try $0.holder(of: other) } == nil)
                _ = try ledger.once { try $0.expireIfHeld(lease, at: .noon) }
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `Tasks that are leased while their window closes are found`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(
                with: ["t1", "t2", "t3", "late"].map { id in
                    .sample(TaskID(id), to: id == "late" ? .closing.adding(milliseconds: 1) : .closing)
                })
            let lease = try ledger.grant(.sms).lease
            #expect(try ledger.settle(.made("t2"), under: lease) == .accepted)
            func closed(_ lease: LeaseKey, _ at: Timestamp, limit: Int = 10) throws -> [TaskID] {
                try ledger.once { try $0.closedTasks(under: lease, at: at, limit: limit) }
            }
            #expect(try closed(lease, .closing.adding(milliseconds: -1)) == [])
            #expect(try closed(lease, .closing) == ["t1", "t3"])
            #expect(try closed(lease, .closing, limit: 1).count == 1)
            #expect(try closed(LeaseKey(id: lease.id, epoch: lease.epoch.next), .closing) == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `The lowest priority number goes first, then the id`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            // Two windows, so that the order must hold across them.
            try ledger.fill(with: [
                .sample("d", priority: 2), .sample("c", priority: 1, from: .morning), .sample("b", priority: 2),
                .sample("a", priority: 9, from: .morning), .sample("call", stage: .callQueue, priority: 0),
            ])
            let first = try ledger.grant(.sms, limit: 3)
            #expect(first.tasks.map(\.id) == ["c", "b", "d"])
            #expect(first.tasks.map(\.mode) == [.attempt, .attempt, .attempt])
            #expect(first.tasks[0].content == Array("content of c".utf8) + [0, 255])
            #expect(first.tasks[0].notAfter == .closing)
            #expect(try ledger.grant(.sms, limit: 3).tasks.map(\.id) == ["a"])
            #expect(try ledger.grant(.sms, limit: 3).tasks == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A task is leased from the moment its window opens until the moment it closes`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1")])
            let moments: [(Timestamp, isOpen: Bool)] = [
                (.opening.adding(milliseconds: -1), false), (.opening, true),
                (.closing.adding(milliseconds: -1), true), (.closing, false),
            ]
            for (moment, isOpen) in moments {
                let (lease, tasks) = try ledger.grant(.sms, at: moment)
                #expect(tasks.count == (isOpen ? 1 : 0))
                if isOpen { _ = try ledger.once { try $0.releaseIfHeld("t1", under: lease, at: moment) } }
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A finished run's tasks are not leased`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill("old", with: [.sample("t1", run: "old", priority: 0)])
            try ledger.once { try $0.finishRun("old", at: .noon) }
            try ledger.fill(with: [.sample("t2")], startedAt: .morning)
            #expect(try ledger.grant(.sms).tasks.map(\.id) == ["t2"])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `Planned tasks wait until the run makes them ready`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1")])
            let plan = PlannedCase(caseID: "case-t1", decision: .task(.sample("t2")).of("case-t1"), detail: "")
            try ledger.once { try $0.recordPlans([plan], in: .today) }
            #expect(try ledger.once { try $0.task("t2") }?.changedAt == .night)
            #expect(try ledger.grant(.sms).tasks.map(\.id) == ["t1"])
            #expect(try ledger.once { try $0.makeReady(.today, at: .noon) } == 1)
            #expect(try ledger.once { try $0.makeReady(.today, at: .noon) } == 0)
            #expect(try ledger.grant(.sms).tasks.map(\.id) == ["t2"])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `Epochs grow with every grant; one that was asked for in vain is not used up`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1"), .sample("t2")])
            var epochs: [UInt64] = []
            for stage in [Stage.sms, .legal, .sms, .sms] {
                epochs.append(try ledger.grant(stage, limit: 1).lease.epoch.rawValue)
            }
            #expect(epochs == [1, 2, 2, 3])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A lease is live while it holds a task`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1"), .sample("t2")])
            let lease = try ledger.grant(.sms).lease
            let live = LiveLease(lease: lease, worker: "worker-1", incarnation: .max, stage: .sms)
            #expect(try ledger.once { try $0.liveLeases() } == [live])
            #expect(try ledger.once { try $0.extendIfHeld(lease, at: .noon) })
            let forged = LeaseKey(id: lease.id, epoch: lease.epoch.next)
            #expect(try ledger.once { try $0.extendIfHeld(forged, at: .noon) } == false)

            _ = try ledger.settle(.made("t1"), under: lease)
            #expect(try ledger.once { try $0.liveLeases() } == [live])
            _ = try ledger.settle(.made("t2"), under: lease)
            #expect(try ledger.once { try $0.liveLeases() } == [])
            #expect(try ledger.once { try $0.extendIfHeld(lease, at: .noon) } == false)
            #expect(try ledger.once { try $0.expireIfHeld(lease, at: .noon) } == 0)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `When a lease ends without an answer, only a harmless second attempt may follow blindly`(kind: StoreKind)
        throws
    {
        try kind.withLedger { ledger in
            try ledger.fill(with: Stage.allCases.map { .sample(TaskID($0.rawValue), stage: $0) })
            for stage in Stage.allCases {
                let lease = try ledger.grant(stage).lease
                let forged = LeaseKey(id: lease.id, epoch: lease.epoch.next)
                #expect(try ledger.once { try $0.expireIfHeld(forged, at: .noon) } == 0)
                #expect(try ledger.once { try $0.expireIfHeld(lease, at: .noon) } == 1)
                #expect(try ledger.once { try $0.expireIfHeld(lease, at: .noon) } == 0)
            }
            #expect(try ledger.state(of: "sms") == .uncertain)
            #expect(try ledger.state(of: "agency") == .uncertain)
            #expect(try ledger.state(of: "callQueue") == .ready)
            #expect(try ledger.state(of: "legal") == .ready)
            #expect(try ledger.once { try $0.uncertainTasks(of: .today, limit: 1).map(\.task.id) } == ["agency"])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `Deliveries are counted, but not those that were given back`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1", stage: .callQueue)])
            for _ in 1...2 {
                let (lease, tasks) = try ledger.grant(.callQueue)
                #expect(tasks.map(\.delivery) == [1])
                #expect(try ledger.once { try $0.releaseIfHeld("t1", under: lease, at: .noon) } == .accepted)
            }
            let (lease, _) = try ledger.grant(.callQueue)
            _ = try ledger.once { try $0.expireIfHeld(lease, at: .noon) }
            #expect(try ledger.grant(.callQueue).tasks.map(\.delivery) == [2])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A task leased too often is set aside alone; the next ones fill the grant`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            let call = { (id: TaskID, priority: Int) in StageTask.sample(id, stage: .callQueue, priority: priority) }
            try ledger.fill(with: [call("bad", 1), call("b", 2), call("c", 3), call("d", 4)])
            for _ in 1...2 {
                let lease = try ledger.grant(.callQueue, limit: 1).lease
                _ = try ledger.once { try $0.expireIfHeld(lease, at: .noon) }
            }
            #expect(try ledger.grant(.callQueue, limit: 2, maxDeliveries: 2).tasks.map(\.id) == ["b", "c"])
            #expect(try ledger.state(of: "bad") == .deadLetter)
            let last = try ledger.once { try $0.transitions(of: "bad").last }
            #expect(last?.to == .deadLetter)
            #expect(last?.note == "leased 2 times without an outcome")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `The inquiry delay counts from the last possible attempt, not from the lease's end`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1")])
            let lost = try ledger.grant(.sms, limit: 1).lease
            let lastAttempt = Timestamp.noon.adding(milliseconds: -10_000)
            _ = try ledger.once { try $0.expireIfHeld(lost, at: .noon, lastPossibleAttempt: lastAttempt) }
            let story = try ledger.once { try $0.transitions(of: "t1") }
            #expect(story.last?.at == .noon, "it tells when the lease ended")
            #expect(try ledger.grant(.sms, uncertainBefore: lastAttempt.adding(milliseconds: -1)).tasks.isEmpty)
            #expect(try ledger.grant(.sms, uncertainBefore: lastAttempt).tasks.map(\.mode) == [.inquire])
        }
    }

    @Test(
        arguments: StoreKind.allCases
    )
    func `The outside is asked about an uncertain task after the inquiry delay, after the ready ones`(kind: StoreKind)
        throws
    {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1", priority: 1), .sample("t2", priority: 2)])
            let lost = try ledger.grant(.sms, limit: 1).lease
            _ = try ledger.once { try $0.expireIfHeld(lost, at: .noon) }

            let early = try ledger.grant(.sms, uncertainBefore: .noon.adding(milliseconds: -1))
            #expect(early.tasks.map(\.id) == ["t2"])
            _ = try ledger.once { try $0.releaseIfHeld("t2", under: early.lease, at: .noon) }

            let asked = try ledger.grant(.sms, uncertainBefore: .noon)
            #expect(asked.tasks.map(\.id) == ["t2", "t1"])
            #expect(asked.tasks.map(\.mode) == [.attempt, .inquire])
            #expect(asked.tasks.map(\.delivery) == [1, 2])
            #expect(try ledger.settle(.neverSeen("t1"), under: asked.lease) == .accepted)
            #expect(try ledger.grant(.sms).tasks.map(\.mode) == [.attempt])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `What the outside cannot answer is asked three times, then waits for a person`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1")])
            let lost = try ledger.grant(.sms).lease
            _ = try ledger.once { try $0.expireIfHeld(lost, at: .noon) }
            for round in 1...3 {
                let now = Timestamp.noon(plus: Int64(round * 60))
                let asked = try ledger.grant(.sms, at: now)
                #expect(asked.tasks.map(\.mode) == [.inquire])
                // Given back is not asked.
                _ = try ledger.once { try $0.releaseIfHeld("t1", under: asked.lease, at: .noon) }
                #expect(try ledger.state(of: "t1") == .uncertain)
                let again = try ledger.grant(.sms, at: now)
                if round == 2 {
                    #expect(try ledger.once { try $0.expireIfHeld(again.lease, at: now) } == 1)
                } else {
                    #expect(try ledger.settle(.unknown("t1"), under: again.lease, at: now) == .accepted)
                }
                #expect(try ledger.state(of: "t1") == .uncertain)
                #expect(try ledger.grant(.sms, at: now).tasks == [], "it rests before it is asked again")
            }
            #expect(try ledger.grant(.sms, at: .noon(plus: 3600)).tasks == [])
            #expect(try ledger.once { try $0.uncertainTasks(of: .today, limit: 9).map(\.task.id) } == ["t1"])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `Tasks whose window has closed are withdrawn, unless somebody holds them`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [
                .sample("held", priority: 1), .sample("ready", priority: 2),
                .sample("late", stage: .legal, to: .closing.adding(milliseconds: 1)),
            ])
            let plan = PlannedCase(caseID: "case-held", decision: .task(.sample("planned")).of("case-held"), detail: "")
            try ledger.once { try $0.recordPlans([plan], in: .today) }
            _ = try ledger.grant(.sms, limit: 1)
            #expect(try ledger.once { try $0.withdrawClosed(.today, now: .closing.adding(milliseconds: -1)) } == 0)
            #expect(try ledger.once { try $0.withdrawClosed(.today, now: .closing) } == 2)
            let states = try ["held", "ready", "planned", "late"].map { try ledger.state(of: TaskID($0)) }
            #expect(states == [.leased, .withdrawn, .withdrawn, .ready])
        }
    }
}

extension PlannedCase.Decision {
    /// The same task, but of this case.
    func of(_ caseID: CaseID) -> PlannedCase.Decision {
        guard case .task(var task) = self else { return self }
        task.caseID = caseID
        return .task(task)
    }
}
