// Owns: what is said when a run is over: its report, the paths of its files, and what to do next. Knows nothing of how the
// run went.
import Reporting
import BusinessDay
import Arrears
import Documents
import Foundation
import Ledger
import SQLiteLedger

struct Conclusion {
    let directory: DataDirectory
    let run: RunID

    func show(json: Bool) throws {
        let files = RunFiles(dataDirectory: directory.path, run: run)
        guard FileManager.default.fileExists(atPath: files.reportJSON) else {
            let note = try readJSON(RunFaultNote.self, from: files.fault)
            throw Failure(note.kind == .rejects ? .bookRejected : .usage, "run \(run): \(note.message)")
        }
        let report = try StoredReport(directory: directory, run: run).read()
        if json {
            Terminal.result(try report.json())
        } else {
            Terminal.result(report.terminal(width: Terminal.width()))
            Terminal.result(paths(files))
        }
        guard report.balance.isBalanced else {
            throw Failure(
                .bug,
                "the report does not balance: \(report.balance.accountsRead) accounts read, \(report.balance.accountsWithResult) with a result"
            )
        }
    }

    private func paths(_ files: RunFiles) -> String {
        let data =
            directory.path == "\(FileManager.default.currentDirectoryPath)/recoup-data"
            ? "" : " --data \(directory.path)"
        return """

            Files
              report   \(files.reportHTML)
                       \(files.reportJSON)
                       \(files.reportCSV)
              rejects  \(files.rejects)
              ledger   \(directory.ledger)

            Next
              recoup report\(data) --format html --output report.html
              recoup explain ACCOUNT\(data)          why somebody was, or was not, contacted
              recoup status\(data)                   runs, tasks, what waits for a person
              recoup run --book FILE --as-of DATE --embedded --sandbox --data DIR   your own book, nobody contacted
            """
    }
}

/// A run's report, made from the ledger.
struct StoredReport {
    let directory: DataDirectory
    let run: RunID

    func read() throws -> RunReport {
        let reader = try SQLiteLedgerReader(directory: directory.path)
        guard let record = try reader.run(run) else {
            throw Failure(.nothingFound, "\(directory.ledger): expected run \(run), got no such run")
        }
        let order = try RunOrder(json: record.order)
        let policy = try Policy(
            document: readDocument(yaml: order.policy.text, source: order.policy.source), source: order.policy.source)
        return try RunReport(order, policy, reading: reader)
    }
}
