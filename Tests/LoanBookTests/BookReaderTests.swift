// Owns: what a book's rows come to: accounts, and rejects of every kind with line and column.
@testable import Arrears
import Testing

@testable import LoanBook
@testable import SyntheticBook

let cny = Currency("CNY").unsafelyUnwrapped

func yuan(_ fen: Int64) -> Money { Money(minorUnits: fen, currency: cny) }

func day(_ iso: String) -> CalendarDate { CalendarDate(iso: iso).unsafelyUnwrapped }

/// All rows of a book, fed in chunks of `size` bytes.
func book(
    _ bytes: [UInt8], map: ColumnMap = .canonical, hasSchedule: Bool = false, inChunksOf size: Int = 65_536
) throws(BookFault) -> [BookRow] {
    var reader = BookReader(map: map, hasSchedule: hasSchedule)
    var rows: [BookRow] = []
    var offset = 0
    while offset < bytes.count {
        let end = min(bytes.count, offset + size)
        rows += try reader.feed(bytes[offset..<end])
        offset = end
    }
    return rows + (try reader.finish())
}

func book(_ text: String, map: ColumnMap = .canonical, hasSchedule: Bool = false) throws(BookFault) -> [BookRow] {
    try book(Array(text.utf8), map: map, hasSchedule: hasSchedule)
}

func rejects(_ rows: [BookRow]) -> [Reject] {
    rows.compactMap { if case .reject(let reject) = $0 { reject } else { nil } }
}

func accounts(_ rows: [BookRow]) -> [LoanAccount] {
    rows.compactMap { if case .account(let account, _) = $0 { account } else { nil } }
}

@Suite struct BookReaderTests {
    @Test func `Arrears above the balance are rejected`() throws {
        let header = "id,product,currency,balance,arrears,dpd\n"
        let over = try #require(rejects(try book(header + "J3,card,CNY,50,100,4\n")).first)
        #expect(over.column == "arrears" && over.expected == "at most the balance, 50.00" && over.got == "100.00")
        #expect(accounts(try book(header + "J4,card,CNY,100,100,4\n")).count == 1)
        // With a credit balance nothing is owed, whatever the arrears say.
        #expect(accounts(try book(header + "J5,card,CNY,-5,100,4\n")).count == 1)
    }

    @Test func `What the book does not say is not known`() throws {
        let rows = try book("id,product,currency,balance,dpd,first_time\nA,card,CNY,9,1,\nB,card,CNY,9,1,no\n")
        #expect(accounts(rows).map(\.isFirstTime) == [nil, false])
    }

    @Test func `A row with every column`() throws {
        let text = """
            id,customer_id,portfolio,product,currency,balance,principal,arrears,oldest_unpaid_due_date,region,time_zone,\
            phone,name,language,risk_score,first_time,previous_outcomes,holds,documents,limitation_restart,\
            final_due_date,hardship_evidence,legal_approval
            A1,C1,north,card,CNY,1234.50,1000,300.00,2026-10-01,cn-sh,Asia/Shanghai,\
            16000000001,"王, 小明",zh-Hans,640,yes,noAnswer;promiseToPay,dispute;hardship:2026-12-31,\
            contract; statement,2026-09-20,2027-10-01,1,committee-2

            """
        let expected = LoanAccount(
            id: "A1", customer: "C1", portfolio: "north", product: "card", principal: yuan(100_000),
            balance: yuan(123_450), statedArrears: yuan(30_000), basis: .oldestUnpaidDueDate(day("2026-10-01")),
            region: "CN-SH", timeZone: "Asia/Shanghai", phone: "+8616000000001", name: "王, 小明", language: "zh-Hans",
            riskScore: 640, isFirstTime: true, previousOutcomes: ["noAnswer", "promiseToPay"],
            holds: [Hold(kind: .dispute), Hold(kind: .hardship, until: day("2026-12-31"))],
            documents: ["contract", "statement"], limitationRestart: day("2026-09-20"),
            finalDueDate: day("2027-10-01"), hasHardshipEvidence: true, legalApproval: "committee-2")
        #expect(try book(text) == [.account(expected, line: 2)])
    }

    @Test func `A row with the least`() throws {
        let rows = try book("balance,id,product,currency,dpd\n-5,A1,card,CNY,0\n")
        let expected = LoanAccount(id: "A1", customer: "A1", product: "card", balance: yuan(-500), basis: .dpd(0))
        #expect(rows == [.account(expected, line: 2)])
    }

    // MARK: Rejects

    static let header =
        "id,customer_id,product,currency,balance,principal,oldest_unpaid_due_date,phone,name,risk_score,holds\n"

