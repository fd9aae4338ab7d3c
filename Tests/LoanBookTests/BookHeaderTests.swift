// Owns: which headers fit which maps, and what a map makes of a row.
@testable import Arrears
import Testing

@testable import LoanBook

@Suite struct BookHeaderTests {
    static let map = ColumnMap(
        book: FileLayout(
            columns: [
                .id: FieldSource(.column("ID")), .product: FieldSource(.constant("card")),
                .currency: FieldSource(.constant("TWD")), .balance: FieldSource(.column("BILL")),
                .cyclesPastDue: FieldSource(
                    .column("PAY"), table: ValueTable(["-2": "0", "-1": "0", "X": ""], unlisted: .keep)),
                .phone: FieldSource(.template(ValueTemplate("+886900{ID:06}").unsafelyUnwrapped)),
                .name: FieldSource(.column("NAME"), isOptional: true),
            ], takesCanonicalNames: false))

    func fault(_ text: String, map: ColumnMap = .canonical, hasSchedule: Bool = false) -> BookFault? {
        do {
            _ = try book(text, map: map, hasSchedule: hasSchedule)
            return nil
        } catch {
            return error
        }
    }

    @Test func `Renamed constant template and table`() throws {
        let rows = try book("PAY,ID,BILL,other\n-2,7,3913.0,\n2.0,8,-12,\nX,9,0,\n", map: Self.map)
        #expect(accounts(rows).map(\.basis) == [.cyclesPastDue(0), .cyclesPastDue(2)])
        #expect(accounts(rows).map(\.phone) == ["+886900000007", "+886900000008"])
        #expect(accounts(rows).map(\.balance.minorUnits) == [391_300, -1_200])
        #expect(accounts(rows).map(\.balance.currency.code) == ["TWD", "TWD"])
        #expect(rejects(rows).map(\.column) == ["PAY"])
        #expect(rejects(rows).map(\.kind) == [.missingValue])
    }

    @Test func `A table that rejects and one that falls back`() throws {
        var map = ColumnMap.canonical
        map.book.columns[.product] = FieldSource(
            .column("p"), table: ValueTable(["K": "card"], unlisted: .value("cash")))
        map.book.columns[.currency] = FieldSource(.column("c"), table: ValueTable(["RMB": "CNY", "": "TWD"]))
        let rows = try book("id,p,c,balance,dpd\n1,K,RMB,1,0\n2,Z,,1,0\n3,K,CNY,1,0\n", map: map)
        #expect(accounts(rows).map(\.product) == ["card", "cash"])
        #expect(accounts(rows).map(\.balance.currency.code) == ["CNY", "TWD"])
        #expect(rejects(rows).map(\.kind) == [.badValue])
        #expect(rejects(rows).map(\.got) == ["CNY"])
    }

    @Test func `Words that mean nothing`() throws {
        var map = ColumnMap.canonical
        map.book.emptyWords = ["NULL"]
        let rows = try book("id,product,currency,balance,oldest_unpaid_due_date\n1,card,CNY,1,NULL\n", map: map)
        #expect(accounts(rows).map(\.basis) == [.oldestUnpaidDueDate(nil)])
    }

    @Test func `All missing columns are named at once`() {
        #expect(
            fault("ID,NAME\n", map: Self.map)
                == BookFault(
                    file: .book, code: .missingColumns, expected: "the columns \"BILL\", \"PAY\"",
                    got: "\"ID\", \"NAME\""))
        #expect(fault("id,product,currency,dpd\n")?.expected == "the column \"balance\"")
        #expect(fault("id;product;currency;balance;dpd\n")?.got.contains("is the delimiter another one?") == true)
    }

    @Test func `A file without rows is no book`() {
        let noRow = BookFault(file: .book, code: .emptyFile, expected: "a row of an account below it", got: "no row")
        #expect(fault("id,product,currency,balance,dpd\n") == noRow)
        let carriageReturns = fault("id,product,currency,balance,dpd,name\rA1,card,CNY,10,1,Wang\r")
        #expect(carriageReturns?.code == .brokenHeader)
        #expect(carriageReturns?.got == "a file whose lines end with CR alone")
    }

    @Test func `A header that cannot be read`() {
        #expect(fault("")?.code == .emptyFile)
        #expect(fault("\n\n")?.code == .emptyFile)
        #expect(fault("id,\"product\n")?.code == .brokenHeader)
        #expect(fault("id,product,currency,balance,dpd,dpd\n")?.code == .repeatedColumn)
        // A column that nothing needs may stand there twice.
        #expect(fault("id,product,currency,balance,dpd,x,x\nA1,card,CNY,10,1,,\n") == nil)
        var reader = BookReader()
        #expect(throws: BookFault.self) { try reader.feed([0xFF, 0xFE, 0x69, 0x00, 0x0A, 0x00]) }
        var second = BookReader()
        #expect(throws: BookFault.self) { try second.feed([0x69, 0x64, 0x2C, 0xD5, 0xCB, 0x0A]) }
    }

    @Test func `The form of arrears`() throws {
        let both = "id,product,currency,balance,dpd,oldest_unpaid_due_date\n1,card,CNY,1,5,2026-01-01\n"
        #expect(fault(both)?.code == .arrearsForm)
        #expect(fault(both)?.got == "oldest_unpaid_due_date and dpd")
        #expect(fault("id,product,currency,balance\n")?.got == "none of them")
        let one = "id,product,currency,balance,dpd\n1,card,CNY,1,5\n"
        #expect(fault(one, hasSchedule: true)?.got == "dpd and schedule")
        var map = ColumnMap.canonical
        map.arrears = .dpd
        #expect(accounts(try book(both, map: map)).map(\.basis) == [.dpd(5)])
        map.arrears = .schedule
        #expect(fault(one, map: map)?.got == "no a schedule file and a payments file")
        map.arrears = .cyclesPastDue
        #expect(fault(one, map: map)?.got == "no cycles_past_due")
    }
}
