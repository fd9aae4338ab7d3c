// Owns: a ledger's directory opened for questions. Knows nothing of what is asked.
import Foundation
import GRDB
import Ledger

/// Answers from a ledger that another process may be writing; from any thread, each answer from one moment.
///
/// It changes nothing and never checkpoints. It works beside a live writer, after one that closed, and after one that
/// was killed: SQLite then rebuilds its index of the WAL in `ledger.sqlite-shm`, for which the directory must be
/// writable by this user.
package final class SQLiteLedgerReader: SQLiteReading, Sendable {
    private let queue: DatabaseQueue
    private let path: String

    /// - Throws: `LedgerError`: `notFound` when there is no ledger in `directory`; `schema` when it is not of this
    ///   version; `corrupt`, `inputOutput`.
    package init(directory: String) throws {
        let files = LedgerFiles(directory: directory)
        path = files.database
        guard FileManager.default.fileExists(atPath: path) else {
            throw LedgerError(.notFound, "\(path): expected a ledger, got no such file")
        }
        queue = try mappingFaults(at: path) { [path] in
            let queue = try DatabaseQueue(path: path, configuration: Connection.reader())
            let version = try queue.read { try Schema.version($0, at: path) }
            guard version == Schema.current else {
                throw LedgerError(
                    .schema,
                    "\(path): expected schema \(Schema.current), got \(version): start the coordinator once to bring it up"
                )
            }
            return queue
        }
    }

    func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try mappingFaults(at: path) { try queue.read(body) }
    }
}
