// Owns: what the stages after recognition read of the ledger, and what they ask of the shell.
@testable import Arrears
@testable import Documents
@testable import Leasing
@testable import Ledger
import CoreBench
import Testing

@testable import BusinessDay

@Suite("A stage of a run")
struct StageTests {
    private let now = Now(uptime: 1_000, wall: ReadyRun.wall)
    private var checkpoint = Checkpoint(stage: .dispatch, startedAt: ReadyRun.wall, updatedAt: ReadyRun.wall)

    @Test mutating func `Dispatch asks once to lease, waits while tasks are open, and is done when none is`() throws {
        let ledger = try ReadyRun.ledger(tasks: 1)
        var stage = DispatchStage(order: order())
        let turns = try ledger.transaction { ledger in
            let first = try stage.step(ledger, checkpoint: &checkpoint, now: now)
            let second = try stage.step(ledger, checkpoint: &checkpoint, now: now)
            let closed = Now(uptime: 2_000, wall: ReadyRun.wall.adding(milliseconds: 3_600_000))
            return [first, second, try stage.step(ledger, checkpoint: &checkpoint, now: closed)]
        }
        #expect(turns.map(\.result) == [.waiting(until: 1_200), .waiting(until: 1_200), .done])
        #expect(turns.map(\.directives) == [[.beginDispatch(ReadyRun.run)], [], []])
        #expect(checkpoint.done == 1)
        #expect(try ledger.transaction { try $0.task(ReadyRun.taskID(1))?.state } == .withdrawn)
    }

    @Test mutating func `Reconcile leaves what is uncertain to a person when every inquiry has had its time`() throws {
        let ledger = try ReadyRun.ledger(tasks: 1)
        try ledger.makeUncertain()
        var stage = ReconcileStage(order: order(), limits: ReadyRun.limits, isDispatching: false)
        let patience = 4 * ReadyRun.limits.inquiryDelayMilliseconds + ReadyRun.limits.leaseMilliseconds
        let turns = try ledger.transaction { ledger in
            try [0, patience - 1, patience].map { passed in
                try stage.step(ledger, checkpoint: &checkpoint, now: Now(uptime: 1_000 + passed, wall: ReadyRun.wall))
            }
        }
        #expect(turns[0] == StageTurn(result: .waiting(until: 1_200), directives: [.beginDispatch(ReadyRun.run)]))
        #expect(turns[1].directives == [])
        #expect(turns[2] == StageTurn(result: .done, directives: [.endDispatch]))
        #expect(checkpoint.cursor == "1 uncertain")
    }

    @Test mutating func `Plan takes from the ledger whether something is owed, and recognises nothing again`() throws {
        let policy = try policy()
        let account = LoanAccount(
            id: "A1", customer: "C1", product: "cash", balance: ReadyRun.yuan(100), basis: .dpd(9),
            phone: "+8610000000000")
        guard case .overdue(var delinquency) = recognise(account, asOf: ReadyRun.date, settings: policy.recognition)
        else { preconditionFailure("expected the account to be overdue") }
        delinquency.arrears = ReadyRun.yuan(0)
        let ledger = InMemoryLedger()
        var stage = PlanStage(order: order(), policy: policy)
        let (turn, reason) = try ledger.transaction { ledger in
            try ledger.insertRun(RunRecord(id: ReadyRun.run, asOf: ReadyRun.date, order: "", startedAt: ReadyRun.wall))
            _ = try ledger.insertAccounts([StoredAccount(line: 2, account: account)], into: ReadyRun.run)
            let overdue = OverdueCase(id: "A1", account: account, delinquency: delinquency, bucket: "late")
            try ledger.recordRecognitions(
                [(2, .overdue)], cases: [CaseRecord(line: 2, overdue: overdue)], in: ReadyRun.run)
            try ledger.recordSegments(
                [("A1", policy.segmentation.match(overdue, history: []))], in: ReadyRun.run)
            let turn = try stage.step(ledger, checkpoint: &checkpoint, now: now)
            return (turn, try ledger.caseRecord("A1", in: ReadyRun.run)?.reason)
        }
        #expect(turn == .more)
        #expect(reason == .nothingOwed)
    }

    @Test func `A customer of two books of one day is contacted once, and again on the next day`() throws {
        let ledger = InMemoryLedger()
        let first = try plan("card", in: "morning", ledger)
        let second = try plan("loan", in: "noon", ledger)
        let next = try plan("loan", in: "tomorrow", on: ReadyRun.date.adding(days: 1), ledger)
        let other = try plan("other", of: "C2", in: "evening", ledger)
        #expect(first.task != nil)
        #expect(second.task == nil && second.reason == .customerContactedToday)
        #expect(second.reasonDetail == "message: ONE allows 1 a day; 1 made or planned today")
        #expect(next.task != nil)
        #expect(other.task != nil)
    }

