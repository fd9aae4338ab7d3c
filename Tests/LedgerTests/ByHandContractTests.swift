@testable import Arrears
@testable import Leasing
@testable import Ledger
import Testing

@Suite("Contract: what a person decides on uncertain tasks")
struct ByHandContractTests {
    /// A store with t1 (and t2, still leased) whose lease ended without a word.
    private func withUncertain(
        _ kind: StoreKind, _ body: (_ ledger: any Ledger, _ lease: LeaseKey) throws -> Void
    ) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1", priority: 1), .sample("t2", priority: 2)])
            let lease = try ledger.grant(.sms, limit: 1).lease
            _ = try ledger.once { try $0.expireIfHeld(lease, at: .noon) }
            _ = try ledger.grant(.sms, limit: 1)
            try body(ledger, lease)
        }
    }

    private func hand(_ lease: LeaseKey) -> ByHand {
        ByHand(person: "li", reason: "gateway's invoice lists it", lease: lease)
    }

    private func settle(_ outcome: Outcome, _ hand: ByHand, _ ledger: any Ledger) throws -> Verdict {
        try ledger.once {
            try $0.settleUncertain(outcome, by: hand, businessDate: .today, at: .noon(plus: 9))
        }
    }

    private func release(_ task: TaskID, _ hand: ByHand, _ ledger: any Ledger) throws -> Verdict {
        try ledger.once { try $0.releaseUncertain(task, by: hand, at: .noon(plus: 9)) }
    }

    @Test(arguments: StoreKind.allCases)
    func `Settling leaves the outcome, the history, and who decided why`(kind: StoreKind) throws {
        try withUncertain(kind) { ledger, lease in
            #expect(try settle(.made("t1"), hand(lease), ledger) == .accepted)
            let record = try #require(try ledger.once { try $0.task("t1") })
            #expect(record.state == .settled)
            #expect(record.outcome == .made("t1"))
            #expect(record.changedAt == .noon(plus: 9))
            #expect(try ledger.once { try $0.history(of: "case-t1").map(\.outcome) } == [.delivered])
            let last = try ledger.once { try $0.transitions(of: "t1").last }
            #expect(last?.note == "delivered, by hand, li: gateway's invoice lists it")
            #expect(try settle(.made("t1"), hand(lease), ledger) == .leaseLost, "a second decision changes nothing")
            #expect(try ledger.once { try $0.history(of: "case-t1").count } == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `Released while its run dispatches, a task is ready and is attempted anew`(kind: StoreKind) throws {
        try withUncertain(kind) { ledger, lease in
            #expect(try release("t1", hand(lease), ledger) == .accepted)
            #expect(try ledger.state(of: "t1") == .ready)
            let last = try ledger.once { try $0.transitions(of: "t1").last }
            #expect(last?.note == "released by hand, li: gateway's invoice lists it")
            let granted = try ledger.grant(.sms, at: .noon(plus: 10)).tasks
            #expect(granted.map(\.id) == ["t1"])
            #expect(granted.map(\.mode) == [.attempt])
            #expect(try release("t1", hand(lease), ledger) == .leaseLost)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `Released after its run's dispatch, a task waits for the next run to plan it`(kind: StoreKind) throws {
        for isFinished in [false, true] {
            try withUncertain(kind) { ledger, lease in
                try ledger.once {
                    let done = Checkpoint(stage: .reconcile, isComplete: true, startedAt: .noon, updatedAt: .noon)
                    if isFinished {
                        try $0.finishRun(.today, at: .noon)
                    } else {
                        try $0.setCheckpoint(done, of: .today)
                    }
                }
                #expect(try release("t1", hand(lease), ledger) == .accepted)
                #expect(try ledger.state(of: "t1") == .withdrawn)
                if !isFinished { try ledger.once { try $0.finishRun(.today, at: .noon) } }
                try ledger.fill("next", with: [.sample("t1", run: "next")], startedAt: .noon(plus: 60))
                #expect(try ledger.state(of: "t1") == .ready)
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A task that is not uncertain under the lease that the person saw is left alone`(kind: StoreKind) throws {
        try withUncertain(kind) { ledger, lease in
            let older = LeaseKey(id: lease.id, epoch: Epoch(lease.epoch.rawValue - 1))
            let held = try #require(try ledger.once { try $0.task("t2")?.lease })
            let before = try ledger.once { try Snapshot($0, tasks: ["t1", "t2"], runs: [.today]) }
            for (task, wrong) in [("t1", older), ("t1", held), ("t2", held), ("t2", lease)] as [(TaskID, LeaseKey)] {
                #expect(try settle(.made(task), hand(wrong), ledger) == .leaseLost)
                #expect(try release(task, hand(wrong), ledger) == .leaseLost)
            }
            #expect(try settle(.made("t9"), hand(lease), ledger) == .unknownTask)
            #expect(try release("t9", hand(lease), ledger) == .unknownTask)
            #expect(try ledger.once { try Snapshot($0, tasks: ["t1", "t2"], runs: [.today]) } == before)
        }
    }
}
