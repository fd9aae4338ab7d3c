// Owns: a table with a header and a closing row, and what its fields may hold. Knows nothing of acknowledgements and
// results.
import Arrears
import Tables

/// Why a file was not taken; said to the agency.
package struct AnswerFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Counted from 1; 0: the whole file.
    var line: Int
    var column: String
    var expected: String
    var got: String

    package var description: String {
        let place = line == 0 ? "file" : (column.isEmpty ? "line \(line)" : "line \(line), \(column)")
        return "\(place): expected \(expected), got \(got)"
    }
}

struct AnswerTable {
    struct Line {
        var line: Int
        var header: [String]
        var fields: [String]

        subscript(_ column: String) -> String {
            guard let index = header.firstIndex(of: column) else {
                preconditionFailure("no column \(column) in \(header)")
            }
            return fields[index]
        }

        func fault(_ column: String, _ expected: String, _ got: String? = nil) -> AnswerFault {
            // Cut: a file with shifted columns could hold a name or a number here.
            AnswerFault(
                line: line, column: column, expected: expected, got: got ?? "\"\(self[column].clipped(to: 24))\"")
        }
    }

    /// All lines behind the header.
    private var lines: [Line] = []

    /// The lines before the closing row.
    var body: ArraySlice<Line> { lines.dropLast() }

    init(_ bytes: [UInt8], header: [String]) throws(AnswerFault) {
        var isHeader = true
        for row in CSVReader.rows(of: bytes) {
            let record: CSVRecord
            switch row {
            case .record(let read): record = read
            case .fault(let fault):
                throw AnswerFault(line: fault.line, column: "", expected: fault.expected, got: fault.got)
            }
            guard let fields = record.texts() else {
                throw AnswerFault(line: record.line, column: "", expected: "UTF-8", got: "other bytes")
            }
            if isHeader {
                isHeader = false
                guard fields == header else {
                    throw AnswerFault(
                        line: record.line, column: "", expected: "the header \(header.joined(separator: ","))",
                        got: "another line")
                }
                continue
            }
            guard fields.count == header.count else {
                throw AnswerFault(
                    line: record.line, column: "", expected: "\(header.count) fields", got: "\(fields.count)")
            }
            lines.append(Line(line: record.line, header: header, fields: fields))
        }
        guard lines.last?.fields.first == "END" else {
            throw AnswerFault(line: 0, column: "", expected: "a closing END row", got: "none: the file is cut off")
        }
    }

    /// The lines before the closing row, after a check of that row against what it should say behind `END`.
    func rows(endingWith expected: [String]) throws(AnswerFault) -> [Line] {
        guard let end = lines.last, Array(end.fields.dropFirst()) == expected else {
            throw AnswerFault(
                line: lines.last?.line ?? 0, column: "", expected: (["END"] + expected).joined(separator: ","),
                got: "another closing row")
        }
        return Array(body)
    }
}

extension AnswerTable.Line {
    func task(of batch: PlacedBatch) throws(AnswerFault) -> TaskID {
        let task = TaskID(self["task_id"])
        guard batch.balances[task] != nil else { throw fault("task_id", "a case of the batch") }
        return task
    }

    func expectEmpty(_ column: String) throws(AnswerFault) {
        guard self[column].isEmpty else { throw fault(column, "nothing") }
    }

    /// Lower-case letters and hyphens: little room for what could be personal.
    func word(_ column: String, required: Bool) throws(AnswerFault) -> String {
        let text = self[column]
        let isWord = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard isWord, text.utf8.count <= 40, !(required && text.isEmpty) else {
            throw fault(column, "a word of at most 40 lower-case letters and hyphens")
        }
        return text
    }

    func payment(towards balance: Money?) throws(AnswerFault) -> Money {
        guard let balance, self["currency"] == balance.currency.code else {
            throw fault("currency", balance?.currency.code ?? "the case's currency")
        }
        guard let amount = try? Money(decimal: self["amount"], currency: balance.currency), amount.isPositive,
            amount.minorUnits <= balance.minorUnits
        else { throw fault("amount", "a positive amount of at most the balance placed") }
        return amount
    }
}
