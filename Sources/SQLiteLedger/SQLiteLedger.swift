// Owns: a ledger's directory opened for writing: the process lock, the one writer, the transaction. Knows nothing of
// what the verbs do.
import Foundation
import GRDB
import Ledger
import SystemParts

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
        lock = try files.locked()
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
