@testable import Arrears
@testable import Leasing
@testable import Ledger
import Testing

@Suite("Contract: what is known beyond one run")
struct RegisterContractTests {
    private func day(_ number: Int) -> CalendarDate { CalendarDate.today.adding(days: number) }

    @Test(arguments: StoreKind.allCases)
    func `A case is opened once, keeps its first day, and ends when the account is current`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            let opened = Episode(opened: day(0), start: day(-30))
            #expect(try ledger.once { try $0.keepEpisode(of: "a", start: day(-30), on: day(0)) } == opened)
            // An instalment was paid: the oldest due date is another.
            #expect(try ledger.once { try $0.keepEpisode(of: "a", start: day(-2), on: day(1)) } == opened)
            // A book of an earlier day, late.
            #expect(try ledger.once { try $0.keepEpisode(of: "a", start: day(-30), on: day(-1)) } == opened)
            try ledger.once { try $0.endEpisode(of: "a", on: day(-1)) }
            #expect(try ledger.once { try $0.episodes(of: "a") } == [opened], "a book of before it was opened")
            try ledger.once { try $0.endEpisode(of: "a", on: day(3)) }
            try ledger.once { try $0.endEpisode(of: "a", on: day(5)) }
            let ended = Episode(opened: day(0), start: day(-30), ended: day(3))
            #expect(try ledger.once { try $0.episodes(of: "a") } == [ended])
            #expect(try ledger.once { try $0.episodes(of: "b") } == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `An account that falls overdue again is a new case, but not on the day on which it was current`(
        kind: StoreKind
    ) throws {
        try kind.withLedger { ledger in
            let first = try ledger.once { try $0.keepEpisode(of: "a", start: day(-30), on: day(0)) }
            try ledger.once { try $0.endEpisode(of: "a", on: day(3)) }
            #expect(try ledger.once { try $0.keepEpisode(of: "a", start: day(1), on: day(3)) } == first)
            #expect(try ledger.once { try $0.episodes(of: "a") } == [first])
            try ledger.once { try $0.endEpisode(of: "a", on: day(3)) }
            let second = Episode(opened: day(4), start: day(1))
            #expect(try ledger.once { try $0.keepEpisode(of: "a", start: day(1), on: day(4)) } == second)
            #expect(try ledger.once { try $0.keepEpisode(of: "b", start: day(0), on: day(4)) }.start == day(0))
            let ended = Episode(opened: day(0), start: day(-30), ended: day(3))
            #expect(try ledger.once { try $0.episodes(of: "a") } == [ended, second])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A portfolio's last book is the latest of its latest date`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            #expect(try ledger.once { try $0.lastBook(of: "cards") } == nil)
            let books = [0, 2, 1, 3, 3].enumerated().map {
                PortfolioBook(run: RunID("run-\($0.offset)"), asOf: day($0.element))
            }
            for (book, last) in zip(books, [0, 1, 1, 3, 4]) {
                try ledger.once {
                    try $0.insertRun(RunRecord(id: book.run, asOf: book.asOf, order: "", startedAt: .noon))
                    try $0.recordBook(book, of: "cards")
                }
                #expect(try ledger.once { try $0.lastBook(of: "cards") } == books[last])
            }
            #expect(try ledger.once { try $0.lastBook(of: .standard) } == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `The accounts of a book come in pages, by the bytes of their names, with what another book has of them`(
        kind: StoreKind
    ) throws {
        try kind.withLedger { ledger in
            let names = ["b", "a", "\u{e9}", "e\u{301}", "B", "10", "9"]
            try ledger.once {
                for (run, accounts) in [("before", names), ("after", ["9", "e\u{301}", "c"])] {
                    try $0.insertRun(RunRecord(id: RunID(run), asOf: day(0), order: "", startedAt: .noon))
                    let stored = accounts.enumerated().map { line, name in
                        StoredAccount(line: line + 2, account: .sample(AccountID(name)))
                    }
                    #expect(try $0.insertAccounts(stored, into: RunID(run)) == [])
                }
            }
            var pages: [[String]] = []
            var after: CaseID?
            while pages.last?.isEmpty != true {
                let page = try ledger.once { try $0.accounts(of: "before", keptIn: "after", after: after, limit: 3) }
                pages.append(page.map { $0.caseID.text + ($0.isKept ? " kept" : "") })
                after = page.last?.caseID
            }
            #expect(pages == [["10", "9 kept", "B"], ["a", "b", "e\u{301} kept"], ["\u{e9}"], []])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `What is taken back was never known`(kind: StoreKind) throws {
        struct Refusal: Error {}
        try kind.withLedger { ledger in
            #expect(throws: Refusal.self) {
                try ledger.transaction { ledger in
                    _ = try ledger.keepEpisode(of: "a", start: day(-3), on: day(0))
                    throw Refusal()
                }
            }
            let known = try ledger.once { try $0.episodes(of: "a") }
            #expect(known == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A number and what was learnt of it stand in the story of the case and of the customer`(kind: StoreKind) throws
    {
        try kind.withLedger { ledger in
            var tasks = ["t1", "t2", "t3"].map {
                StageTask.sample(TaskID($0), stage: .callQueue, endpoint: "+8613800000000")
            }
            tasks[1].customer = tasks[0].customer
            tasks[2].endpoint = nil
            try ledger.fill(with: tasks)
            #expect(try ledger.once { try $0.task("t1")?.task.endpoint } == "+8613800000000")
            let lease = try ledger.grant(.callQueue).lease
            for (task, code) in [("t1", OutcomeCode.wrongNumber), ("t2", .noAnswer), ("t3", .wrongNumber)] {
                #expect(try ledger.settle(.made(TaskID(task), code), under: lease) == .accepted)
            }
            let ofCustomer = try ledger.once { try $0.history(ofCustomer: "customer-of-t1") }
            #expect(ofCustomer.map(\.endpoint) == ["+8613800000000", "+8613800000000"])
            #expect(ofCustomer.map(\.endpointFact) == [.wrongNumber, nil])
            #expect(try ledger.once { try $0.history(of: "case-t1") } == Array(ofCustomer.prefix(1)))
            let other = try ledger.once { try $0.history(ofCustomer: "customer-of-t3") }
            #expect(other.map(\.outcome) == [.wrongNumber])
            #expect(other.map(\.endpointFact) == [nil], "of which number nobody knows")

            let news = CaseEvent(id: "file:1", task: "t2", kind: .payment, date: day(-1))
            #expect(try ledger.once { try $0.recordEvent(news, businessDate: .today, at: .noon) } == true)
            let told = try ledger.once { try $0.history(ofCustomer: "customer-of-t1") }
            #expect(told.map(\.outcome) == [.agencyPayment, .wrongNumber, .noAnswer], "in order of date")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A task that is taken over has the number of the later book, unless it may have been tried with another`(
        kind: StoreKind
    ) throws {
        try kind.withLedger { ledger in
            let tasks = ["lost", "kept", "closed"].map { StageTask.sample(TaskID($0), endpoint: "+1") }
            try ledger.fill(with: tasks)
            let lease = try ledger.grant(.sms, limit: 2).lease
            let lost = try ledger.once { ledger in try tasks.filter { try ledger.task($0.id)?.state == .leased } }
            #expect(lost.count == 2)
            #expect(try ledger.once { try $0.expireIfHeld(lease, at: .noon) } == 2)
            #expect(try ledger.once { try $0.withdrawClosed(.today, now: .closing) } == 1)
            var later = tasks
            for index in later.indices {
                later[index].run = "tomorrow"
                if later[index].id != lost[0].id { later[index].endpoint = "+2" }
            }
            try ledger.fill("tomorrow", with: later, startedAt: .closing)
            for task in later {
                let isLost = lost.contains { $0.id == task.id }
                let expected = isLost ? (task.id == lost[0].id ? "+1" : nil) : "+2"
                #expect(try ledger.once { try $0.task(task.id)?.task.endpoint } == expected, "\(task.id)")
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `A number may stand in several portfolios of a run`(kind: StoreKind) throws {
        try kind.withLedger { ledger in
            try ledger.fill(with: [])
            let names: [(AccountID, PortfolioID)] = [
                ("1001", "cards"), ("1002", "cards"), ("1001", .standard), ("1001", "loans"), ("cards/1001", .standard),
            ]
            let rows = names.enumerated().map { index, name in
                var account = LoanAccount.sample(name.0)
                account.portfolio = name.1
                return StoredAccount(line: index + 2, account: account)
            }
            #expect(try ledger.once { try $0.insertAccounts(rows, into: .today) } == [])
            #expect(
                try ledger.once { try $0.insertAccounts([.init(line: 9, account: rows[0].account)], into: .today) } == [
                    9
                ])
            func numbered(_ number: AccountID) throws -> [CaseID] {
                try ledger.once { try $0.accountsNumbered(number, in: .today) }
            }
            #expect(try numbered("1001") == ["cards/1001", "1001", "loans/1001"])
            #expect(try numbered("1002") == ["cards/1002"])
            #expect(try numbered("cards/1001") == ["default/cards/1001"])
            #expect(try numbered("1003") == [])
        }
    }
}
