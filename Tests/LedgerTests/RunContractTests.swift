@testable import Arrears
@testable import Leasing
@testable import Ledger
@testable import LoanBook
import Testing

@Suite("Contract: runs and their stages")
struct RunContractTests {
    @Test(arguments: StoreKind.allCases)
    func `A run is unfinished until it is finished`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            let first = RunRecord(id: "monday", asOf: .today, order: #"{"book":"b.csv"}"#, startedAt: .night)
            let second = RunRecord(id: "tuesday", asOf: .today.adding(days: 1), order: "{}", startedAt: .noon)
            try ledger.once { try $0.insertRun(first) }
            #expect(try ledger.once { try $0.unfinishedRun() } == first)
            try ledger.once { try $0.finishRun("monday", at: .morning) }
            #expect(try ledger.once { try $0.unfinishedRun() } == nil)
            try ledger.once { try $0.insertRun(second) }

            var finished = first
            finished.isFinished = true
            finished.finishedAt = .morning
            #expect(try ledger.once { try $0.runs() } == [second, finished])
            #expect(try ledger.once { try $0.run("monday") } == finished)
            #expect(try ledger.once { try $0.run("wednesday") } == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A stage's checkpoint is replaced as it advances`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [])
            var recognise = Checkpoint(stage: .recognise, total: 10, startedAt: .night, updatedAt: .night)
            let ingest = Checkpoint(
                stage: .ingest, cursor: "4711", done: 10, isComplete: true, startedAt: .night, updatedAt: .noon)
            try ledger.once { try $0.setCheckpoint(recognise, of: .today) }
            recognise.cursor = "line 5"
            recognise.done = 4
            try ledger.once {
                try $0.setCheckpoint(recognise, of: .today)
                try $0.setCheckpoint(ingest, of: .today)
            }
            #expect(try ledger.once { try $0.checkpoints(of: .today) } == [ingest, recognise])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `An account id is taken once per run; the later lines are handed back`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [])
            try ledger.fill("yesterday", with: [])
            let rows = [("a", 2), ("b", 3), ("a", 4), ("c", 5)].map {
                StoredAccount(line: $0.1, account: .sample(AccountID($0.0)))
            }
            #expect(try ledger.once { try $0.insertAccounts(rows, into: .today) } == [4])
            let more = [StoredAccount(line: 6, account: .sample("b"))]
            #expect(try ledger.once { try $0.insertAccounts(more, into: .today) } == [6])
            #expect(try ledger.once { try $0.insertAccounts(more, into: "yesterday") } == [])

            #expect(try ledger.once { try $0.accountCount(of: .today) } == 3)
            let page = try ledger.once { try $0.accounts(of: .today, afterLine: 2, limit: 2) }
            #expect(page == [rows[1], rows[3]])
            #expect(try ledger.once { try $0.accounts(of: .today, afterLine: 5, limit: 2) } == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `Rejects are counted by kind`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [])
            let bad = [RejectKind.badDate, .brokenQuote, .badDate].map {
                Reject(file: "book", line: 3, column: "due", kind: $0, expected: "a date", got: "soon")
            }
            try ledger.once { try $0.insertRejects(bad, into: .today) }
            #expect(try ledger.once { try $0.rejectCounts(of: .today) } == [.badDate: 2, .brokenQuote: 1])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `What recognition said is kept, for cases and for the others`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [])
            let accounts = ["a", "b", "c", "d"].enumerated().map {
                StoredAccount(line: $0.offset + 2, account: .sample(AccountID($0.element)))
            }
            let overdue = CaseRecord(line: 3, overdue: .sample(line: 3, id: "b"))
            try ledger.once { ledger in
                _ = try ledger.insertAccounts(accounts, into: .today)
                try ledger.recordRecognitions(
                    [(2, .current), (3, .overdue), (4, .current)], cases: [overdue], in: .today)
            }
            let marks = try ["a", "b", "c", "d"].map { id in
                try ledger.once { try $0.accountMark(CaseID(id), in: .today)?.mark }
            }
            #expect(marks == [.current, .overdue, .current, nil])
            #expect(try ledger.once { try $0.accountMark("c", in: .today)?.stored } == accounts[2])
            #expect(try ledger.once { try $0.accountMark("e", in: .today) == nil })
            #expect(try ledger.once { try $0.cases(of: .today, afterLine: 0, limit: 9) } == [overdue])
            #expect(try ledger.once { try $0.caseRecord("b", in: .today) } == overdue)
            #expect(try ledger.once { try $0.caseRecord("a", in: .today) } == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `Pages by customer never cut a customer in two`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [])
            let owners: [CustomerID] = ["li", "chen", "li", "wang", "chen", "li"]
            let cases = owners.enumerated().map { index, owner in
                let line = index + 2
                return CaseRecord(line: line, overdue: .sample(line: line, id: CaseID("\(index)"), customer: owner))
            }
            try ledger.once { ledger in
                let accounts = cases.map { StoredAccount(line: $0.line, account: $0.overdue.account) }
                _ = try ledger.insertAccounts(accounts, into: .today)
                try ledger.recordRecognitions([], cases: cases, in: .today)
            }
            func lines(after customer: CustomerID?) throws -> [Int] {
                try ledger.once { try $0.casesByCustomer(of: .today, after: customer, limit: 2).map(\.line) }
            }
            #expect(try lines(after: nil) == [3, 6, 2, 4, 7])
            #expect(try lines(after: "li") == [5])
            #expect(try lines(after: "wang") == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `Segment, task or reason, and their explanation stand with the case`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            let task = StageTask.sample("t1")
            try ledger.fill(with: [task, .sample("t2")])
            let match = SegmentMatch(segment: "gentle", rule: "new customers")
            try ledger.once { ledger in
                try ledger.recordSegments([("case-t1", match)], in: .today)
                let hold = PlannedCase.Decision.none(.hold, detail: "dispute until 2025-10-05")
                try ledger.recordPlans(
                    [PlannedCase(caseID: "case-t2", decision: hold, detail: "held by the book")], in: .today)
            }
            let first = try #require(try ledger.once { try $0.caseRecord("case-t1", in: .today) })
            #expect(first.match == match)
            #expect(first.task == "t1")
            #expect(first.reason == nil)
            #expect(try ledger.once { try $0.planDetail(of: "case-t1", in: .today) } == "gentle-sms is due")
            let second = try #require(try ledger.once { try $0.caseRecord("case-t2", in: .today) })
            #expect(second.match == nil)
            #expect(second.task == nil)
            #expect(second.reason == .hold)
            #expect(second.reasonDetail == "dispute until 2025-10-05")
            #expect(try ledger.once { try $0.planDetail(of: "case-t2", in: .today) } == "held by the book")
            #expect(try ledger.once { try $0.planDetail(of: "case-t3", in: .today) } == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A task that exists is kept as it is when it is planned again`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1")])
            let lease = try ledger.grant(.sms).lease
            #expect(try ledger.settle(.made("t1"), under: lease) == .accepted)
            let before = try #require(try ledger.once { try $0.task("t1") })

            try ledger.fill("tomorrow", with: [.sample("t1", run: "tomorrow", stage: .sms, priority: 1)])

            #expect(try ledger.once { try $0.task("t1") } == before)
            #expect(try ledger.once { try $0.caseRecord("case-t1", in: "tomorrow")?.task } == "t1")
            #expect(try ledger.once { try $0.taskCounts(of: "tomorrow") } == [])
            let planned = try [.today, "tomorrow", "never"].map { run in
                try ledger.once { try $0.tasks(of: "customer-of-case-t1", in: run) }
            }
            #expect(planned == [[before], [before], []])
            #expect(try ledger.once { try $0.tasks(of: "customer-of-case-t2", in: .today) } == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A verb that names what is not there says so`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1")])
            let checkpoint = Checkpoint(stage: .plan, startedAt: .noon, updatedAt: .noon)
            let match = SegmentMatch(segment: "s", rule: "r")
            let stray = CaseRecord(line: 99, overdue: .sample(line: 99, id: "stray"))
            let plan = PlannedCase(caseID: "nobody", decision: .none(.hold, detail: ""), detail: "")
            expectNotFound(ledger) { try $0.finishRun("never", at: .noon) }
            expectNotFound(ledger) { try $0.setCheckpoint(checkpoint, of: "never") }
            expectNotFound(ledger) { _ = try $0.insertAccounts([], into: "never") }
            expectNotFound(ledger) { try $0.recordRecognitions([(99, .current)], cases: [], in: .today) }
            expectNotFound(ledger) { try $0.recordRecognitions([], cases: [stray], in: .today) }
            expectNotFound(ledger) { try $0.recordSegments([("nobody", match)], in: .today) }
            expectNotFound(ledger) { try $0.recordPlans([plan], in: .today) }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A transaction that throws leaves nothing behind`(kind: StoreKind) throws {
        struct Interruption: Error {}
        try kind.withLedger { ledger in
            try ledger.fill(with: [.sample("t1")])
            let lease = try ledger.grant(.sms).lease
            let before = try ledger.once { try Snapshot($0, tasks: ["t1"], runs: [.today]) }
            #expect(throws: Interruption.self) {
                try ledger.transaction { ledger in
                    try ledger.insertRun(RunRecord(id: "other", asOf: .today, order: "", startedAt: .noon))
                    _ = try ledger.settleIfHeld(.made("t1"), under: lease, businessDate: .today, at: .noon)
                    _ = try ledger.nextEpoch()
                    throw Interruption()
                }
            }
            #expect(try ledger.once { try Snapshot($0, tasks: ["t1"], runs: [.today]) } == before)
            #expect(try ledger.once { try $0.run("other") } == nil)
            #expect(try ledger.once { try $0.nextEpoch() } == lease.epoch.next)
        }
    }

    private func expectNotFound(_ ledger: any Ledger, _ verb: (any LedgerTransaction) throws -> Void) {
        let error = #expect(throws: LedgerError.self) { try ledger.transaction(verb) }
        #expect(error?.code == .notFound)
    }

    @Test(arguments: StoreKind.allCases)
    func `A later run plans again what was withdrawn, takes over what is uncertain, and leaves the rest`(
        kind: StoreKind
    ) throws {
        try kind.withLedger { ledger in
            let ids: [TaskID] = ["withdrawn", "uncertain", "settled"]
            try ledger.fill("old", with: ids.map { .sample($0, run: "old") })
            let (lease, _) = try ledger.grant(.sms, limit: 3)
            _ = try ledger.once { try $0.releaseIfHeld("withdrawn", under: lease, at: .noon) }
            _ = try ledger.settle(Outcome(task: "settled", attempt: .made, code: .delivered), under: lease)
            _ = try ledger.once { try $0.expireIfHeld(lease, at: .noon) }
            _ = try ledger.once { try $0.withdrawClosed("old", now: .closing) }
            try ledger.once { try $0.finishRun("old", at: .closing) }

            try ledger.fill(with: ids.map { .sample($0) }, startedAt: .closing)
            #expect(try ids.map { try ledger.state(of: $0) } == [.ready, .uncertain, .settled])
            #expect(
                try ledger.once { try $0.taskCounts(of: .today) } == [
                    TaskCount(stage: .sms, state: .ready, count: 1),
                    TaskCount(stage: .sms, state: .uncertain, count: 1),
                ])
            #expect(
                try ledger.once { try $0.taskCounts(of: "old") }.filter { $0.count > 0 } == [
                    TaskCount(stage: .sms, state: .settled, count: 1)
                ])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `When a step moves to another stage, only what was surely not attempted moves with it`(kind: StoreKind) throws
    {
        try kind.withLedger { ledger in
            let ids: [TaskID] = ["withdrawn", "uncertain"]
            try ledger.fill("old", with: ids.map { .sample($0, run: "old") })
            let lease = try ledger.grant(.sms, limit: 1).lease
            _ = try ledger.once { try $0.expireIfHeld(lease, at: .noon) }
            _ = try ledger.once { try $0.withdrawClosed("old", now: .closing) }
            let uncertain = try ledger.once { try $0.task("uncertain") }
            let moved = ids.map { StageTask.sample($0, stage: .callQueue) }
            try ledger.fill(with: moved, startedAt: .closing)

            #expect(try ledger.once { try $0.task("withdrawn")?.task } == moved[0])
            #expect(try ledger.once { try $0.task("uncertain") } == uncertain)
            #expect(
                try ledger.once { try $0.taskCounts(of: .today) } == [
                    TaskCount(stage: .callQueue, state: .ready, count: 1)
                ])
        }
    }
}
