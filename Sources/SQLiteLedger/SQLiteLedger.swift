// Owns: a ledger's directory opened for writing: the process lock, the one writer, the transaction. Knows nothing of
// what the verbs do.
import Foundation
import GRDB
import Ledger

/// The ledger on SQLite. One process holds it, and in that process one thread at a time.
///
/// ```
/// DIR/ledger.sqlite   the store, in WAL (beside it ledger.sqlite-wal and ledger.sqlite-shm while it is open)
/// DIR/ledger.lock     held while it is open for writing; names the process
/// ```
public final class SQLiteLedger: Ledger {
    /// What SQLite granted, read back: for the log of a coordinator's start.
    public let durability: String
    private let queue: DatabaseQueue
    private let lock: ProcessLock
    private let path: String

    /// Opens the ledger in `directory`, or makes one there.
    /// - Throws: `LedgerError`: `locked` with the process that has it; `durability` when SQLite does not grant WAL with
    ///   full synchronisation; `schema` when a newer version wrote it or it is no ledger; `corrupt`, `full`,
    ///   `inputOutput`.
    public init(directory: String) throws {
        let files = LedgerFiles(directory: directory)
        try files.create()
        path = files.database
        lock = try ProcessLock(path: files.lock)
        (queue, durability) = try mappingFaults(at: path) { [path] in
            let queue = try DatabaseQueue(path: path, configuration: Connection.writer())
            try Schema.migrate(queue, at: path)
            return (queue, try queue.unsafeRead { try Connection.demandDurability($0, at: files.database) })
        }
    }

    deinit {
        // The lock must outlive the connection: nobody may open for writing while this one checkpoints.
        try? queue.close()
        lock.release()
    }

    public func transaction<Result>(_ body: (any LedgerTransaction) throws -> Result) throws -> Result {
        try mappingFaults(at: path) {
            try queue.write { try body(SQLiteTransaction(database: $0)) }
        }
    }

    /// Writes what is in the WAL into the store and lets go of it; afterwards nothing may be called.
    public func close() throws {
        try mappingFaults(at: path) { try queue.close() }
        lock.release()
    }
}

/// Where a ledger's files are.
struct LedgerFiles {
    var directory: String
    var database: String { directory + "/ledger.sqlite" }
    var lock: String { directory + "/ledger.lock" }

    /// Makes the directory and an empty store for their owner alone: they hold personal data. SQLite gives the files
    /// beside the store the same permissions.
    func create() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw LedgerError(
                .inputOutput,
                "\(directory): expected a directory that can be written, got \(error.localizedDescription)")
        }
        let descriptor = open(database, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LedgerError(systemError: errno, at: database) }
        Foundation.close(descriptor)
    }
}
