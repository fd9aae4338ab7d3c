// Owns: the proof that a ledger whose pages hold other values than ours ends no process: it is told to be corrupt.
import Foundation
import GRDB
@testable import Arrears
@testable import Leasing
@testable import Ledger
import Testing

@testable import SQLiteLedger

@Suite("A damaged ledger")
struct DamagedLedgerTests {
    /// What may stand in any column when a page was overwritten.
    private static let values = ["NULL", "x'00ff'", "'x'", "-9223372036854775808"]

    @Test(arguments: values)
    func `is an error wherever the damage is, and never the end of a process`(value: String) throws {
        try withTemporaryDirectory { directory in
            let whole = directory + "/whole", damaged = directory + "/damaged"
            try fill(whole)
            var corrupt = 0
            for (table, column) in try columns(of: whole) {
                try? FileManager.default.removeItem(atPath: damaged)
                try FileManager.default.copyItem(atPath: whole, toPath: damaged)
                try overwrite(table, column, with: value, in: damaged)
                do {
                    _ = try SQLiteLedgerReader(directory: damaged).readEverything()
                } catch let error as LedgerError {
                    #expect(error.code == .corrupt || error.code == .notFound, "\(table).\(column): \(error)")
                    corrupt += error.code == .corrupt ? 1 : 0
                }
            }
            #expect(corrupt > 10, "damage that nobody sees proves nothing")
        }
    }

    private func fill(_ directory: String) throws {
        let ledger = try SQLiteLedger(directory: directory)
        try ledger.fill(with: [.sample("t1"), .sample("t2"), .sample("t3")])
        let lease = try ledger.grant(.sms, limit: 2).lease
        _ = try ledger.settle(.made("t1"), under: lease)
        try ledger.close()
    }

    private func columns(of directory: String) throws -> [(table: String, column: String)] {
        try DatabaseQueue(path: directory + "/ledger.sqlite").read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT m.name AS "table", c.name AS "column" FROM sqlite_master AS m, pragma_table_info(m.name) AS c
                    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
                    """
            ).map { ($0["table"], $0["column"]) }
        }
    }

    /// The promises of the tables are taken out first, as a damaged page does not keep them either.
    private func overwrite(_ table: String, _ column: String, with value: String, in directory: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: directory + "/ledger.sqlite", configuration: configuration)
        try queue.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    PRAGMA ignore_check_constraints = ON;
                    PRAGMA writable_schema = ON;
                    UPDATE sqlite_master SET sql = replace(replace(replace(replace(replace(sql, 'STRICT, ', ''),
                        ' STRICT', ''), 'TEXT NOT NULL', 'TEXT'), 'INTEGER NOT NULL', 'INTEGER'), 'BLOB NOT NULL', 'BLOB')
                        WHERE type = 'table' AND name = '\(table)';
                    PRAGMA writable_schema = RESET;
                    """)
        }
        try queue.close()
        let again = try DatabaseQueue(path: directory + "/ledger.sqlite", configuration: configuration)
        try again.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA ignore_check_constraints = ON; DROP TRIGGER IF EXISTS task_moved")
            // Some values the storage itself refuses, such as text for a row's number: that is no damage either.
            try? database.execute(sql: "UPDATE OR REPLACE \(table) SET \(column) = \(value)")
        }
        try again.close()
    }
}

extension SQLiteLedgerReader {
    /// Everything that report, status and explain ask.
    fileprivate func readEverything() throws -> Int {
        var read = 0
        for run in try runs() {
            _ = try self.run(run.id)
            read += try checkpoints(of: run.id).count + rejectCounts(of: run.id).count + reportCells(of: run.id).count
            read +=
                try taskCounts(of: run.id).count + events(of: run.id).count + uncertainTasks(of: run.id, limit: 9).count
            read += try accounts(of: run.id, afterLine: 0, limit: 9).count + accountCount(of: run.id)
            for record in try cases(of: run.id, afterLine: 0, limit: 9)
                + casesByCustomer(of: run.id, after: nil, limit: 9)
            {
                let id = record.overdue.id
                read += try history(of: id).count + history(ofCustomer: record.customer).count + episodes(of: id).count
                _ = try (accountMark(id, in: run.id), planDetail(of: id, in: run.id), lastBook(of: .standard))
                read += try registerEvents(of: record.customer, accounts: [id]).count
                read += try tasks(of: record.customer, in: run.id).count
            }
        }
        for name in ["t1", "t2", "t3"] {
            read += try (task(TaskID(name)) == nil ? 0 : 1) + transitions(of: TaskID(name)).count
        }
        _ = try (unfinishedRun(), liveLeases(), waiting(.sms, at: .noon, upTo: 9))
        return read
    }
}
