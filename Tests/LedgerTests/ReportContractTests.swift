@testable import Arrears
@testable import Leasing
@testable import Ledger
import Testing

@Suite("Contract: counts and the report")
struct ReportContractTests {
    @Test(arguments: StoreKind.allCases)
    func `Every account is in exactly one cell, with its amounts`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: ["a", "b", "c", "d", "e"].map { .sample(TaskID($0), stage: .callQueue) })
            let dollars = Money(minorUnits: 50_000, currency: .sample("USD"))
            try ledger.once { ledger in
                let more: [StoredAccount] = [
                    StoredAccount(line: 20, account: .sample("good", balance: dollars)),
                    StoredAccount(line: 21, account: .sample("credit", balance: .yuan(-3))),
                    StoredAccount(line: 22, account: .sample("new", balance: dollars)),
                ]
                _ = try ledger.insertAccounts(more, into: .today)
                try ledger.recordRecognitions(
                    [(20, .current), (21, .current), (22, .overdue)],
                    cases: [
                        CaseRecord(
                            line: 22, overdue: .sample(line: 22, id: "new", balance: dollars, bucket: "M2"))
                    ], in: .today)
                try ledger.recordSegments(
                    [("case-a", SegmentMatch(segment: "gentle", rule: "all"))], in: .today)
                let held = PlannedCase(caseID: "case-e", decision: .none(.hold, detail: ""), detail: "")
                try ledger.recordPlans([held], in: .today)
            }
            let lease = try ledger.grant(.callQueue, limit: 3).lease
            _ = try ledger.settle(.made("a", .promiseToPay, amount: .yuan(60)), under: lease)
            _ = try ledger.settle(.made("b", .promiseToPay, amount: .yuan(10)), under: lease)

            let cells = try ledger.once { try $0.reportCells(of: .today) }
            let lines = cells.map { cell in
                let place = "\(cell.bucket)/\(cell.segment)/\(cell.stage?.rawValue ?? "")"
                let amounts = "\(cell.arrearsMinorUnits) \(cell.balanceMinorUnits) \(cell.outcomeMinorUnits)"
                return "\(cell.kind) \(place) \(cell.result) \(cell.currency): \(cell.accounts), \(amounts)"
            }
            // e was planned twice, at last as held: its task is nobody's and shows in no cell.
            #expect(
                lines == [
                    "notACase // current CNY: 1, 0 -300 0",
                    "notACase // current USD: 1, 0 50000 0",
                    "open M1//callQueue leased CNY: 1, 6000 90000 0",
                    "open M1//callQueue ready CNY: 1, 6000 90000 0",
                    "open M2// undecided USD: 1, 6000 50000 0",
                    "outcome M1//callQueue promiseToPay CNY: 1, 6000 90000 1000",
                    "outcome M1/gentle/callQueue promiseToPay CNY: 1, 6000 90000 6000",
                    "reason M1// hold CNY: 1, 6000 90000 0",
                ])
            let stored = try ledger.once { try $0.accountCount(of: .today) }
            #expect(cells.reduce(0) { $0 + $1.accounts } == stored)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `Counts by stage and state add up to the tasks planned`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            let sms = (1...5).map { StageTask.sample(TaskID("s\($0)")) }
            let legal = (1...2).map { StageTask.sample(TaskID("l\($0)"), stage: .legal) }
            try ledger.fill(with: legal + sms)
            let lost = try ledger.grant(.sms, limit: 1).lease
            _ = try ledger.once { try $0.expireIfHeld(lost, at: .noon) }
            let lease = try ledger.grant(.sms, limit: 2).lease
            _ = try ledger.settle(.made("s2"), under: lease)
            #expect(
                try ledger.once { try $0.taskCounts(of: .today) } == [
                    TaskCount(stage: .sms, state: .ready, count: 2), TaskCount(stage: .sms, state: .leased, count: 1),
                    TaskCount(stage: .sms, state: .uncertain, count: 1),
                    TaskCount(stage: .sms, state: .settled, count: 1),
                    TaskCount(stage: .legal, state: .ready, count: 2),
                ])
            #expect(try ledger.once { try $0.taskCounts(of: "never") } == [])
        }
    }
}
