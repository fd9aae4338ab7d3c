// Owns: a book in GB18030, read by a map.
@testable import Arrears
@testable import Documents
@testable import LoanBook
@testable import Tables
import Testing

@Suite struct GB18030BookTests {
    /// `账号|姓名` and so on, with a name whose second byte is the delimiter's, and one that is cut.
    @Test(arguments: [1, 2, 3, 1_000]) func `A book`(chunk: Int) throws {
        let yaml = """
            encoding: gb18030
            delimiter: "|"
            book:
              dates: yyyy年M月d日
              columns:
                id: 账号
                name: 姓名
                product: { column: 产品, values: { 信用卡: card } }
                currency: { constant: CNY }
                balance: 余额
                oldest_unpaid_due_date: 逾期日
            """
        let map = try ColumnMap(document: readDocument(yaml: yaml, source: "map"), source: "map")
        var bytes: [UInt8] = []
        // 账号|姓名|产品|余额|逾期日
        bytes += [0xD5, 0xCB, 0xBA, 0xC5, 0x7C, 0xD0, 0xD5, 0xC3, 0xFB, 0x7C, 0xB2, 0xFA, 0xC6, 0xB7, 0x7C]
        bytes += [0xD3, 0xE0, 0xB6, 0xEE, 0x7C, 0xD3, 0xE2, 0xC6, 0xDA, 0xC8, 0xD5, 0x0A]
        // 信用卡, and a date
        let card: [UInt8] = [0xD0, 0xC5, 0xD3, 0xC3, 0xBF, 0xA8]
        let date =
            Array("2026".utf8) + [0xC4, 0xEA] + Array("9".utf8) + [0xD4, 0xC2] + Array("1".utf8) + [0xC8, 0xD5]
        bytes += Array("1|".utf8) + [0x95, 0x7C] + Array("|".utf8) + card + Array("|5|".utf8) + date + [0x0A]
        bytes += Array("2|".utf8) + [0x95] + Array("\n3||".utf8) + card + Array("|6|\n4|".utf8) + [0xFF]
        bytes += Array("|".utf8) + card + Array("|6|\n".utf8)

        var reader = BookReader(map: map, decoding: try textDecoding(for: .gb18030))
        var rows: [BookRow] = []
        var offset = 0
        while offset < bytes.count {
            rows += try reader.feed(bytes[offset..<min(bytes.count, offset + chunk)])
            offset += chunk
        }
        rows += try reader.finish()
        #expect(rows.map(\.line) == [2, 3, 4, 5])
        guard rows.count == 4, case .account(let first, _) = rows[0], case .reject(let short) = rows[1],
            case .account(let third, _) = rows[2], case .reject(let invalid) = rows[3]
        else {
            Issue.record("\(rows)")
            return
        }
        #expect(first.name == "晐")
        #expect(first.product == "card")
        #expect(first.basis == .oldestUnpaidDueDate(CalendarDate(year: 2026, month: 9, day: 1)))
        #expect(short.kind == .missingColumn)
        #expect(third.basis == .oldestUnpaidDueDate(nil))
        #expect(invalid.kind == .invalidBytes)
        #expect(invalid.column == "姓名")
    }
}
