// Owns: the worker's durable record of what it took, began and finished, and a stage's own memory. Knows nothing of the
// coordinator: what is in it and what it means for the next start is `JournalEntry` in Leasing.
import Arrears
import Foundation
import GRDB
import Leasing
import SystemParts

/// What can go wrong with a worker's journal.
package struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// Another process owns it.
        case locked
        /// Written by a newer version, or no journal at all.
        case schema
        /// Full durability was not granted.
        case durability
        case corrupt
        case full
        case inputOutput
    }
    package var code: Code
    /// Where, "expected X, got Y".
    package var message: String
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
    package var description: String { message }
}

/// One worker's journal in its data directory: `journal.sqlite`, locked by `worker.lock`.
///
/// ```
/// granted ─ begin ─▶ begun ─ finish ─▶ finished ─ acknowledged ─▶ gone
///    ▲                 │ proved untouched
///    └─────────────────┘
/// ```
/// Every write is on the disk when it returns. A task's content holds personal data: it is overwritten with the outcome,
/// and the row with zeros when the coordinator has acknowledged it.
package final class Journal: StageMemory, Sendable {
    private static let version = 1

    private let lock: ProcessLock
    private let queue: DatabaseQueue
    private let path: String

    /// Opens or makes the journal of a directory, which is made too.
    /// - Throws: `JournalError`.
    package init(directory: String) throws(JournalError) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw JournalError(.inputOutput, "\(directory): expected a directory or to make one: \(error)")
        }
        lock = try Journal.locked(directory + "/worker.lock")
        path = directory + "/journal.sqlite"
        do {
            queue = try Journal.open(path)
        } catch {
            lock.release()
            throw Journal.fault(error, at: path)
        }
    }

    private static func open(_ path: String) throws -> DatabaseQueue {
        // SQLite gives its other files the mode of this one: its user's alone, whatever the umask.
        let file = Foundation.open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw JournalError(
                .inputOutput, "\(path): expected to open or make it: \(String(cString: strerror(errno)))")
        }
        Foundation.close(file)
        var configuration = Configuration()
        configuration.label = "recoup.journal"
        configuration.prepareDatabase { db in
            try db.execute(
                sql: """
                    PRAGMA journal_mode = WAL;
                    PRAGMA synchronous = FULL;
                    PRAGMA secure_delete = ON;
                    """)
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode")
            let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous")
            guard mode == "wal", synchronous == 2 else {
                throw JournalError(
                    .durability,
                    "\(path): expected journal_mode wal and synchronous 2, got \(mode ?? "none") and \(synchronous ?? -1)"
                )
            }
        }
        try queue.write { db in
            let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            guard found <= version else {
                throw JournalError(.schema, "\(path): expected version \(version) or older, got \(found)")
            }
            if found < 1 { try db.execute(sql: schema) }
        }
        return queue
    }

    /// Ids and epochs are 64 bits without a sign, stored as the same bits.
    private static let schema = """
        CREATE TABLE task (
            lease INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            task TEXT NOT NULL CHECK (task <> ''),
            mode TEXT NOT NULL CHECK (mode IN ('attempt', 'inquire')),
            delivery INTEGER NOT NULL CHECK (delivery > 0),
            content BLOB NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('granted', 'begun', 'finished')),
            outcome BLOB,
            PRIMARY KEY (lease, epoch, task),
            CHECK ((state = 'finished') = (outcome IS NOT NULL))
        ) STRICT;
        CREATE TABLE memory (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        PRAGMA user_version = 1;
        """

    package func close() {
        // A failing checkpoint loses nothing: the write-ahead log is read at the next start.
        try? queue.close()
        lock.release()
    }

    // MARK: Tasks

    /// Everything that is not acknowledged, in the order in which it was taken.
    package func entries() throws -> [JournalEntry] {
        try checked {
            try queue.read { db in
                try Row.fetchAll(db, sql: "SELECT * FROM task ORDER BY rowid").map(Journal.entry)
            }
        }
    }

    package func take(_ tasks: [GrantedTask], under lease: LeaseKey) async throws {
        try await write { db in
            let insert = try db.cachedStatement(
                sql: """
                    INSERT INTO task (lease, epoch, task, mode, delivery, content, state)
                    VALUES (?, ?, ?, ?, ?, ?, 'granted')
                    """)
            for task in tasks {
                try insert.execute(arguments: [
                    Int64(bitPattern: lease.id.rawValue), Int64(bitPattern: lease.epoch.rawValue), task.id.text,
                    task.mode.rawValue, task.delivery, Data(task.content),
                ])
            }
        }
    }

    /// The intent to touch the world for these tasks.
    package func begin(_ tasks: [TaskID], under lease: LeaseKey) async throws {
        try await change(tasks, under: lease, from: ["granted"], "state = 'begun'")
    }

    /// The intent is withdrawn: the world was not touched.
    package func putBack(_ tasks: [TaskID], under lease: LeaseKey) async throws {
        try await change(tasks, under: lease, from: ["granted", "begun"], "state = 'granted'")
    }

    package func finish(_ outcomes: [Outcome], under lease: LeaseKey) async throws {
        let rows = try outcomes.map { ($0.task, try JSONEncoder().encode($0)) }
        try await write { db in
            let update = try db.cachedStatement(
                sql: """
                    UPDATE task SET state = 'finished', outcome = ?, content = x''
                    WHERE lease = ? AND epoch = ? AND task = ? AND state IN ('granted', 'begun')
                    """)
            for (task, outcome) in rows {
                try update.execute(arguments: [
                    outcome, Int64(bitPattern: lease.id.rawValue), Int64(bitPattern: lease.epoch.rawValue), task.text,
                ])
                precondition(db.changesCount == 1, "task \(task) of lease \(lease.id) finished, but not in the journal")
            }
        }
    }

    /// The coordinator has them. Tasks that never came into the journal are passed over.
    package func forget(_ tasks: [(lease: LeaseKey, task: TaskID)]) async throws {
        try await write { db in
            let delete = try db.cachedStatement(sql: "DELETE FROM task WHERE lease = ? AND epoch = ? AND task = ?")
            for (lease, task) in tasks {
                try delete.execute(arguments: [
                    Int64(bitPattern: lease.id.rawValue), Int64(bitPattern: lease.epoch.rawValue), task.text,
                ])
            }
        }
        try clearLogIfEmpty()
    }

    /// The write-ahead log keeps what was deleted, phone numbers too, until it is written over: when nothing is left to
    /// remember, nothing is left of it either.
    private func clearLogIfEmpty() throws {
        try checked {
            try queue.writeWithoutTransaction { db in
                guard try Row.fetchOne(db, sql: "SELECT 1 FROM task LIMIT 1") == nil else { return }
                try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
        }
    }

    private func change(
        _ tasks: [TaskID], under lease: LeaseKey, from states: [String], _ assignment: String
    ) async throws {
        let list = states.map { "'\($0)'" }.joined(separator: ", ")
        try await write { db in
            let update = try db.cachedStatement(
                sql: """
                    UPDATE task SET \(assignment) WHERE lease = ? AND epoch = ? AND task = ? AND state IN (\(list))
                    """)
            for task in tasks {
                try update.execute(arguments: [
                    Int64(bitPattern: lease.id.rawValue), Int64(bitPattern: lease.epoch.rawValue), task.text,
                ])
                precondition(db.changesCount == 1, "task \(task) of lease \(lease.id): \(assignment), but not \(list)")
            }
        }
    }

    private static func entry(_ row: Row) throws -> JournalEntry {
        guard let mode = TaskMode(rawValue: try value(row, "mode")) else {
            throw JournalError(.corrupt, "task.mode: expected attempt or inquire")
        }
        let lease = LeaseKey(
            id: LeaseID(UInt64(bitPattern: try value(row, "lease"))),
            epoch: Epoch(UInt64(bitPattern: try value(row, "epoch"))))
        let content: Data = try value(row, "content")
        let task = GrantedTask(
            id: TaskID(try value(row, "task")), mode: mode, startWithinMilliseconds: 0,
            delivery: try value(row, "delivery"), content: Array(content))
        let state: JournalEntry.State
        switch (try value(row, "state") as String, try value(row, "outcome") as Data?) {
        case ("granted", nil): state = .granted
        case ("begun", nil): state = .begun
        case ("finished", let outcome?): state = .finished(try JSONDecoder().decode(Outcome.self, from: outcome))
        default: throw JournalError(.corrupt, "task \(task.id): expected a state and its outcome")
        }
        return JournalEntry(lease: lease, task: task, state: state)
    }

    /// GRDB's subscript ends the process at a value of another type, which a damaged page may hold.
    private static func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        _ row: Row, _ column: String
    ) throws -> Value {
        do {
            return try row.decode(Value.self, forColumn: column)
        } catch {
            throw JournalError(.corrupt, "task.\(column): expected a \(Value.self), got another value or none")
        }
    }

    // MARK: A stage's memory

    package func value(_ key: String) throws -> String? {
        try checked {
            try queue.read { try String.fetchOne($0, sql: "SELECT value FROM memory WHERE key = ?", arguments: [key]) }
        }
    }

    package func setValue(_ value: String, for key: String) throws {
        try checked {
            try queue.write {
                try $0.execute(
                    sql: """
                        INSERT INTO memory (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value
                        """, arguments: [key, value])
            }
        }
    }

    // MARK: Faults

    private func write(_ body: @escaping @Sendable (Database) throws -> Void) async throws {
        do {
            try await queue.write(body)
        } catch {
            throw Journal.fault(error, at: path)
        }
    }

    private func checked<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw Journal.fault(error, at: path)
        }
    }

    private static func locked(_ path: String) throws(JournalError) -> ProcessLock {
        do {
            return try ProcessLock(path: path)
        } catch {
            switch error {
            case .system(let number): throw JournalError(.inputOutput, "\(path): \(String(cString: strerror(number)))")
            case .held(let owner):
                let who = owner.map { "process \($0)" } ?? "another process"
                throw JournalError(
                    .locked,
                    "\(path): expected no other owner, got \(who): one worker per data directory; stop it, or give this "
                        + "one another directory")
            }
        }
    }

    private static func fault(_ error: any Error, at path: String) -> JournalError {
        if let error = error as? JournalError { return error }
        guard let error = error as? DatabaseError else { return JournalError(.corrupt, "\(path): \(error)") }
        let code: JournalError.Code =
            switch error.resultCode {
            case .SQLITE_FULL: .full
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
            case .SQLITE_BUSY, .SQLITE_LOCKED: .locked
            default: .inputOutput
            }
        // SQLite's words only: a statement's arguments are personal data.
        return JournalError(code, "\(path): SQLite \(error.resultCode.rawValue): \(error.message ?? "no message")")
    }
}
