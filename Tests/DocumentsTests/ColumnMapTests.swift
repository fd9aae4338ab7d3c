// Owns: column maps as people write them: what they say, and every fault at its line.
@testable import Arrears
@testable import Documents
import Foundation
@testable import LoanBook
@testable import Tables
import Testing

@Suite struct ColumnMapTests {
    func map(_ yaml: String) throws(DocumentFaults) -> ColumnMap {
        try ColumnMap(document: readDocument(yaml: yaml, source: "map.yaml"), source: "map.yaml")
    }

    func faults(_ yaml: String) -> [String] {
        do {
            return ["no fault, but \(try map(yaml))"]
        } catch {
            return error.faults.map { "\($0.line) \($0.path): \($0.got)" }
        }
    }

    @Test func `A map with everything`() throws {
        let map = try map(
            """
            encoding: gb18030
            delimiter: tab
            dates: yyyyMMdd
            numbers: { decimal: ",", grouping: ".", exponents: true }
            empty_words: ["NULL"]
            country: "1"
            arrears: dpd
            book:
              delimiter: ";"
              others: canonical
              columns:
                id: ID
                balance: { column: BAL, numbers: { unit: minor } }
                product: { column: P, values: { K: card }, default: cash }
                region: { column: R, values: { "1": CN-SH, "2": "" }, unlisted: keep, optional: true }
                phone: { template: "+1{TEL:010}" }
                currency: { constant: USD }
                limitation_restart: { column: L, format: dd/MM/yyyy }
                documents: { column: D, separator: "," }
            payments:
              encoding: utf-8
            """)
        #expect(map.arrears == .dpd)
        #expect(map.country == "1")
        #expect(map.book.dialect == CSVDialect(delimiter: UInt8(ascii: ";"), encoding: .gb18030))
        #expect(map.schedule.dialect == CSVDialect(delimiter: UInt8(ascii: "\t"), encoding: .gb18030))
        #expect(map.payments.dialect == CSVDialect(delimiter: UInt8(ascii: "\t"), encoding: .utf8))
        #expect(map.payments.takesCanonicalNames && map.book.takesCanonicalNames)
        #expect(map.book.dates.pattern == "yyyyMMdd")
        let numbers = NumberFormat(decimal: UInt8(ascii: ","), grouping: UInt8(ascii: "."), allowsExponents: true)
        #expect(map.book.numbers == numbers)
        #expect(map.book.emptyWords == ["NULL"])
        let columns = map.book.columns
        #expect(columns[.id] == FieldSource(.column("ID")))
        #expect(columns[.balance]?.numbers == NumberFormat(unit: .minor))
        #expect(columns[.product]?.table == ValueTable(["K": "card"], unlisted: .value("cash")))
        #expect(columns[.region]?.table == ValueTable(["1": "CN-SH", "2": ""], unlisted: .keep))
        #expect(columns[.region]?.isOptional == true)
        #expect(columns[.phone]?.origin == ValueTemplate("+1{TEL:010}").map { .template($0) })
        #expect(columns[.currency]?.origin == .constant("USD"))
        #expect(columns[.limitationRestart]?.dates?.pattern == "dd/MM/yyyy")
        #expect(columns[.documents]?.separator == UInt8(ascii: ","))
    }

    @Test func `A map that says one thing`() throws {
        var expected = ColumnMap.canonical
        #expect(try map("country: \"86\"") == expected)
        for file in [\ColumnMap.book, \.schedule, \.payments] {
            expected[keyPath: file].dialect.delimiter = UInt8(ascii: ";")
        }
        #expect(try map("delimiter: \";\"") == expected)
    }

    @Test func `All faults are reported together`() {
        let found = faults(
            """
            encoding: latin-1
            delimiter: "x"
            dates: yy-mm
            country: China
            colour: red
            book:
              columns:
                id: { column: ID, template: "{ID}" }
                nmae: NAME
                balance: { column: BAL, format: yyyyMMdd }
                currency: { constant: RMB }
                phone: { template: "+86{TEL" }
                product: { column: P, default: card }
                region: { column: R, values: { a: b }, default: c, unlisted: keep }
                dpd: { column: D, optional: perhaps }
                cycles_past_due: C
                legal_approval: { constant: "" }
            payments:
              columns:
                account_id: { column: ID, optional: true }
            """)
        #expect(
            found == [
                "1 encoding: \"latin-1\"",
                "1 document: dpd and cycles_past_due",
                "2 delimiter: \"x\"",
                "3 dates: \"yy-mm\"",
                "4 country: \"China\"",
                "5 colour: \"colour\"",
                "8 book.columns.id: column and template",
                "9 book.columns.nmae: \"nmae\"",
                "10 book.columns.balance.format: \"format\"",
                "11 book.columns.currency: \"RMB\"",
                "12 book.columns.phone.template: \"+86{TEL\"",
                "13 book.columns.product.default: no \"values\"",
                "14 book.columns.region.unlisted: both",
                "15 book.columns.dpd.optional: \"perhaps\"",
                "17 book.columns.legal_approval.constant: \"\"",
                "20 payments.columns.account_id: optional: true",
                // date, currency and amount
                "20 payments.columns: no such key",
                "20 payments.columns: no such key",
                "20 payments.columns: no such key",
            ])
    }

    @Test func `Required fields must be mapped`() {
        let found = faults("book:\n  columns:\n    id: ID\n    product: { constant: card }\n    dpd: D\n")
        #expect(found == ["3 book.columns: no such key", "3 book.columns: no such key"])
        #expect(faults("arrears: dpd\nbook:\n  columns: { id: a, product: b, currency: c, balance: d }\n").count == 1)
    }

    // MARK: The example

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    func example() throws -> ColumnMap {
        let text = try String(contentsOf: Self.root.appending(path: "examples/uci-taiwan.map.yaml"), encoding: .utf8)
        return try map(text)
    }

    /// Rows of the file's shape, made up, with what is odd about it: undocumented codes, credit balances, decimals.
    @Test func `The taiwan example`() throws {
        let text = """
            "ID","LIMIT_BAL","SEX","EDUCATION","MARRIAGE","AGE","PAY_0","PAY_2","BILL_AMT1","BILL_AMT2"
            1,10000,1,1,1,30,2,0,4321,0
            2,10000,1,1,1,30,-2,0,-7.0,0
            3,1e+04,1,1,1,30,1.0,0,0.000,0
            4,10000,1,1,1,30,0,0,12.345,0
            5,10000,1,1,1,30,2,0,1e+05,0

            """
        var reader = BookReader(map: try example())
        let rows = try reader.feed(text.utf8) + reader.finish()
        let found = rows.map { row in
            switch row {
            case .account(let account, let line):
                "\(line) \(account.id) \(account.balance) \(account.basis) \(account.phone ?? "")"
            case .reject(let reject): "\(reject.line) \(reject.kind) \(reject.column) \(reject.got)"
            }
        }
        #expect(
            found == [
                "2 1 4321.00 TWD cyclesPastDue(2) +886900000001",
                "3 2 -7.00 TWD cyclesPastDue(0) +886900000002",
                "4 3 0.00 TWD cyclesPastDue(1) +886900000003",
                "5 badNumber BILL_AMT1 12.345",
                "6 5 100000.00 TWD cyclesPastDue(2) +886900000005",
            ])
    }
}