    /// A row, and the reject that it must come to.
    struct Bad: Sendable, CustomTestStringConvertible {
        var row: String
        var kind: RejectKind
        var column: String
        var got: String
        var testDescription: String { "\(kind.rawValue) in \(column): \(row)" }
    }

    static let bad: [Bad] = [
        Bad(
            row: "B,C,card,CNY,1,1,2025-02-29,,,,", kind: .badDate, column: "oldest_unpaid_due_date", got: "2025-02-29"),
        Bad(
            row: "B,C,card,CNY,1,1,01/02/2025,,,,", kind: .badDate, column: "oldest_unpaid_due_date", got: "01/02/2025"),
        Bad(row: "B,C,card,CNY,1,-0.01,,,,,", kind: .negativePrincipal, column: "principal", got: "-0.01"),
        Bad(row: "GOOD,C,card,CNY,1,1,,,,,", kind: .duplicateID, column: "id", got: "GOOD"),
        Bad(row: "B,C,card,RMB,1,1,,,,,", kind: .unknownCurrency, column: "currency", got: "RMB"),
        Bad(row: "B,C,card,cny,1,1,,,,,", kind: .unknownCurrency, column: "currency", got: "cny"),
        Bad(row: "B,C,card,CNY,1,1", kind: .missingColumn, column: "oldest_unpaid_due_date", got: "6 fields"),
        Bad(row: "B", kind: .missingColumn, column: "customer_id", got: "1 field"),
        Bad(row: "B,C,card,CNY,1,1,,,,,,", kind: .fieldCount, column: "", got: "12 fields"),
        Bad(row: ",C,card,CNY,1,1,,,,,", kind: .missingValue, column: "id", got: "nothing"),
        Bad(row: "B, ,card,CNY,1,1,,,,,", kind: .missingValue, column: "customer_id", got: "nothing"),
        Bad(row: "B,C,card,CNY,,1,,,,,", kind: .missingValue, column: "balance", got: "nothing"),
        Bad(row: "B,C,card,CNY,1.234,1,,,,,", kind: .badNumber, column: "balance", got: "1.234"),
        Bad(row: "B,C,card,CNY,\"1,234\",1,,,,,", kind: .badNumber, column: "balance", got: "1,234"),
        Bad(
            row: "B,C,card,CNY,10000000000000.01,1,,,,,", kind: .badNumber, column: "balance", got: "10000000000000.01"),
        Bad(row: "B,C,card,CNY,1,1,,,,1001,", kind: .badNumber, column: "risk_score", got: "1001"),
        Bad(row: "B,C,card,CNY,1,1,,,,,sulks", kind: .badValue, column: "holds", got: "sulks"),
        Bad(row: "B,C,card,CNY,1,1,,,,,plan:soon", kind: .badDate, column: "holds", got: "plan:soon"),
        Bad(row: "B,C,card,CNY,1,1,,+86 160-12x,,,", kind: .badValue, column: "phone", got: "+99 999-99a"),
        Bad(
            row: "B,C,card,CNY,1,1,,,\"Zhang \"San,,", kind: .brokenQuote, column: "name",
            got: "other text (quote opened on line 3)"),
        Bad(
            row: "B,C,card,CNY,1,1,,,Zhang \"San\",,", kind: .brokenQuote, column: "name",
            got: "a quote within an unquoted field"),
        Bad(
            row: "B,C,card,CNY,1,1,,,\"Zhang San,,", kind: .brokenQuote, column: "name",
            got: "none (quote opened on line 3)"),
    ]

    @Test(arguments: bad) func `A bad row is rejected alone`(bad: Bad) throws {
        let good = "GOOD,C0,card,CNY,10,5,,,,,\n"
        let last = "LAST,C9,card,CNY,10,5,,,,,\n"
        let rows = try book(Self.header + good + bad.row + "\n" + last)
        #expect(rows.map(\.line) == [2, 3, 4])
        #expect(accounts(rows).map(\.id) == ["GOOD", "LAST"])
        let reject = try #require(rejects(rows).first)
        #expect(reject.file == "book")
        #expect(reject.kind == bad.kind)
        #expect(reject.column == bad.column)
        #expect(reject.got == bad.got)
        #expect(!reject.expected.isEmpty)
    }

    @Test func `Every kind of bad row is shown above`() {
        // Bytes that are no text are below; unknown accounts are for schedules.
        #expect(Set(Self.bad.map(\.kind)).union([.invalidBytes, .unknownAccount]) == Set(RejectKind.allCases))
    }

