// Owns: the verbs of a store, done with the files of a directory. Knows nothing of how each is done.
import Arrears
import Foundation
import Ledger

/// The ledger of a directory, in SQLite. See `SQLiteLedger` for its files.
package struct SQLiteLedgerStore: LedgerStore {
    private let files: LedgerFiles

    package init(directory: String) { files = LedgerFiles(directory: directory) }

    package var place: String { files.database }
    package var hasLedger: Bool { FileManager.default.fileExists(atPath: files.database) }

    package var reserve: any RoomReserve { DiskReserve(directory: files.directory) }

    package func writer() throws -> any Ledger { try SQLiteLedger(directory: files.directory) }
    package func reader() throws -> any LedgerReading { try SQLiteLedgerReader(directory: files.directory) }

    package func verify(isFull: Bool) throws -> [String] { try verify(copy: files.database, isFull: isFull) }

    package func verify(copy: String, isFull: Bool) throws -> [String] {
        try LedgerCheck.findings(in: copy, isFull: isFull)
    }

    package func copy(to target: String) throws -> Int { try LedgerCopies.backup(files, to: target) }

    package func restore(from copy: String, at: Timestamp) throws -> RestoredLedger {
        try LedgerCopies.restore(copy, over: files, at: at)
    }
}
