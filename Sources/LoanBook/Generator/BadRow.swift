// Owns: rows that a reader must refuse, one kind after the other, for demonstrations.

/// The number-th bad row of a generated book.
struct BadRow {
    let number: Int

    /// A row like that of account `index`, with an id of its own and one thing wrong.
    func bytes(after index: Int, in generator: BookGenerator) -> [UInt8] {
        var row = generator.values(of: index).row
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
            let fields = generator.bookFields.map { row[$0] ?? "" }
            return Array(CSVWriter.line(Array(fields.prefix(fields.count / 2))).utf8)
        case 5:
            row[.legalApproval] = nil
            return generator.line(row).dropLast() + Array("\"never closed\n".utf8)
        default:
            row[.name] = "?"
            // A lead byte of GB18030 in a file that is UTF-8.
            return generator.line(row).map { $0 == UInt8(ascii: "?") ? 0xD5 : $0 }
        }
        return generator.line(row)
    }
}
