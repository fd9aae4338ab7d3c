// Owns: a run's report for programs: JSON and CSV. Knows nothing of files.
import Arrears
import Foundation
import Tables

extension RunReport {
    /// Sorted keys, two-space indent, a newline at the end: equal reports are equal bytes. Amounts are minor units.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }

    /// The report that `json()` wrote.
    package init(json: some Sequence<UInt8>) throws {
        self = try JSONDecoder().decode(RunReport.self, from: Data(json))
    }

    /// RFC 4180, one row per cell; amounts are plain decimals of the row's currency.
    package func csv() -> String {
        let header = [
            "run", "as_of", "kind", "bucket", "segment", "stage", "result", "accounts", "currency", "arrears",
            "balance", "outcome_amount",
        ]
        let rows = cells.map { cell in
            [
                run.text, asOf.iso, cell.kind.rawValue, cell.bucket, cell.segment, cell.stage?.rawValue ?? "",
                cell.result, String(cell.accounts), cell.arrears.currency.code, cell.arrears.decimal,
                cell.balance.decimal, cell.outcomeAmount.decimal,
            ]
        }
        return ([header] + rows).map { CSVWriter.inertLine($0) }.joined()
    }
}