    @Test func `Bytes that are no text`() throws {
        func rows(_ bytes: [UInt8]) throws -> [BookRow] {
            try book(Array("id,product,currency,balance,dpd,name,remark\nA,card,CNY,1,0,".utf8) + bytes)
        }
        let expected = Reject(
            file: "book", line: 2, column: "name", kind: .invalidBytes, expected: "bytes that are valid in utf-8",
            got: "2 bytes that are not")
        // GB18030, an overlong slash, a surrogate's half, a character cut short.
        #expect(try rows([0xD5, 0xC5, 0x2C, 0x0A]) == [.reject(expected)])
        for bytes: [UInt8] in [[0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xE5, 0xBC]] {
            #expect(rejects(try rows(bytes + [0x2C, 0x0A])).map(\.kind) == [.invalidBytes])
        }
        // A column that nothing needs may hold anything.
        #expect(accounts(try rows([0x2C, 0xD5, 0xC5, 0x0A])).count == 1)
    }

    @Test func `Personal data is never shown`() throws {
        let name = "张三" + String(repeating: "a", count: 300)
        let rows = try book(
            "id,product,currency,balance,dpd,name,phone\n1,card,CNY,1,0,\(name),\n2,card,CNY,1,0,,1380013800张\n")
        #expect(rejects(rows).map(\.got) == ["文文" + String(repeating: "a", count: 38), "9999999999文"])
        // Nor in another field that is read from the same column.
        var map = ColumnMap.canonical
        map.book.columns[.riskScore] = FieldSource(.column("phone"))
        let other = try book("id,product,currency,balance,dpd,phone\n1,card,CNY,1,0,16000000001\n", map: map)
        #expect(rejects(other).map(\.got) == ["99999999999"])
    }

    @Test func `What came is cut and cleaned`() throws {
        let rows = try book(
            "id,product,currency,balance,dpd\n1,card,CNY,\"a\n\(String(repeating: "b", count: 60))\",0\n")
        let got = try #require(rejects(rows).first).got
        #expect(got == "a·" + String(repeating: "b", count: 37) + "…")
    }

    @Test func `The row behind a rejected one with its ID is in doubt too`() throws {
        let rows = try book("id,product,currency,balance,dpd\nA,card,CNY,x,0\nA,card,CNY,1,0\n")
        #expect(rejects(rows).map(\.kind) == [.badNumber, .duplicateID])
        #expect(rejects(rows).last?.expected == "each account once (first on line 2)")
    }

    @Test func `A number in two portfolios is two accounts, and without a customer column two customers`() throws {
        let text = "portfolio,id,product,currency,balance,dpd\ncards,A,card,CNY,1,0\nloans,A,loan,CNY,1,0\n"
        let rows = try book(text + "cards,A,card,CNY,1,0\n,A,card,CNY,1,0\n")
        #expect(accounts(rows).map(\.caseID) == ["cards/A", "loans/A", "A"])
        #expect(accounts(rows).map(\.customer) == ["cards/A", "loans/A", "A"])
        #expect(rejects(rows).map(\.line) == [4])
        #expect(rejects(rows).map(\.expected) == ["each account once (first on line 2)"])
    }

    @Test func `Where schedules name accounts by their number, it may stand in one portfolio only`() throws {
        let rows = try book(
            "portfolio,id,product,currency,balance\ncards,A,card,CNY,1\nloans,A,loan,CNY,1\n", hasSchedule: true)
        #expect(rejects(rows).map(\.kind) == [.duplicateID])
    }

    @Test func `Numbers are compared by their bytes, as the ledger does`() throws {
        let rows = try book("id,product,currency,balance,dpd\ncaf\u{E9},card,CNY,1,0\ncafe\u{301},card,CNY,1,0\n")
        #expect(accounts(rows).count == 2)
    }

    @Test func `Lines are counted through quoted fields`() throws {
        let rows = try book(
            "id,product,currency,balance,dpd,remark\n1,card,CNY,1,0,\"a\nb\n\nc\"\n\n2,card,CNY,1,x,\n3,card,CNY,1,0,\n"
        )
        #expect(rows.map(\.line) == [2, 7, 8])
        #expect(rejects(rows).map(\.column) == ["dpd"])
    }

    // MARK: Chunks

    @Test(arguments: [1, 2, 3, 5, 8, 13]) func `Every chunking gives the same rows`(seed: UInt64) throws {
        let generator = BookGenerator(seed: seed, accounts: 150, asOf: day("2026-11-20"), badRows: 30)
        let bytes = generator.headers.book + generator.flatMap(\.book)
        let whole = try book(bytes)
        for size in [1, 7, 64] {
            #expect(try book(bytes, inChunksOf: size) == whole, "seed \(seed), chunks of \(size)")
        }
    }
}
