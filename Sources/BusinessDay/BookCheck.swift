// Owns: reading a book and recognising its overdue accounts without a run: what would be read, what not, who is late.
// Reads by the ingest stage itself, into a ledger in memory, so that a check and a run cannot differ.
import Arrears
import Foundation
import Leasing
import Ledger

/// What a run would make of a book, up to recognition.
package struct BookCheck: Sendable, Encodable {
    /// Accounts of one bucket. Amounts per currency, in order of code.
    package struct BucketTally: Sendable, Encodable {
        package var bucket: String
        package var accounts: Int
        package var arrears: [Money]
    }

    /// Rows of the book, rejected ones included.
    package var rows: Int
    package var accounts: Int
    /// By kind; kinds without rejects are left out.
    package var rejects: [String: Int]
    package var isOverRejectLimit: Bool
    package var current: Int
    package var overdue: Int
    /// Of the overdue: late by the file's own account, but with a credit balance or a zero bill.
    package var nothingOwed: Int
    /// Those that owe something; in the policy's order, every bucket of it.
    package var buckets: [BucketTally]

    /// Reads the order's files and recognises every account. Plans nothing and writes nothing but the rejects.
    /// - Parameters:
    ///   - directory: where the rejects are written, under `runs/`.
    /// - Throws: `RunFault` for files that cannot be read at all; rejects over the limit are no error here.
    package init(order: RunOrder, policy: Policy, directory: String) throws {
        let ledger = InMemoryLedger()
        let start = Timestamp(milliseconds: 0)
        var checkpoint = Checkpoint(stage: .ingest, startedAt: start, updatedAt: start)
        isOverRejectLimit = false
        let files = RunFiles(dataDirectory: directory, run: order.run)
        try ledger.transaction { transaction in
            try transaction.insertRun(
                RunRecord(id: order.run, asOf: order.asOf, order: try order.json(), startedAt: start))
        }
        var stage = try IngestStage(order: order, files: files, resuming: nil)
        do {
            var isDone = false
            while !isDone {
                isDone = try ledger.transaction {
                    try stage.step($0, checkpoint: &checkpoint, now: Now(uptime: 0, wall: start)).result == .done
                }
            }
        } catch RunFault.tooManyRejects {
            // The transaction that found it was rolled back, and with it the last batch: read again without a limit.
            isOverRejectLimit = true
            var patient = order
            patient.rejectLimit = .count(.max)
            let whole = try BookCheck(order: patient, policy: policy, directory: directory)
            self = whole
            isOverRejectLimit = true
            return
        }
        rows = checkpoint.done
        accounts = try ledger.accountCount(of: order.run)
        let counts = try ledger.rejectCounts(of: order.run).filter { $0.value > 0 }
        rejects = Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
        (current, nothingOwed, overdue, buckets) = (0, 0, 0, [])
        try recognise(ledger, order: order, policy: policy)
    }

    private mutating func recognise(_ ledger: InMemoryLedger, order: RunOrder, policy: Policy) throws {
        var tallies: [String: (accounts: Int, arrears: [Currency: Int64])] = [:]
        var line = 0
        while true {
            let page = try ledger.accounts(of: order.run, afterLine: line, limit: Batch.rows)
            guard let last = page.last else { break }
            line = last.line
            for stored in page {
                switch Arrears.recognise(stored.account, asOf: order.asOf, settings: policy.recognition) {
                case .current: current += 1
                case .nothingOwed:
                    overdue += 1
                    nothingOwed += 1
                case .overdue(let delinquency):
                    overdue += 1
                    let amount = delinquency.arrears
                    var tally = tallies[policy.bucketName(dpd: delinquency.dpd)] ?? (0, [:])
                    tally.accounts += 1
                    tally.arrears[amount.currency, default: 0] += amount.minorUnits
                    tallies[policy.bucketName(dpd: delinquency.dpd)] = tally
                }
            }
        }
        buckets = policy.buckets.map { bucket in
            let tally = tallies[bucket.name] ?? (0, [:])
            return BucketTally(
                bucket: bucket.name, accounts: tally.accounts,
                arrears: tally.arrears.map { Money(minorUnits: $0.value, currency: $0.key) }
                    .sorted { $0.currency.code < $1.currency.code })
        }
    }
}
