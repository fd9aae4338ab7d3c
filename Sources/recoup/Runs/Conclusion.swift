// Owns: what is said when a run is over: its report, the paths of its files, and what to do next. Knows nothing of how the
// run went.
import Arrears
import BusinessDay
import Foundation
import Ledger
import Reporting

struct Conclusion {
    let directory: DataDirectory
    let run: RunID

    func show(json: Bool) throws {
        let files = RunFiles(dataDirectory: directory.path, run: run)
        guard FileManager.default.fileExists(atPath: files.reportJSON) else {
            let note = try readJSON(RunFaultNote.self, from: files.fault)
            throw Failure(note.kind.exit, "run \(run): \(note.message)")
        }
        let ledger = try directory.store.reader()
        let report = try RunReport(of: directory.run(run, in: ledger), reading: ledger)
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
              ledger   \(directory.store.place)

            Next
              recoup report\(data) --format html --output report.html
              recoup explain ACCOUNT\(data)          why somebody was, or was not, contacted
              recoup status\(data)                   runs, tasks, what waits for a person
              recoup run --book FILE --as-of DATE --embedded --sandbox --data DIR   your own book, nobody contacted
            """
    }
}

extension RunFaultNote.Kind {
    fileprivate var exit: Exit {
        switch self {
        case .rejects: .bookRejected
        case .unfit: .refused
        case .input: .usage
        }
    }
}

extension RunReport {
    /// Made from the ledger, by the policy that the run was planned with.
    init(of record: RunRecord, reading ledger: any LedgerReading) throws {
        let order = try RunOrder(of: record)
        try self.init(order, Policy(order.policy), reading: ledger)
    }
}
