// Owns: rows of the schedule and payments files → instalments and payments, or rejects. Knows nothing of the book.
import Arrears
import Tables

/// What a row of the schedule file (an `Instalment`) or of the payments file (a `Payment`) came to.
package enum ScheduleRow<Item: Hashable & Sendable>: Hashable, Sendable {
    case item(Item, of: AccountID, line: Int)
    /// With the account whose schedule or payments are incomplete without this row, where the row still tells.
    case reject(Reject, account: AccountID?)
}

/// Reads a schedule file, or a payments file, from chunks of bytes of any size.
package struct ScheduleReader<Item: Hashable & Sendable> {
    private var table: TableReader
    private let item: (RowReader) throws(Rejection) -> Item

    /// The rows that these bytes complete.
    /// - Throws: when the header does not fit the map.
    package mutating func feed(_ bytes: some Sequence<UInt8>) throws(BookFault) -> [ScheduleRow<Item>] {
        table.append(bytes)
        return try rows()
    }

    /// The rows that the end of the file completes.
    package mutating func finish() throws(BookFault) -> [ScheduleRow<Item>] {
        table.close()
        let rows = try rows()
        try table.checkNotEmpty()
        return rows
    }

    private mutating func rows() throws(BookFault) -> [ScheduleRow<Item>] {
        var rows: [ScheduleRow<Item>] = []
        while let row = try table.next() {
            switch row {
            case .reject(let reject, let row): rows.append(.reject(reject, account: row?.accountID))
            case .row(let row):
                do {
                    let account = AccountID(try row.identifier(.accountID))
                    rows.append(.item(try item(row), of: account, line: row.line))
                } catch {
                    rows.append(.reject(error.reject, account: row.accountID))
                }
            }
        }
        return rows
    }
}

extension ScheduleReader<Instalment> {
    /// Another decoding than that of the encoding which `map.schedule` names is a bug of the caller.
    package init(map: ColumnMap = .canonical, decoding: any TextDecoding = UTF8Decoding()) {
        table = TableReader(file: .schedule, map: map, decoding: decoding)
        item = { row throws(Rejection) in
            let currency = try row.required(.currency, try row.currency())
            return Instalment(
                number: try row.required(.number, try row.integer(.number, in: FieldValue.instalmentNumbers)),
                dueDate: try row.required(.dueDate, try row.date(.dueDate)),
                fees: try row.amount(.fees, currency, negative: .badNumber) ?? .zero(currency),
                interest: try row.amount(.interest, currency, negative: .badNumber) ?? .zero(currency),
                principal: try row.required(
                    .principal, try row.amount(.principal, currency, negative: .negativePrincipal)))
        }
    }
}

extension ScheduleReader<Payment> {
    /// Another decoding than that of the encoding which `map.payments` names is a bug of the caller.
    package init(map: ColumnMap = .canonical, decoding: any TextDecoding = UTF8Decoding()) {
        table = TableReader(file: .payments, map: map, decoding: decoding)
        item = { row throws(Rejection) in
            let currency = try row.required(.currency, try row.currency())
            let date = try row.required(.date, try row.date(.date))
            let amount = try row.required(.amount, try row.amount(.amount, currency))
            guard amount.isPositive else {
                let fault = ValueFault(kind: .badNumber, expected: "more than 0: a reversed payment is left out")
                throw row.rejection(.amount, fault, got: amount.decimal)
            }
            return Payment(date: date, amount: amount)
        }
    }
}

extension RowReader {
    /// The account of a row that cannot be taken, where it still tells.
    fileprivate var accountID: AccountID? { (try? identifier(.accountID)).map { AccountID($0) } }
}
