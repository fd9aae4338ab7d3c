@testable import Arrears
@testable import Leasing
@testable import Ledger
import Testing

@Suite("Contract: outcomes, releases and later news")
struct OutcomeContractTests {
    @Test(arguments: StoreKind.allCases)
    func `An outcome is stored with the case's history and the task's story`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1", stage: .callQueue)])
            let lease = try ledger.grant(.callQueue).lease
            let promise = Outcome.made("t1", .promiseToPay, amount: .yuan(60))
            #expect(try ledger.settle(promise, under: lease, at: .noon(plus: 5)) == .accepted)

            let record = try #require(try ledger.once { try $0.task("t1") })
            #expect(
                record
                    == TaskRecord(
                        task: .sample("t1", stage: .callQueue), state: .settled, lease: lease, worker: "worker-1",
                        deliveries: 1, outcome: promise, changedAt: .noon(plus: 5)))
            #expect(
                try ledger.once { try $0.history(of: "case-t1") } == [
                    CaseHistoryEntry(
                        date: .today, kind: .contact, stage: .callQueue, step: "gentle-callQueue",
                        outcome: .promiseToPay, amount: .yuan(60), due: CalendarDate.today.adding(days: 3),
                        evidence: "message 17")
                ])
            let story = try ledger.once { try $0.transitions(of: "t1") }
            #expect(story.map(\.to) == [.ready, .leased, .settled])
            #expect(story.map(\.note) == ["due", "attempt", "promiseToPay"])
            #expect(story.map(\.lease) == [nil, lease, lease])
            #expect(story.map(\.worker) == [nil, "worker-1", "worker-1"])
            #expect(story.map(\.at) == [.morning, .noon, .noon(plus: 5)])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `The same report again gets an answer and changes nothing`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1")])
            let lease = try ledger.grant(.sms).lease
            #expect(try ledger.settle(.made("t1"), under: lease) == .accepted)
            let before = try ledger.once { try Snapshot($0, tasks: ["t1"], runs: [.today]) }
            #expect(try ledger.settle(.made("t1"), under: lease, at: .closing) == .alreadyKnown)
            #expect(try ledger.settle(.made("t1", .undelivered), under: lease) == .alreadyKnown)
            #expect(try ledger.once { try Snapshot($0, tasks: ["t1"], runs: [.today]) } == before)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `Another lease, another epoch or an unknown task changes nothing`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1"), .sample("t2", priority: 9)])
            let lease = try ledger.grant(.sms, limit: 1).lease
            let other = try ledger.grant(.sms, limit: 1).lease
            let older = LeaseKey(id: lease.id, epoch: Epoch(lease.epoch.rawValue - 1))
            let before = try ledger.once { try Snapshot($0, tasks: ["t1"], runs: [.today]) }
            for wrong in [other, older] {
                for outcome in [Outcome.made("t1"), .notMade("t1"), .neverSeen("t1"), .unknown("t1")] {
                    #expect(try ledger.settle(outcome, under: wrong) == .leaseLost)
                }
                #expect(try ledger.once { try $0.releaseIfHeld("t1", under: wrong, at: .noon) } == .leaseLost)
            }
            #expect(try ledger.settle(.made("t9"), under: lease) == .unknownTask)
            #expect(try ledger.once { try $0.releaseIfHeld("t9", under: lease, at: .noon) } == .unknownTask)
            #expect(try ledger.once { try Snapshot($0, tasks: ["t1"], runs: [.today]) } == before)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A refusal by a gate settles the task as not attempted`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1")])
            let lease = try ledger.grant(.sms).lease
            #expect(try ledger.settle(.notMade("t1"), under: lease) == .accepted)
            #expect(try ledger.state(of: "t1") == .settled)
            #expect(try ledger.once { try $0.history(of: "case-t1").map(\.outcome) } == [.invalidContent])
            #expect(
                try ledger.once { try $0.transitions(of: "t1").last?.note } == "invalidContent, not attempted")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A report that comes after its lease ended settles what is still uncertain`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1"), .sample("t2"), .sample("t3")])
            let lease = try ledger.grant(.sms).lease
            _ = try ledger.once { try $0.expireIfHeld(lease, at: .noon) }
            #expect(try ledger.settle(.made("t1"), under: lease) == .late)
            #expect(try ledger.state(of: "t1") == .settled)
            #expect(try ledger.settle(.made("t1"), under: lease) == .alreadyKnown)

            #expect(try ledger.settle(.unknown("t2"), under: lease) == .alreadyKnown)
            #expect(try ledger.state(of: "t2") == .uncertain)
            #expect(try ledger.settle(.neverSeen("t2"), under: lease) == .late)
            #expect(try ledger.state(of: "t2") == .ready)
            #expect(try ledger.settle(.neverSeen("t2"), under: lease) == .alreadyKnown)

            // t2 is another's attempt by now.
            #expect(try ledger.grant(.sms, limit: 1).tasks.map(\.id) == ["t2"])
            #expect(try ledger.settle(.made("t2"), under: lease) == .leaseLost)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `While a contact is asked about, the worker that made it may still say so, and has the last word`(
        kind: StoreKind
    ) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1"), .sample("t2"), .sample("t3")])
            let lease = try ledger.grant(.sms).lease
            _ = try ledger.once { try $0.expireIfHeld(lease, at: .noon) }
            let asked = try ledger.grant(.sms, at: .noon(plus: 60))
            #expect(asked.tasks.map(\.mode) == [.inquire, .inquire, .inquire])

            #expect(try ledger.settle(.unknown("t1"), under: lease) == .alreadyKnown)
            #expect(try ledger.settle(.made("t1"), under: lease) == .late)
            #expect(try ledger.settle(.made("t1"), under: lease) == .alreadyKnown)
            #expect(try ledger.settle(.neverSeen("t1"), under: asked.lease) == .leaseLost)
            #expect(try ledger.state(of: "t1") == .settled)
            #expect(try ledger.once { try $0.task("t1")?.lease } == lease)

            // The inquiry brought no answer: the attempt's own worker may know all the same.
            #expect(try ledger.settle(.unknown("t2"), under: asked.lease) == .accepted)
            #expect(try ledger.settle(.made("t2"), under: lease) == .late)

            // The inquiry was first.
            #expect(try ledger.settle(.made("t3"), under: asked.lease) == .accepted)
            #expect(try ledger.settle(.made("t3"), under: lease) == .leaseLost)
            #expect(try ledger.once { try $0.history(of: "case-t3").count } == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `Who gives back late what it never began makes it ready at once`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1"), .sample("t2")])
            let lease = try ledger.grant(.sms).lease
            _ = try ledger.once { try $0.expireIfHeld(lease, at: .noon) }
            func release(_ task: TaskID, _ lease: LeaseKey) throws -> Verdict {
                try ledger.once { try $0.releaseIfHeld(task, under: lease, isCounted: true, at: .noon) }
            }
            #expect(try release("t1", lease) == .late)
            #expect(try release("t1", lease) == .alreadyKnown)
            #expect(try ledger.state(of: "t1") == .ready)
            #expect(try ledger.grant(.sms, limit: 1).tasks.map(\.delivery) == [2])

            let asked = try ledger.grant(.sms, at: .noon(plus: 60))
            #expect(asked.tasks.map(\.mode) == [.inquire])
            #expect(try release("t2", lease) == .late)
            #expect(try ledger.settle(.made("t2"), under: asked.lease) == .leaseLost)
            #expect(try ledger.once { try $0.transitions(of: "t2").last?.note } == "released, late")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A worker that looked its attempt up may answer for it within its lease`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            let tasks: [StageTask] = [
                .sample("s1"), .sample("s2"), .sample("c1", stage: .callQueue), .sample("c2", stage: .callQueue),
            ]
            try ledger.fill(with: tasks)
            let sms = try ledger.grant(.sms).lease
            let call = try ledger.grant(.callQueue).lease
            #expect(try ledger.settle(.neverSeen("s1"), under: sms) == .accepted)
            #expect(try ledger.settle(.unknown("s2"), under: sms) == .accepted)
            #expect(try ledger.settle(.neverSeen("c1"), under: call) == .accepted)
            #expect(try ledger.settle(.unknown("c2"), under: call) == .accepted)
            let states = try tasks.map { try ledger.state(of: $0.id) }
            #expect(states == [.ready, .uncertain, .ready, .ready])
            #expect(try ledger.once { try $0.history(of: "case-s2") } == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `An inquiry that finds the attempt settles the task`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1")])
            let lost = try ledger.grant(.sms).lease
            _ = try ledger.once { try $0.expireIfHeld(lost, at: .noon) }
            let asked = try ledger.grant(.sms, at: .noon(plus: 60))
            #expect(try ledger.settle(.made("t1"), under: asked.lease) == .accepted)
            let story = try ledger.once { try $0.transitions(of: "t1").map(\.note) }
            #expect(story == ["due", "attempt", "lease ended", "inquiry", "delivered"])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A release that is repeated gets an answer; a settled task cannot be given back`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1"), .sample("t2")])
            let lease = try ledger.grant(.sms).lease
            func release(_ task: TaskID) throws -> Verdict {
                try ledger.once { try $0.releaseIfHeld(task, under: lease, at: .noon) }
            }
            #expect(try release("t1") == .accepted)
            #expect(try release("t1") == .alreadyKnown)
            #expect(try ledger.once { try $0.task("t1")?.lease } == lease, "the lease that held it last")
            #expect(try ledger.settle(.made("t1"), under: lease) == .leaseLost)
            _ = try ledger.settle(.made("t2"), under: lease)
            #expect(try release("t2") == .leaseLost)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `News about a task is taken once and stands in the case's history by its own date`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1", stage: .agency)])
            let lease = try ledger.grant(.agency).lease
            _ = try ledger.settle(.made("t1", .placed), under: lease)
            let paid = CaseEvent(
                id: "agency-a/7#3", task: "t1", kind: .payment, amount: .yuan(25), date: .today.adding(days: -2))
            let returned = CaseEvent(id: "agency-a/7#4", task: "t1", kind: .return, detail: "moved away")
            let stray = CaseEvent(id: "agency-a/7#5", task: "t9", kind: .contact)
            func record(_ event: CaseEvent) throws -> Bool? {
                try ledger.once { try $0.recordEvent(event, businessDate: .today, at: .noon) }
            }
            #expect(try record(paid) == true)
            #expect(try record(returned) == true)
            #expect(try record(paid) == false)
            #expect(try record(stray) == nil)

            #expect(try ledger.once { try $0.events(of: .today) } == [paid, returned])
            let history = try ledger.once { try $0.history(of: "case-t1") }
            #expect(history.map(\.kind) == [.payment, .placement, .return])
            #expect(history.map(\.outcome) == [.agencyPayment, .placed, .agencyReturn])
            #expect(history.map(\.step) == ["gentle-agency", "gentle-agency", "gentle-agency"])
            #expect(history[0].amount == .yuan(25))
            #expect(history[0].evidence == "agency-a/7#3")
        }
    }
}
