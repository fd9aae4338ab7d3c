// Owns: what is promised to a person over days, books and portfolios, tried with the stages of a run on a ledger in memory.
@testable import Arrears
@testable import Documents
@testable import Leasing
@testable import Ledger
@testable import Wire
import CoreBench
import Testing

@testable import BusinessDay

@Suite("Over days, books and portfolios")
struct RegisterTests {
    @Test func `A dispute outlives an instalment that is paid`() throws {
        let days = Days()
        try days.day(0, [.late(9)])
        try days.settle("A1", .disputes)
        #expect(try days.day(1, [.late(9)]) == ["A1": "hold"])
        // The oldest instalment is paid: the oldest due date moves, and the account is overdue all the same.
        #expect(try days.day(6, [.late(2)]) == ["A1": "hold"])
    }

    @Test func `What nobody knows the end of is asked about and not done anew, though an instalment is paid`() throws {
        let days = Days()
        let lost = try #require(try days.day(0, [.late(9)], taskOf: "A1"))
        try days.loseAnswer(of: "A1")
        #expect(try days.day(6, [.late(2)], taskOf: "A1") == lost)
    }

    @Test func `Steps that are done stay done, whatever instalment is the oldest`() throws {
        let days = Days()
        #expect(try days.day(0, [.late(3)]) == ["A1": "message"])
        try days.settle("A1", .delivered)
        #expect(try days.day(6, [.late(2)]) == ["A1": "noStepDue"])
    }

    @Test func `A case ends when the account is current, and the next one begins anew`() throws {
        let days = Days()
        let first = try #require(try days.day(0, [.late(3)], taskOf: "A1"))
        try days.settle("A1", .delivered)
        #expect(try days.day(5, [.late(0)]) == [:])
        let second = try #require(try days.day(40, [.late(3)], taskOf: "A1"))
        #expect(first != second)
        #expect(try days.episodes("A1").map(\.ended) == [Days.date(5), nil])
    }

    @Test func `Current in one book and overdue in another of the same day is no cure`() throws {
        let days = Days()
        try days.day(0, [.late(9)])
        try days.settle("A1", .disputes)
        try days.day(1, [.late(0)])
        #expect(try days.day(1, [.late(2)]) == ["A1": "hold"])
    }

    @Test func `A wrong number is not called for the person's other account, the next day or later`() throws {
        let days = Days()
        try days.day(0, [.late(12, "card")])
        try days.settle("card", .wrongNumber)
        for day in [1, 60] {
            #expect(try days.day(day, [.late(12, "loan")]) == ["loan": "noContactPoint"])
        }
        #expect(try days.day(61, [.late(12, "loan", phone: "+8610000000001")]) == ["loan": "call"])
        #expect(try days.day(61, [.late(12, "other", of: "C2")]) == ["other": "call"], "another person's own number")
    }

