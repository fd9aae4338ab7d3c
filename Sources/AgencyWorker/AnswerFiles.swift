// Owns: the files in which an agency answers, read strictly: all of a file or nothing. Knows no folder.
import Arrears

/// What an agency's file answers, and in which order; told by its name.
package struct AnswerName: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case acknowledgement
        /// 1 is `.results.csv`, 2 is `.results-2.csv`, ….
        case results(Int)
    }

    package var batch: BatchName
    package var kind: Kind

    /// `<batch>.ack.csv`, `<batch>.results.csv`, `<batch>.results-2.csv`, …; nil: another name.
    package init?(file: String) {
        var parts = file.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 5, parts.popLast() == "csv", let word = parts.popLast(),
            let batch = BatchName(parts.joined(separator: "."))
        else { return nil }
        self.batch = batch
        switch word {
        case "ack": kind = .acknowledgement
        case "results": kind = .results(1)
        default:
            guard word.hasPrefix("results-"), let number = Int(word.dropFirst(8)), (2...9999).contains(number),
                word == "results-\(number)"
            else { return nil }
            kind = .results(number)
        }
    }

    package init(batch: BatchName, kind: Kind) {
        self.batch = batch
        self.kind = kind
    }

    package var file: String {
        switch kind {
        case .acknowledgement: "\(batch).ack.csv"
        case .results(1): "\(batch).results.csv"
        case .results(let number): "\(batch).results-\(number).csv"
        }
    }
}

/// `<batch>.ack.csv`: each case once, accepted or rejected.
package struct Acknowledgement: Hashable, Sendable {
    /// The agency's reason, a word.
    package var rejected: [TaskID: String]
    /// The line of each rejected case.
    var lines: [TaskID: Int]

    static let header = ["task_id", "status", "reason"]

    package init(_ bytes: [UInt8], for batch: PlacedBatch) throws(AnswerFault) {
        let table = try AnswerTable(bytes, header: Acknowledgement.header)
        let rows = try table.rows(endingWith: [String(table.body.count), batch.name.description])
        var rejected: [TaskID: String] = [:]
        var lines: [TaskID: Int] = [:]
        var seen: Set<TaskID> = []
        for row in rows {
            let task = try row.task(of: batch)
            guard seen.insert(task).inserted else { throw row.fault("task_id", "each case once", "it again") }
            switch row["status"] {
            case "accepted": try row.expectEmpty("reason")
            case "rejected":
                rejected[task] = try row.word("reason", required: true)
                lines[task] = row.line
            default: throw row.fault("status", "accepted or rejected")
            }
        }
        guard seen.count == batch.balances.count else {
            throw AnswerFault(
                line: 0, column: "", expected: "all \(batch.balances.count) cases of the batch", got: "\(seen.count)")
        }
        self.rejected = rejected
        self.lines = lines
    }
}

/// `<batch>.results.csv`: what the agency did and collected.
package struct AgencyResults: Hashable, Sendable {
    package struct Row: Hashable, Sendable {
        var line: Int
        package var task: TaskID
        var kind: CaseEvent.Kind
        var date: CalendarDate
        /// Of a payment.
        package var amount: Money?
        /// A word, such as `spoke` or `mandate-ended`.
        var detail: String
    }

    package var rows: [Row]

    static let header = ["task_id", "kind", "date", "currency", "amount", "detail"]

    package init(_ bytes: [UInt8], for batch: PlacedBatch) throws(AnswerFault) {
        let table = try AnswerTable(bytes, header: AgencyResults.header)
        let totals = table.body.filter { $0["task_id"] == "TOTAL" }
        let count = table.body.count - totals.count
        let body = try table.rows(endingWith: [String(count), "", "", "", batch.name.description])
        var rows: [Row] = []
        var paid: [Currency: (count: Int, sum: Money)] = [:]
        for (index, line) in body.prefix(count).enumerated() {
            guard line["task_id"] != "TOTAL" else {
                throw body[index].fault("task_id", "totals behind all other rows", "one before them")
            }
            let row = try AgencyResults.row(line, of: batch)
            rows.append(row)
            if let amount = row.amount {
                let before = paid[amount.currency] ?? (0, .zero(amount.currency))
                // Each is at most its case's balance; their sum need not stay within 64 bits.
                guard before.sum.minorUnits <= Money.largestMinorUnits - amount.minorUnits else {
                    throw line.fault("amount", "payments that are an amount together", "more")
                }
                paid[amount.currency] = (before.count + 1, before.sum + amount)
            }
        }
        for total in body.suffix(totals.count) {
            guard total["kind"] == "payment" else { throw total.fault("kind", "payment") }
            try total.expectEmpty("detail")
            guard let currency = Currency(total["currency"]), let found = paid.removeValue(forKey: currency) else {
                throw total.fault("currency", "a currency of the payments above, once")
            }
            guard total["date"] == String(found.count) else { throw total.fault("date", "\(found.count) payments") }
            guard total["amount"] == found.sum.decimal else { throw total.fault("amount", found.sum.decimal) }
        }
        if let missing = paid.keys.map(\.code).min() {
            throw AnswerFault(line: 0, column: "", expected: "a TOTAL row for \(missing)", got: "none")
        }
        self.rows = rows
    }

    private static func row(_ line: AnswerTable.Line, of batch: PlacedBatch) throws(AnswerFault) -> Row {
        let task = try line.task(of: batch)
        guard let kind = CaseEvent.Kind(rawValue: line["kind"]) else {
            throw line.fault("kind", "contact, payment or return")
        }
        guard let date = CalendarDate(iso: line["date"]), date >= batch.name.businessDate else {
            throw line.fault("date", "YYYY-MM-DD, \(batch.name.businessDate) or later")
        }
        var amount: Money?
        switch kind {
        case .contact, .return:
            try line.expectEmpty("currency")
            try line.expectEmpty("amount")
        case .payment: amount = try line.payment(towards: batch.balances[task])
        }
        return Row(
            line: line.line, task: task, kind: kind, date: date, amount: amount,
            detail: try line.word("detail", required: kind == .return))
    }
}
