// Owns: how a book, its schedule and its payments come together.
@testable import Arrears
import Testing

@testable import LoanBook

@Suite struct ScheduleTests {
    static let schedule = """
        account_id,number,due_date,currency,principal,interest,fees
        A,2,2026-02-01,CNY,100,1.50,
        A,1,2026-01-01,CNY,100,1.50,20
        B,1,2026-01-01,CNY,50,,

        """
    static let payments = """
        account_id,date,currency,amount
        A,2026-02-03,CNY,30
        A,2026-01-05,CNY,121.50
        A,2026-02-03,CNY,10
        Z,2026-02-03,CNY,1

        """

    /// The two files read into one.
    func read(
        _ schedule: String = schedule, _ payments: String = payments
    ) throws(BookFault) -> (book: ScheduleBook, rejects: [Reject]) {
        var book = ScheduleBook()
        var rejects: [Reject] = []
        var scheduleReader = ScheduleReader<Instalment>()
        for row in try scheduleReader.feed(schedule.utf8) + scheduleReader.finish() {
            if let reject = book.add(row) { rejects.append(reject) }
        }
        var paymentReader = ScheduleReader<Payment>()
        for row in try paymentReader.feed(payments.utf8) + paymentReader.finish() {
            if let reject = book.add(row) { rejects.append(reject) }
        }
        return (book, rejects)
    }

    func account(_ id: AccountID) -> LoanAccount {
        let basis = ArrearsBasis.schedule(RepaymentSchedule(instalments: [], payments: []))
        return LoanAccount(id: id, customer: "C", product: "cash", balance: yuan(1), basis: basis)
    }

    @Test func `An account claims what is its own in order`() throws {
        var (schedules, rejects) = try read()
        #expect(rejects == [])
        guard case .account(let account, line: 2) = schedules.attach(to: account("A"), line: 2),
            case .schedule(let schedule) = account.basis
        else {
            Issue.record("A was not attached")
            return
        }
        #expect(schedule.instalments.map(\.number) == [1, 2])
        #expect(schedule.instalments.map(\.fees) == [yuan(2_000), yuan(0)])
        #expect(schedule.instalments.map(\.interest) == [yuan(150), yuan(150)])
        #expect(schedule.payments.map(\.amount) == [yuan(12_150), yuan(3_000), yuan(1_000)])
        #expect(account.finalDueDate == day("2026-02-01"))
        _ = schedules.attach(to: self.account("B"), line: 3)
        let unclaimed = schedules.unclaimed()
        #expect(unclaimed.map(\.kind) == [.unknownAccount])
        #expect(unclaimed.map(\.file) == ["payments"])
        #expect(unclaimed.map(\.line) == [5])
        #expect(unclaimed.map(\.got) == ["Z"])
    }

    @Test func `An account without instalments is rejected`() throws {
        var (schedules, _) = try read()
        for id in ["Y", "Z"] {
            guard case .reject(let reject) = schedules.attach(to: account(AccountID(id)), line: 9) else {
                Issue.record("\(id) was attached")
                continue
            }
            #expect(reject.kind == .missingValue)
            #expect(reject.line == 9)
            #expect(reject.file == "book")
        }
    }

    /// Otherwise somebody would be asked for what was paid.
    @Test(arguments: [
        ("A,2026-03-01,CNY,x", RejectKind.badNumber, "amount"), ("A,2026-03-01,CNY,-5", .badNumber, "amount"),
        ("A,2026-03-01,CNY", .missingColumn, "amount"), ("A,2026-13-01,CNY,5", .badDate, "date"),
    ]) func `An account with a rejected row is rejected`(row: String, kind: RejectKind, column: String) throws {
        var (schedules, rejects) = try read(Self.schedule, Self.payments + row + "\n")
        #expect(rejects.map(\.kind) == [kind])
        #expect(rejects.map(\.column) == [column])
        #expect(rejects.map(\.line) == [6])
        #expect(rejects.map(\.file) == ["payments"])
        guard case .reject(let reject) = schedules.attach(to: account("A"), line: 2) else {
            Issue.record("A was attached")
            return
        }
        #expect(reject.kind == .badValue)
        #expect(reject.got == "\(kind.rawValue) on line 6 of the payments file")
        guard case .account = schedules.attach(to: account("B"), line: 3) else {
            Issue.record("B has nothing to do with it")
            return
        }
    }

    @Test func `Bad instalments`() throws {
        let rows = ["A,2,2026-03-01,CNY,1,1,1", "B,2,2026-02-01,CNY,-1,,", "B,3,,CNY,1,,", "B,x,2026-02-01,CNY,1,,"]
        let rejects = try read(Self.schedule + rows.joined(separator: "\n")).rejects
        #expect(rejects.map(\.kind) == [.duplicateID, .negativePrincipal, .missingValue, .badNumber])
        #expect(rejects.map(\.column) == ["number", "principal", "due_date", "number"])
        #expect(rejects.map(\.line) == [5, 6, 7, 8])
    }

    @Test func `Currencies must agree`() throws {
        var schedules = try read(Self.schedule, Self.payments + "B,2026-02-03,USD,1\n").book
        guard case .reject(let reject) = schedules.attach(to: account("B"), line: 3) else {
            Issue.record("B was attached")
            return
        }
        #expect(reject.got == "USD beside CNY")
    }

    @Test func `A header that does not fit`() {
        var reader = ScheduleReader<Payment>()
        #expect(throws: BookFault.self) { try reader.feed("account_id,date,currency\n".utf8) }
        var empty = ScheduleReader<Instalment>()
        #expect(throws: BookFault.self) { try empty.finish() }
    }
}
