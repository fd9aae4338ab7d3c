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
package final class SQLiteLedger: Ledger {
    /// What SQLite granted, read back: for the log of a coordinator's start.
    package let durability: String
    private let queue: DatabaseQueue
    private let lock: ProcessLock
    private let path: String

    /// Opens the ledger in `directory`, or makes one there.
    /// - Throws: `LedgerError`: `locked` with the process that has it; `durability` when SQLite does not grant WAL with
    ///   full synchronisation; `schema` when a newer version wrote it or it is no ledger; `corrupt`, `full`,
    ///   `inputOutput`.
    package convenience init(directory: String) throws {
        try self.init(directory: directory, checkpointPages: Connection.checkpointPages)
    }

    /// - Parameter checkpointPages: pages in the log after which a commit writes them into the store; a power-cut test
    ///   wants many checkpoints.
    package init(directory: String, checkpointPages: Int) throws {
        let files = LedgerFiles(directory: directory)
        try files.create()
        path = files.database
        lock = try ProcessLock(path: files.lock)
        try files.demandWhole()
        // Whoever closes a ledger in order leaves nothing in the log.
        let wasClosed = files.isLogEmpty
        (queue, durability) = try mappingFaults(at: path) { [path] in
            let queue = try DatabaseQueue(
                path: path, configuration: Connection.writer(checkpointPages: checkpointPages))
            if !wasClosed { try LedgerCheck.demandSound(queue, at: path) }
            try Schema.migrate(queue, at: path)
            return (queue, try queue.unsafeRead { try Connection.demandDurability($0, at: files.database) })
        }
    }

    deinit {
        // The lock must outlive the connection: nobody may open for writing while this one checkpoints.
        try? queue.close()
        lock.release()
    }

    package func transaction<Result>(_ body: (any LedgerTransaction) throws -> Result) throws -> Result {
        try mappingFaults(at: path) {
            try queue.write { try body(SQLiteTransaction(database: $0)) }
        }
    }

    /// Writes what is in the WAL into the store and lets go of it; afterwards nothing may be called.
    package func close() throws {
        try mappingFaults(at: path) { try queue.close() }
        lock.release()
    }
}

/// Where a ledger's files are.
struct LedgerFiles {
    var directory: String
    var database: String { directory + "/ledger.sqlite" }
    var lock: String { directory + "/ledger.lock" }

    /// A restored ledger while the old files are put aside; not there at any other time.
    var restoring: String { database + ".restoring" }

    /// - Throws: `LedgerError.corrupt` when a restore was broken off after it had begun to move files.
    func demandWhole() throws {
        guard access(restoring, F_OK) != 0 else {
            throw LedgerError(
                .corrupt,
                "\(restoring): expected no restore to have been broken off here, got one: run `recoup ledger restore BACKUP` again"
            )
        }
    }

    var isLogEmpty: Bool {
        var status = stat()
        return stat(database + "-wal", &status) != 0 || status.st_size == 0
    }

    /// Makes the directory and an empty store for their owner alone: they hold personal data. SQLite gives the files
    /// beside the store the same permissions.
    func create() throws {
        try createDirectory()
        // The store of a restore that was broken off is not to be made empty.
        if access(restoring, F_OK) == 0 { return }
        let descriptor = open(database, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LedgerError(systemError: errno, at: database) }
        Foundation.close(descriptor)
    }

    func createDirectory() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw LedgerError(
                .inputOutput,
                "\(directory): expected a directory that can be written, got \(error.localizedDescription)")
        }
    }
}