    @Test func `A contact of unknown fate is a contact, and what was withdrawn is none`() throws {
        let ledger = InMemoryLedger()
        let task = try #require(try plan("card", in: "morning", ledger).task)
        let close = ReadyRun.wall.adding(milliseconds: 7 * 24 * 3_600_000)
        let lease = LeaseKey(id: LeaseID(1), epoch: Epoch(1))
        try ledger.transaction { ledger in
            _ = try ledger.makeReady("morning", at: ReadyRun.wall)
            let notBefore = try #require(try ledger.task(task)?.task.notBefore)
            let grant = Grant(
                lease: lease, worker: "w", incarnation: 1, stage: .sms, limit: 1, shares: [.standard: 1],
                now: notBefore)
            #expect(try ledger.lease(grant, uncertainBefore: notBefore, maxDeliveries: 8).map(\.id) == [task])
            #expect(try ledger.expireIfHeld(lease, at: notBefore) == 1)
        }
        #expect(try plan("loan", in: "noon", ledger).reason == .customerContactedToday)
        // The same step of the same case is taken over, to be asked about.
        #expect(try plan("card", in: "evening", ledger).task == task)
        #expect(try plan("other", of: "C2", in: "late", ledger).task != nil)
        #expect(try ledger.transaction { try $0.withdrawClosed("late", now: close) } == 1)
        #expect(try plan("another", of: "C2", in: "later", ledger).task != nil)
    }

    @Test mutating func `A case without a segment is a damaged ledger, and ends nobody's process`() throws {
        let ledger = InMemoryLedger()
        let policy = try policy()
        let account = LoanAccount(
            id: "A1", customer: "C1", product: "cash", balance: ReadyRun.yuan(100), basis: .dpd(9))
        guard case .overdue(let delinquency) = recognise(account, asOf: ReadyRun.date, settings: policy.recognition)
        else { preconditionFailure("expected the account to be overdue") }
        let error = #expect(throws: LedgerError.self) {
            try ledger.transaction { ledger in
                let run = RunRecord(
                    id: ReadyRun.run, asOf: ReadyRun.date, order: "", startedAt: ReadyRun.wall)
                try ledger.insertRun(run)
                _ = try ledger.insertAccounts([StoredAccount(line: 2, account: account)], into: ReadyRun.run)
                let overdue = OverdueCase(id: "A1", account: account, delinquency: delinquency, bucket: "late")
                try ledger.recordRecognitions(
                    [(2, .overdue)], cases: [CaseRecord(line: 2, overdue: overdue)], in: ReadyRun.run)
                var stage = PlanStage(order: order(), policy: policy)
                _ = try stage.step(ledger, checkpoint: &checkpoint, now: now)
            }
        }
        #expect(error?.code == .corrupt)
    }

    @Test func `A step whose content fits no message is no task, and says so`() throws {
        let most = Limits().contentBytes
        let fits = try plan("A1", in: "one", product: String(repeating: "x", count: most - 1_000), InMemoryLedger())
        #expect(fits.task != nil)
        let tooLong = try plan("A1", in: "one", product: String(repeating: "x", count: most), InMemoryLedger())
        #expect(tooLong.task == nil && tooLong.reason == .contentTooLarge)
        #expect(tooLong.reasonDetail.hasPrefix("message: expected content of at most \(most) bytes, got "))
    }

    /// One book of one account, nine days late, up to its plan.
    private func plan(
        _ id: AccountID, of customer: CustomerID = "C1", in run: RunID, on date: CalendarDate = ReadyRun.date,
        product: String = "cash", _ ledger: InMemoryLedger
    ) throws -> CaseRecord {
        let policy = try policy()
        var checkpoint = Checkpoint(stage: .plan, startedAt: ReadyRun.wall, updatedAt: ReadyRun.wall)
        let account = LoanAccount(
            id: id, customer: customer, product: product, balance: ReadyRun.yuan(100),
            basis: .oldestUnpaidDueDate(ReadyRun.date.adding(days: -9)), phone: "+8610000000000")
        guard case .overdue(let delinquency) = recognise(account, asOf: date, settings: policy.recognition)
        else { preconditionFailure("expected the account to be overdue") }
        var order = order()
        order.run = run
        order.asOf = date
        order.contactDate = date
        var stage = PlanStage(order: order, policy: policy)
        let record = try ledger.transaction { ledger in
            try ledger.insertRun(RunRecord(id: run, asOf: date, order: try order.json(), startedAt: ReadyRun.wall))
            _ = try ledger.insertAccounts([StoredAccount(line: 2, account: account)], into: run)
            let overdue = OverdueCase(id: account.caseID, account: account, delinquency: delinquency, bucket: "late")
            try ledger.recordRecognitions([(2, .overdue)], cases: [CaseRecord(line: 2, overdue: overdue)], in: run)
            try ledger.recordSegments([(overdue.id, policy.segmentation.match(overdue, history: []))], in: run)
            _ = try stage.step(ledger, checkpoint: &checkpoint, now: now)
            return try ledger.caseRecord(overdue.id, in: run)
        }
        return try #require(record)
    }

    private func policy() throws -> Policy {
        let text = """
            policy: tests
            version: "1"
            buckets: [{ name: late, dpd: "1.." }]
            conduct:
              timeZone: Asia/Shanghai
              windows: [{ rule: DAY, stages: [sms, callQueue], from: "08:00", to: "22:00" }]
              caps: [{ rule: ONE, contactsPerDay: 1 }]
            segments: { rules: [], default: everybody }
            treatments:
              everybody: [{ step: message, stage: sms, dpd: "1..", template: reminder }]
            """
        return try Policy(document: try readDocument(yaml: text, source: "tests"), source: "tests")
    }

    private func order() -> RunOrder {
        RunOrder(
            run: ReadyRun.run, asOf: ReadyRun.date, contactDate: ReadyRun.date,
            book: SourceFile(path: "book.csv", sha256: "", bytes: 0),
            policy: RunOrder.NamedText(source: "tests", text: ""), rejectLimit: .count(0),
            institution: Institution(name: "Bank", contact: "+86"))
    }
}
