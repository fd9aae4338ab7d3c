// Owns: rows that a reader must refuse, one kind after the other, for demonstrations.
import LoanBook
import Tables

/// The number-th bad row of a generated book.
struct BadRow {
    let number: Int

    /// A row like an account's, with an id of its own and one thing wrong.
    /// - Parameter fields: in the order of the book's columns.
    func bytes(like account: [CanonicalField: String], _ fields: [CanonicalField]) -> [UInt8] {
        func line(_ row: [CanonicalField: String]) -> [UInt8] {
            Array(CSVWriter.line(fields.map { row[$0] ?? "" }).utf8)
        }
        var row = account
        let accountID = row[.id] ?? ""
        row[.id] = "BAD" + SyntheticCustomer.padded(number + 1, 6)
        // Nobody is to be reached by it, should a reader take it after all.
        row[.phone] = nil
        switch number % 7 {
        case 0: row[.limitationRestart] = "2025-02-30"
        case 1: row[.principal] = "-1.00"
        case 2: row[.id] = accountID
        case 3: row[.currency] = "RMB"
        case 4:
            // Cut in the middle, as by a broken transfer.
            let fields = fields.map { row[$0] ?? "" }
            return Array(CSVWriter.line(Array(fields.prefix(fields.count / 2))).utf8)
        case 5:
            row[.legalApproval] = nil
            return line(row).dropLast() + Array("\"never closed\n".utf8)
        default:
            row[.name] = "?"
            // A lead byte of GB18030 in a file that is UTF-8.
            return line(row).map { $0 == UInt8(ascii: "?") ? 0xD5 : $0 }
        }
        return line(row)
    }
}
