// Owns: what a sound ledger is: SQLite's own checks, and what the verbs promise of the rows. Changes nothing.
import Foundation
import GRDB
import Leasing
import Ledger

/// Verification of a ledger or of a backup of one.
enum LedgerCheck {
    /// What is wrong with a ledger's file, in words; empty when it is sound. Works beside a live coordinator, on one moment
    /// of the ledger.
    /// - Parameter isFull: compares every index with its table too, and reads every page.
    /// - Throws: `LedgerError` when it cannot be opened.
    static func findings(in file: String, isFull: Bool) throws -> [String] {
        guard access(file, F_OK) == 0 else {
            throw LedgerError(.notFound, "\(file): expected a ledger, got no such file")
        }
        return try mappingFaults(at: file) {
            let queue = try DatabaseQueue(path: file, configuration: Connection.reader())
            return try queue.read { database in
                let version = try Schema.version(database, at: file)
                guard version > 0 else { throw LedgerError(.schema, "\(file): expected a ledger, got an empty file") }
                var findings = try pages(database, isFull: isFull)
                // On broken pages the rows say nothing.
                if findings.isEmpty { findings = try references(database) + broken(database, schema: version) }
                return findings
            }
        }
    }

    /// SQLite's quick check, the first fault of it: for a start after a kill.
    static func demandSound(_ queue: DatabaseQueue, at path: String) throws {
        let words = try queue.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") ?? "no answer" }
        guard words == "ok" else {
            throw LedgerError(.corrupt, "\(path): expected a sound ledger, got: \(words). \(LedgerError.whatToDo)")
        }
    }

    private static func pages(_ database: Database, isFull: Bool) throws -> [String] {
        let pragma = isFull ? "integrity_check(100)" : "quick_check(100)"
        return try String.fetchAll(database, sql: "PRAGMA \(pragma)").filter { $0 != "ok" }
    }

    private static func references(_ database: Database) throws -> [String] {
        try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").prefix(100).map { row in
            let table: String = row[0]
            let number: Int64? = row[1]
            let parent: String = row[2]
            return "\(table), row \(number.map(String.init) ?? "?"): expected what it names in \(parent), got none"
        }
    }

    /// A promise of the verbs, and the rows that break it.
    private struct Promise {
        var words: String
        /// Yields the broken rows' names, nothing personal.
        var broken: String
        /// The schema from which on the tables are there.
        var since = 1
    }

    private static let promises = [
        Promise(
            words: "a count of tasks equals the tasks",
            broken: """
                SELECT coalesce(c.run_id, t.run_id) || ' ' || coalesce(c.stage, t.stage) || ' '
                    || coalesce(c.state, t.state) || ': counted ' || coalesce(c.tasks, 0) || ', there are '
                    || coalesce(t.tasks, 0)
                FROM task_count AS c FULL JOIN (
                    SELECT run_id, stage, state, count(*) AS tasks FROM task GROUP BY run_id, stage, state) AS t
                    ON t.run_id = c.run_id AND t.stage = c.stage AND t.state = c.state
                WHERE coalesce(c.tasks, 0) <> coalesce(t.tasks, 0)
                """),
        Promise(
            words: "a settled task has an outcome, and no other has",
            broken: "SELECT id FROM task WHERE (state = 'settled') <> (outcome IS NOT NULL)"),
        Promise(
            words: "a task in doubt or in work names its lease",
            broken: "SELECT id FROM task WHERE state IN ('leased', 'uncertain', 'settled') AND lease_id IS NULL"),
        Promise(
            words: "a task's epoch is its lease's",
            broken: "SELECT task.id FROM task JOIN lease ON lease.id = task.lease_id WHERE lease.epoch <> task.epoch"),
        Promise(
            words: "after the plan stage every case has a task or a reason",
            broken: """
                SELECT run_id || ' ' || case_id FROM overdue_case WHERE reason IS NULL AND task_id IS NULL
                    AND run_id IN (SELECT run_id FROM checkpoint WHERE stage = 'plan' AND is_complete = 1)
                """),
        Promise(
            words: "a case is opened again only after it has ended",
            broken: """
                SELECT 'episode ' || number FROM episode WHERE ended IS NULL AND number < (
                    SELECT max(number) FROM episode AS other WHERE other.case_id = episode.case_id)
                """,
            since: 3),
        Promise(
            words: "a task is where its last transition put it",
            broken: """
                SELECT task.id FROM task JOIN transition
                    ON transition.number = (SELECT max(number) FROM transition WHERE task = task.number)
                WHERE transition.state <> task.state
                """),
    ]

    private static func broken(_ database: Database, schema: Int) throws -> [String] {
        try promises.filter { $0.since <= schema }.flatMap { promise in
            try String.fetchAll(database, sql: promise.broken + " LIMIT 20").map { "\($0): expected: \(promise.words)" }
        }
    }
}

extension LedgerError {
    /// What a person does with a ledger that is damaged.
    static let whatToDo =
        "Keep all files; see the damage with `recoup ledger verify --full`, then `recoup ledger restore BACKUP`."
}