    @Test func `Workers are told the number that may be used, and an agency none where there is none`() throws {
        let days = Days()
        try days.day(0, [.late(12, in: "cards")])
        try days.settle("cards/A1", .wrongNumber)
        let placement = try #require(try days.day(1, [.late(31, in: "cards")], taskOf: "cards/A1"))
        guard case .placement(let told) = try StageContent(encoded: try days.task(placement).task.content) else {
            Issue.record("expected a placement")
            return
        }
        #expect(told.phone == "")
        #expect(told.caseRef == "A1")
        let corrected = Days()
        let call = try #require(
            try corrected.day(0, [.late(12, in: "cards", phone: "+8610000000001")], taskOf: "cards/A1"))
        guard case .call(let item) = try StageContent(encoded: try corrected.task(call).task.content) else {
            Issue.record("expected a call")
            return
        }
        #expect(item.phone == "+8610000000001")
    }

    @Test func `The same number in another portfolio is another account, of another person`() throws {
        let days = Days()
        try days.day(0, [.late(9, in: "lenderA")])
        try days.settle("lenderA/A1", .disputes)
        #expect(try days.day(1, [.late(9, of: "C9", in: "lenderB")]) == ["lenderB/A1": "message"])
        #expect(try days.history("lenderB/A1") == [])
        #expect(try days.day(2, [.late(9, in: "lenderA")]) == ["lenderA/A1": "hold"])
    }

    @Test func `What is told of an account counts for it alone, and of a person for all of theirs`() throws {
        let days = Days()
        try days.day(0, [.late(9)])
        #expect(try days.tell(#"{"id":"1","kind":"hold","hold":"dispute","account":"A1","portfolio":"cards"}"#) == 1)
        #expect(try days.tell(#"{"id":"1","kind":"hold","hold":"dispute","account":"A1","portfolio":"cards"}"#) == 0)
        #expect(
            try days.day(1, [.late(9, in: "cards"), .late(9, in: "loans")])
                == ["cards/A1": "hold", "loans/A1": "message"])
        try days.tell(#"{"id":"2","kind":"hold","hold":"hardship","customer":"C1"}"#)
        #expect(
            try days.day(2, [.late(9, in: "loans"), .late(9, "A2", of: "C2")])
                == ["loans/A1": "hold", "A2": "message"])
    }

    @Test func `What was planned and has lost its reason is withdrawn; what still has it stays`() throws {
        let days = Days()
        try days.day(
            0, [.late(9, "A1"), .late(9, "A2", of: "C2"), .late(40, "A3", of: "C3"), .late(9, "A4", of: "C4")])
        try days.tell(
            #"{"id":"1","kind":"hold","hold":"dispute","customer":"C1"}"#,
            #"{"id":"2","kind":"payment","account":"A2","amount":"1.00","currency":"CNY"}"#,
            #"{"id":"3","kind":"number","customer":"C3","phone":"+8619999999999","fact":"wrongNumber"}"#)
        #expect(try days.states() == ["A1": .withdrawn, "A2": .withdrawn, "A3": .planned, "A4": .planned])
        #expect(try days.lastNote(of: "A1") == "crm told of hold dispute from 2026-11-20 until it is revoked")
    }

    @Test func `A contact by somebody else takes the day's one contact, but not the one that was begun`() throws {
        let days = Days()
        try days.day(0, [.late(9, "A1"), .late(9, "A2", of: "C2")])
        try days.begin("A1")
        try days.tell(#"{"id":"1","kind":"contact","customer":"C1"}"#, #"{"id":"2","kind":"contact","customer":"C2"}"#)
        #expect(try days.states() == ["A1": .leased, "A2": .withdrawn])
        #expect(try days.stoppedLeases() == ["A1"], "its worker is told, and takes it back where it still can")
        #expect(try days.day(0, [.late(9, "A5", of: "C2")]) == ["A5": "customerContactedToday"])
        #expect(try days.day(1, [.late(9, "A2", of: "C2")]) == ["A2": "message"])
    }

    @Test func `A file is taken whole or not at all`() throws {
        let days = Days()
        try days.day(0, [.late(9)])
        try days.tell(#"{"id":"1","kind":"contact","customer":"C2"}"#)
        let faults = #expect(throws: DocumentFaults.self) {
            try days.tell(
                #"{"id":"2","kind":"hold","hold":"dispute","customer":"C1"}"#,
                #"{"id":"1","kind":"contact","customer":"C3"}"#)
        }
        #expect(faults?.faults.map(\.line) == [2])
        #expect(try days.states() == ["A1": .planned])
        #expect(try days.day(1, [.late(9)]) == ["A1": "message"])
    }

    @Test func `What was tried with one number tells nothing of the one that the book has now`() throws {
        let days = Days()
        try days.day(0, [.late(3)])
        try days.loseAnswer(of: "A1")
        let task = try #require(try days.day(0, [.late(3, phone: "+8610000000001")], taskOf: "A1"))
        #expect(try days.task(task).task.endpoint == nil)
    }
}

/// Day after day of one ledger, each book through recognition, segments and plan.
private final class Days {
    private let ledger = InMemoryLedger()
    private var runs = 0

    struct Row {
        var id: AccountID
        var customer: CustomerID
        var portfolio: PortfolioID
        var dpd: Int
        var phone: String

        static func late(
            _ dpd: Int, _ id: AccountID = "A1", of customer: CustomerID = "C1", in portfolio: PortfolioID = .standard,
            phone: String = "+8610000000000"
        ) -> Row {
            Row(id: id, customer: customer, portfolio: portfolio, dpd: dpd, phone: phone)
        }

        func account(on date: CalendarDate) -> LoanAccount {
            LoanAccount(
                id: id, customer: customer, portfolio: portfolio, product: "cash", balance: ReadyRun.yuan(100),
                basis: .oldestUnpaidDueDate(date.adding(days: -dpd)), phone: phone)
        }
    }

    static func date(_ day: Int) -> CalendarDate { ReadyRun.date.adding(days: day) }

    /// - Returns: the step or the reason of every case of the book.
    @discardableResult
    func day(_ number: Int, _ rows: [Row]) throws -> [CaseID: String] {
        let records = try plan(number, rows)
        return try Dictionary(
            uniqueKeysWithValues: records.map { record in
                let step = try record.task.map { try task($0).task.step }
                return (record.overdue.id, step ?? record.reason?.rawValue ?? "neither step nor reason")
            })
    }

    func day(_ number: Int, _ rows: [Row], taskOf id: CaseID) throws -> TaskID? {
        try plan(number, rows).first { $0.overdue.id == id }?.task
    }

    private func plan(_ number: Int, _ rows: [Row]) throws -> [CaseRecord] {
        runs += 1
        let date = Self.date(number)
        let policy = try Policy(document: try readDocument(yaml: Self.policy, source: "tests"), source: "tests")
        let order = RunOrder(
            run: RunID("run-\(runs)"), asOf: date, contactDate: date,
            book: SourceFile(path: "book.csv", sha256: "", bytes: 0),
            policy: RunOrder.NamedText(source: "tests", text: Self.policy), rejectLimit: .count(0),
            institution: Institution(name: "Bank", contact: "+86"))
        var stages: [any DayStage] = [
            RecogniseStage(order: order, policy: policy), SegmentStage(order: order, policy: policy),
            PlanStage(order: order, policy: policy),
        ]
        return try ledger.transaction { ledger in
            let started = ReadyRun.wall.adding(milliseconds: Int64(runs))
            try ledger.insertRun(
                RunRecord(id: order.run, asOf: date, order: try order.json(), startedAt: started))
            let accounts = rows.enumerated().map {
                StoredAccount(line: $0.offset + 2, account: $0.element.account(on: date))
            }
            #expect(try ledger.insertAccounts(accounts, into: order.run) == [])
            for index in stages.indices {
                var checkpoint = Checkpoint(stage: .plan, startedAt: started, updatedAt: started)
                while try stages[index].step(
                    ledger, checkpoint: &checkpoint, now: Now(uptime: 0, wall: started)) == .more
                {}
            }
            return try ledger.cases(of: order.run, afterLine: 0, limit: 100)
        }
    }

    /// The case's task of the last run ends so.
    func settle(_ id: CaseID, _ code: OutcomeCode) throws {
        let (lease, task) = try attempt(id)
        let verdict = try ledger.transaction { ledger in
            try ledger.settleIfHeld(
                Outcome(task: task.id, attempt: .made, code: code), under: lease,
                businessDate: try #require(try ledger.runs().first).asOf, at: task.notBefore)
        }
        #expect(verdict == .accepted)
    }

    /// The case's task of the last run is attempted, and nobody knows what came of it.
    func loseAnswer(of id: CaseID) throws {
        let (lease, task) = try attempt(id)
        #expect(try ledger.transaction { try $0.expireIfHeld(lease, at: task.notBefore) } == 1)
    }

    private func attempt(_ id: CaseID) throws -> (LeaseKey, StageTask) {
        try ledger.transaction { ledger in
            let run = try #require(try ledger.runs().first).id
            let record = try #require(try ledger.caseRecord(id, in: run))
            let id = try #require(record.task)
            let task = try #require(try ledger.task(id)).task
            _ = try ledger.makeReady(run, at: ReadyRun.wall)
            let epoch = try ledger.nextEpoch()
            let lease = LeaseKey(id: LeaseID(epoch.rawValue), epoch: epoch)
            let grant = Grant(
                lease: lease, worker: "w", incarnation: 1, stage: task.stage, limit: 1,
                shares: [task.portfolio: 1], now: task.notBefore)
            #expect(
                try ledger.lease(grant, uncertainBefore: .init(milliseconds: 0), maxDeliveries: 8).map(\.id) == [
                    task.id
                ])
            return (lease, task)
        }
    }

    /// Tells events of the last run's day, from `crm`.
    @discardableResult
    func tell(_ events: String...) throws -> Int {
        try ledger.transaction { ledger in
            let date = try #require(try ledger.runs().first).asOf
            let lines = events.map { #"{"source":"crm","date":"\#(date)","# + $0.dropFirst() }
            let file = try EventFile(Array(lines.joined(separator: "\n").utf8), name: "tests")
            return try file.take(into: ledger, name: "tests", at: ReadyRun.wall)
        }
    }

    /// The tasks of the last run.
    func states() throws -> [CaseID: TaskState] {
        try ledger.transaction { ledger in
            let run = try #require(try ledger.runs().first).id
            return try ledger.cases(of: run, afterLine: 0, limit: 100).reduce(into: [:]) { states, record in
                states[record.overdue.id] = try record.task.flatMap { try ledger.task($0) }?.state
            }
        }
    }

    private func lastTask(of id: CaseID) throws -> TaskID {
        try ledger.transaction { ledger in
            let run = try #require(try ledger.runs().first).id
            return try #require(try ledger.caseRecord(id, in: run)?.task)
        }
    }

    func lastNote(of id: CaseID) throws -> String? {
        let task = try lastTask(of: id)
        return try ledger.transaction { try $0.transitions(of: task) }.last?.note
    }

    /// The case's task of the last run is leased.
    func begin(_ id: CaseID) throws { _ = try attempt(id) }

    /// The cases of leased tasks of which their workers are told to stop.
    func stoppedLeases() throws -> [CaseID] {
        try ledger.transaction { ledger in
            try ledger.liveLeases().flatMap {
                try ledger.closedTasks(under: $0.lease, at: .init(milliseconds: 0), limit: 10)
            }.compactMap { try ledger.task($0)?.task.caseID }
        }
    }

    func task(_ id: TaskID) throws -> TaskRecord { try #require(try ledger.transaction { try $0.task(id) }) }
    func episodes(_ id: CaseID) throws -> [Episode] { try ledger.transaction { try $0.episodes(of: id) } }
    func history(_ id: CaseID) throws -> [CaseHistoryEntry] { try ledger.transaction { try $0.history(of: id) } }

    private static let policy = """
        policy: tests
        version: "1"
        buckets: [{ name: late, dpd: "1.." }]
        conduct:
          timeZone: Asia/Shanghai
          windows: [{ rule: DAY, stages: [sms, callQueue], from: "08:00", to: "22:00" }]
          caps: [{ rule: ONE, contactsPerDay: 1 }]
        agencies: [{ id: north, name: North }]
        segments: { rules: [], default: everybody }
        treatments:
          everybody:
            - { step: message, stage: sms, dpd: "1..9", template: reminder }
            - { step: call, stage: callQueue, dpd: "10..", script: first, queue: standard }
            - { step: place, stage: agency, dpd: "30..", agency: north, placement: 1, days: 10, purpose: collection }
        """
}
