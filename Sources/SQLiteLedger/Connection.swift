// Owns: how connections are set up, and the proof that SQLite granted it. Knows nothing of tables.
import Foundation
import GRDB
import Ledger

enum Connection {
    /// Pages in the WAL (4 KiB each) after which a commit writes them into the store: 16 MiB, so that a long run pays
    /// for it seldom and a restart reads little.
    static let checkpointPages = 4096

    /// The one connection that writes and checkpoints.
    static func writer(checkpointPages: Int = checkpointPages) -> Configuration {
        var configuration = Configuration()
        configuration.label = "ledger writer"
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            try database.execute(sql: "PRAGMA synchronous = FULL")
            // What SQLite sets aside while it works holds personal data: it stays out of the system's temporary folder.
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
            try database.execute(sql: "PRAGMA wal_autocheckpoint = \(checkpointPages)")
            try database.execute(sql: "PRAGMA journal_size_limit = \(4 * checkpointPages * 4096)")
        }
        return configuration
    }

    /// A connection that can neither change nor checkpoint: SQLite itself refuses both on a file opened read-only,
    /// at closing too. Two connections that checkpoint at once may damage a WAL in the SQLite that Debian ships.
    static func reader() -> Configuration {
        var configuration = Configuration()
        configuration.label = "ledger reader"
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA query_only = ON")
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    /// Reads back what was set.
    /// - Returns: what was granted, in words.
    /// - Throws: `LedgerError.durability`.
    static func demandDurability(_ database: Database, at path: String) throws -> String {
        let journal = try String.fetchOne(database, sql: "PRAGMA journal_mode") ?? ""
        let synchronous = try Int.fetchOne(database, sql: "PRAGMA synchronous") ?? -1
        let foreignKeys = try Int.fetchOne(database, sql: "PRAGMA foreign_keys") ?? -1
        let got = "journal_mode=\(journal) synchronous=\(synchronous) foreign_keys=\(foreignKeys)"
        // 2 is FULL.
        guard journal == "wal", synchronous == 2, foreignKeys == 1 else {
            throw LedgerError(
                .durability, "\(path): expected journal_mode=wal synchronous=2 foreign_keys=1, got \(got)")
        }
        let version = try String.fetchOne(database, sql: "SELECT sqlite_version()") ?? ""
        return "\(got) sqlite=\(version)"
    }
}
