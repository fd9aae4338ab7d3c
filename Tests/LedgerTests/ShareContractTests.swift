@testable import Arrears
@testable import Leasing
@testable import Ledger
import Testing

@Suite("Contract: whose tasks a grant takes")
struct ShareContractTests {
    @Test(arguments: StoreKind.allCases)
    func `Each portfolio gives its share, the most urgent first`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [
                .sample("a1", portfolio: "a", priority: 1), .sample("a2", portfolio: "a", priority: 2),
                .sample("a3", portfolio: "a", priority: 3), .sample("b1", portfolio: "b", priority: 9),
                .sample("b2", portfolio: "b", priority: 8, from: .morning),
            ])
            #expect(try ledger.once { try $0.waiting(.sms, at: .noon, upTo: 2) } == ["a": 2, "b": 2])
            #expect(try ledger.once { try $0.waiting(.legal, at: .noon, upTo: 2) } == [:])
            #expect(try ledger.once { try $0.waiting(.sms, at: .closing, upTo: 2) } == [:])
            let first = try ledger.grant(.sms, limit: 3, shares: ["a": 2, "b": 1])
            #expect(first.tasks.map(\.id) == ["a1", "a2", "b2"])
            #expect(first.tasks.map(\.portfolio) == ["a", "a", "b"])
            #expect(try ledger.grant(.sms, limit: 3, shares: ["b": 3]).tasks.map(\.id) == ["b1"])
            #expect(try ledger.grant(.sms, limit: 3, shares: [:]).tasks == [])
        }
    }

    @Test(
        arguments: StoreKind.allCases
    )
    func `A batch at which workers die is split until the bad task is alone and set aside`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            let names = (10..<42).map { TaskID("t\($0)") }
            try ledger.fill(with: names.map { .sample($0) })
            var sizes: [Int] = []
            var done = 0
            // Every worker that takes t25 dies before it begins anything, and comes back.
            while true {
                let (lease, tasks) = try ledger.grant(.sms, limit: 32)
                if tasks.isEmpty { break }
                if tasks.contains(where: { $0.id == "t25" }) {
                    sizes.append(tasks.count)
                    for task in tasks {
                        let verdict = try ledger.once {
                            try $0.releaseIfHeld(task.id, under: lease, isCounted: true, at: .noon)
                        }
                        #expect(verdict == .accepted)
                    }
                } else {
                    for task in tasks { #expect(try ledger.settle(.made(task.id), under: lease) == .accepted) }
                    done += tasks.count
                }
            }
            #expect(sizes == [32, 8, 2, 1, 1, 1, 1, 1])
            #expect(done == 31)
            #expect(try ledger.state(of: "t25") == .deadLetter)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `Tasks that were leased before go among themselves, and do not wait behind a share`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [
                .sample("a", portfolio: "a", stage: .callQueue), .sample("b", portfolio: "b", stage: .callQueue),
            ])
            let lost = try ledger.grant(.callQueue, limit: 1, shares: ["a": 1]).lease
            _ = try ledger.once { try $0.expireIfHeld(lost, at: .noon) }
            #expect(try ledger.once { try $0.waiting(.callQueue, at: .noon, upTo: 9) } == ["b": 1])
            #expect(try ledger.grant(.callQueue, limit: 9, shares: ["b": 1]).tasks.map(\.id) == ["a"])
            #expect(try ledger.grant(.callQueue, limit: 9, shares: ["b": 1]).tasks.map(\.id) == ["b"])
        }
    }
}
