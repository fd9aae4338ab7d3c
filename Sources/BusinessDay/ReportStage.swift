// Owns: the last stage: the run's report as files beside the ledger, each complete or absent.
import Arrears
import Crypto
import Foundation
import Leasing
import Ledger
import Reporting

struct ReportStage: DayStage {
    let order: RunOrder
    let policy: Policy
    let files: RunFiles

    /// Writes the three files. Run again after a crash it writes them again, the same but for times.
    func step(_ ledger: any LedgerTransaction, checkpoint: inout Checkpoint, now: Now) throws -> StageTurn {
        let report = try RunReport(order, policy, reading: ledger)
        precondition(
            report.balance.isBalanced,
            "run \(order.run): \(report.balance.accountsRead) accounts read, \(report.balance.accountsWithResult) with a result"
        )
        try write(try report.json(), to: files.reportJSON)
        try write(report.csv(), to: files.reportCSV)
        try write(report.html(), to: files.reportHTML)
        return .done
    }

    private func write(_ text: String, to path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: files.directory, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw LedgerError(writing: path, error)
        }
    }
}

extension RunReport {
    /// The report of a run that was ordered so.
    package init(_ order: RunOrder, _ policy: Policy, reading ledger: any LedgerReading) throws {
        let inputs = Inputs(
            policy: policy.name, policyVersion: policy.version,
            policyDigest: hexadecimal(SHA256.hash(data: Data(order.policy.text.utf8))),
            book: (order.book.path as NSString).lastPathComponent, bookDigest: order.book.sha256,
            isRehearsal: order.kind == .rehearsal)
        try self.init(
            reading: ledger, run: order.run, inputs: inputs, buckets: policy.buckets.map(\.name))
    }
}
