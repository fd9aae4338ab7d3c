// Owns: where a ledger's files are, and which of them are there. Knows nothing of what stands in them.
import Foundation
import Ledger

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
