@testable import Arrears
@testable import Leasing
@testable import Ledger
import Testing

@Suite("Contract: events between books")
struct EventContractTests {
    private func hold(_ id: String, source: String = "crm", of customer: CustomerID = "C1") -> RegisterEvent {
        RegisterEvent(
            source: source, id: id, subject: .customer(customer), date: .today, fact: .hold(.dispute, until: nil))
    }

    @Test(arguments: StoreKind.allCases)
    func `The same event twice is one, and another under its name changes nothing`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            func insert(_ event: RegisterEvent) throws -> Bool {
                try ledger.once { try $0.insertRegisterEvent(event, at: .noon) }
            }
            let first = try insert(hold("1"))
            #expect(first)
            #expect(try insert(hold("1")) == false)
            #expect(try insert(hold("1", of: "C2")) == false)
            #expect(try ledger.once { try $0.registerEvent("1", of: "crm") } == hold("1"))
            #expect(try insert(hold("1", source: "bank")))
            #expect(
                try ledger.once { try $0.registerEvents(of: "C1", accounts: []) }.map(\.source) == ["crm", "bank"])
            #expect(try ledger.once { try $0.registerEvents(of: "C2", accounts: []) } == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `Events of a person and of the accounts come in the order of their arrival`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            func paid(_ id: String, _ account: CaseID) -> RegisterEvent {
                RegisterEvent(
                    source: "bank", id: id, subject: .account(account), date: .today, fact: .payment(.yuan(5)))
            }
            try ledger.once { transaction in
                for event in [paid("3", "b"), hold("9"), paid("1", "a"), hold("2"), paid("0", "c")] {
                    _ = try transaction.insertRegisterEvent(event, at: .noon)
                }
            }
            let events = try ledger.once { try $0.registerEvents(of: "C1", accounts: ["a", "b", "a"]) }
            #expect(events.map(\.id) == ["3", "9", "1", "2"])
        }
    }

    private func states(_ ledger: any Ledger, _ tasks: [TaskID]) throws -> [TaskState?] {
        try tasks.map { try ledger.state(of: $0) }
    }

    @Test(arguments: StoreKind.allCases)
    func `What nobody holds is withdrawn at once, and its story says why`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1"), .sample("t2")])
            try ledger.once { try $0.stop("t1", why: "crm told of a hold", at: .noon) }
            #expect(try states(ledger, ["t1", "t2"]) == [.withdrawn, .ready])
            #expect(try ledger.once { try $0.transitions(of: "t1") }.last?.note == "crm told of a hold")
            #expect(try ledger.grant(.sms).tasks.map(\.id) == ["t2"])
            try ledger.once { try $0.stop("nobody's", why: "", at: .noon) }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A leased task is told to its worker, and is withdrawn by whatever proves that nothing was attempted`(
        kind: StoreKind
    ) throws {
        try kind.withLedger { ledger in
            let ids: [TaskID] = ["released", "never-seen", "expired", "made"]
            try ledger.fill(
                with: ids.map { .sample($0, stage: $0 == "expired" ? .legal : .sms) } + [.sample("untouched")])
            let lease = try ledger.grant(.sms).lease
            let legal = try ledger.grant(.legal).lease
            for id in ids { try ledger.once { try $0.stop(id, why: "paid", at: .noon) } }
            #expect(try states(ledger, ids) == [.leased, .leased, .leased, .leased])
            let told = try ledger.once { try $0.closedTasks(under: lease, at: .noon, limit: 10) }
            #expect(told == ["made", "never-seen", "released"])

            #expect(try ledger.once { try $0.releaseIfHeld("released", under: lease, at: .noon) } == .accepted)
            #expect(try ledger.settle(.neverSeen("never-seen"), under: lease) == .accepted)
            #expect(try ledger.once { try $0.expireIfHeld(legal, at: .noon) } == 1)
            #expect(try ledger.settle(.made("made"), under: lease) == .accepted)
            #expect(try ledger.once { try $0.releaseIfHeld("untouched", under: lease, at: .noon) } == .accepted)
            #expect(try states(ledger, ids) == [.withdrawn, .withdrawn, .withdrawn, .settled])
            #expect(try ledger.state(of: "untouched") == .ready)
            let story = try ledger.once { try $0.transitions(of: "released") }.suffix(2)
            #expect(story.map(\.to) == [.ready, .withdrawn])
            #expect(story.map(\.note) == [TransitionNote.released, "paid"])
            #expect(try ledger.grant(.sms).tasks.map(\.id) == ["untouched"])
            #expect(try ledger.grant(.legal).tasks == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A task of unknown fate is asked about, and not attempted again`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1"), .sample("t2")])
            let lease = try ledger.grant(.sms).lease
            #expect(try ledger.once { try $0.expireIfHeld(lease, at: .morning) } == 2)
            for id: TaskID in ["t1", "t2"] { try ledger.once { try $0.stop(id, why: "paid", at: .noon) } }
            #expect(try states(ledger, ["t1", "t2"]) == [.uncertain, .uncertain])
            let asked = try ledger.grant(.sms)
            #expect(asked.tasks.map(\.mode) == [.inquire, .inquire])
            #expect(try ledger.settle(.neverSeen("t1"), under: asked.lease) == .accepted)
            #expect(try ledger.settle(.unknown("t2"), under: asked.lease) == .accepted)
            #expect(try states(ledger, ["t1", "t2"]) == [.withdrawn, .uncertain])
            let uncertain = try #require(try ledger.once { try $0.task("t2") }?.lease)
            let hand = ByHand(person: "li", reason: "looked", lease: uncertain)
            #expect(try ledger.once { try $0.releaseUncertain("t2", by: hand, at: .noon) } == .accepted)
            #expect(try ledger.state(of: "t2") == .withdrawn)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A run that plans the task again knows of no stop`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1")])
            try ledger.once { try $0.stop("t1", why: "hold", at: .noon) }
            try ledger.once { try $0.finishRun(.today, at: .noon) }
            try ledger.fill("tomorrow", with: [.sample("t1", run: "tomorrow")], startedAt: .closing)
            let lease = try ledger.grant(.sms).lease
            #expect(try ledger.once { try $0.releaseIfHeld("t1", under: lease, at: .noon) } == .accepted)
            #expect(try ledger.state(of: "t1") == .ready)
        }
    }
}
