// Owns: that the synthetic book is the same for ever, is taken by our own reader, and is what it says it is.
@testable import Arrears
import Testing

@testable import LoanBook
@testable import SyntheticBook

@Suite struct BookGeneratorTests {
    static let asOf = day("2026-11-20")

    func bytes(_ generator: BookGenerator) -> [UInt8] { generator.headers.book + generator.flatMap(\.book) }

    func dpd(_ account: LoanAccount) -> Int {
        guard case .oldestUnpaidDueDate(let date?) = account.basis else { return 0 }
        return max(0, Self.asOf.days(since: date))
    }

    @Test func `The same arguments give the same bytes`() {
        let book = bytes(BookGenerator(seed: 7, accounts: 200, asOf: Self.asOf))
        #expect(bytes(BookGenerator(seed: 7, accounts: 200, asOf: Self.asOf)) == book)
        #expect(bytes(BookGenerator(seed: 8, accounts: 200, asOf: Self.asOf)) != book)
        #expect(bytes(BookGenerator(seed: 7, accounts: 300, asOf: Self.asOf)).starts(with: book))
        // For ever: FNV-1a of a small book. A change here changes every demonstration that somebody wrote down.
        let digest = book.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        #expect(digest == 5_092_154_940_806_876_784)
    }

    @Test func `Every row is an account`() throws {
        let rows = try book(bytes(BookGenerator(seed: 3, accounts: 2_000, asOf: Self.asOf)))
        #expect(rejects(rows) == [])
        #expect(accounts(rows).count == 2_000)
        #expect(Set(accounts(rows).map(\.id)).count == 2_000)
    }

    @Test(arguments: [1, 2, 20_261_120]) func `The proportions`(seed: UInt64) throws {
        let accounts = accounts(try book(bytes(BookGenerator(seed: seed, accounts: 10_000, asOf: Self.asOf))))
        func share(_ isMeant: (LoanAccount) -> Bool) -> Double {
            Double(accounts.filter(isMeant).count) / Double(accounts.count)
        }
        #expect((0.78...0.82).contains(share { dpd($0) == 0 }), "current")
        #expect((0.04...0.06).contains(share { (1...3).contains(dpd($0)) }), "1 to 3")
        #expect((0.010...0.022).contains(share { dpd($0) > 180 }), "beyond 180")
        #expect((0.002...0.007).contains(share { dpd($0) > 400 }), "beyond 400")
        #expect((0.014...0.026).contains(share { $0.phone == nil }), "no phone")
        #expect((0.02...0.05).contains(share { $0.timeZone == "Asia/Urumqi" }), "Xinjiang's own time")
        #expect((0.001...0.008).contains(share { !$0.holds.isEmpty }), "holds")
        #expect((0.002...0.01).contains(share { ($0.name ?? "").contains(",") }), "names with commas")
        #expect(Set(accounts.map(\.product)) == ["card", "cash", "instalment"])
        let late = accounts.filter { dpd($0) > 181 }
        let approved = late.filter { $0.legalApproval != nil }
        #expect((0.3...0.6).contains(Double(approved.count) / Double(late.count)), "approvals")
        let sizes = Dictionary(grouping: accounts, by: \.customer).values.map(\.count)
        #expect((0.12...0.18).contains(Double(sizes.filter { $0 > 1 }.count) / Double(sizes.count)), "several accounts")
        let balances = accounts.map(\.balance.minorUnits).filter { $0 > 0 }.sorted()
        let median = balances[balances.count / 2]
        #expect((500_000...1_200_000).contains(median), "median balance")
        #expect(balances[balances.count * 99 / 100] > median * 5, "balances have a tail")
        #expect(accounts.contains { $0.balance.minorUnits < 0 }, "credit balances")
    }

    @Test func `One customer is one person`() throws {
        let accounts = accounts(try book(bytes(BookGenerator(seed: 5, accounts: 3_000, asOf: Self.asOf))))
        for (customer, own) in Dictionary(grouping: accounts, by: \.customer) {
            #expect(Set(own.map(\.phone)).count == 1, "\(customer)")
            #expect(Set(own.map(\.name)).count == 1, "\(customer)")
            #expect(Set(own.map(\.timeZone)).count == 1, "\(customer)")
        }
        #expect(accounts.compactMap(\.phone).allSatisfy { $0.hasPrefix("+86160") })
    }

    @Test func `Bad rows are beside the accounts`() throws {
        let rows = try book(bytes(BookGenerator(seed: 4, accounts: 500, asOf: Self.asOf, badRows: 14)))
        #expect(accounts(rows) == accounts(try book(bytes(BookGenerator(seed: 4, accounts: 500, asOf: Self.asOf)))))
        let kinds = rejects(rows).map(\.kind)
        let each: [RejectKind] = [
            .badDate, .negativePrincipal, .duplicateID, .unknownCurrency, .missingColumn, .brokenQuote, .invalidBytes,
        ]
        #expect(kinds == each + each)
    }

    /// The same accounts, told in two forms, are equally late.
    @Test func `The schedule tells the same arrears`() throws {
        let seed: UInt64 = 11
        let plain = accounts(try book(bytes(BookGenerator(seed: seed, accounts: 1_000, asOf: Self.asOf))))
        let generator = BookGenerator(seed: seed, accounts: 1_000, asOf: Self.asOf, hasSchedule: true)
        var schedules = ScheduleBook()
        var scheduleReader = ScheduleReader<Instalment>()
        for row in try scheduleReader.feed(generator.headers.schedule + generator.flatMap(\.schedule))
            + scheduleReader.finish()
        {
            #expect(schedules.add(row) == nil)
        }
        var paymentReader = ScheduleReader<Payment>()
        for row in try paymentReader.feed(generator.headers.payments + generator.flatMap(\.payments))
            + paymentReader.finish()
        {
            #expect(schedules.add(row) == nil)
        }
        let read = accounts(try book(bytes(generator), hasSchedule: true))
        #expect(read.count == plain.count)
        for (before, account) in zip(plain, read) {
            guard case .account(let attached, _) = schedules.attach(to: account, line: 0) else {
                Issue.record("seed \(seed): \(account.id) has no schedule")
                continue
            }
            let late: Int
            switch recognise(attached, asOf: Self.asOf, settings: RecognitionSettings()) {
            case .overdue(let found): late = found.dpd
            case .current, .nothingOwed: late = 0
            }
            #expect(late == dpd(before), "seed \(seed): \(account.id)")
        }
        #expect(schedules.unclaimed() == [])
    }
}
