// Owns: copies of a ledger: out of a live one, and back into a directory. Knows nothing of what a sound ledger is.
import Arrears
import Foundation
import GRDB
import Leasing
import Ledger
import SystemParts

/// Backup and restore.
enum LedgerCopies {
    /// Copies the ledger into the new file `target`, through SQLite's online backup on a connection that can neither write
    /// nor checkpoint: a coordinator at work goes on undisturbed.
    static func backup(_ files: LedgerFiles, to target: String) throws -> Int {
        let source = files.database
        guard access(source, F_OK) == 0 else {
            throw LedgerError(.notFound, "\(source): expected a ledger, got no such file")
        }
        guard access(target, F_OK) != 0 else {
            throw LedgerError(
                .inputOutput, "\(target): expected no such file yet, got one; a backup overwrites nothing")
        }
        let partial = target + ".partial"
        try copy(source, to: partial)
        try rename(partial, to: target)
        return try size(of: target)
    }

    /// Puts the backup `file` in the ledger's place: see `LedgerStore`.
    static func restore(_ file: String, over files: LedgerFiles, at: Timestamp) throws -> RestoredLedger {
        guard access(file, F_OK) == 0 else {
            throw LedgerError(.notFound, "\(file): expected a backup, got no such file")
        }
        try files.createDirectory()
        let lock = try files.locked()
        defer { lock.release() }
        let findings = try LedgerCheck.findings(in: file, isFull: true)
        guard findings.isEmpty else {
            throw LedgerError(
                .corrupt, "\(file): expected a sound backup, got:\n  " + findings.joined(separator: "\n  "))
        }
        let copy = files.database + ".copying"
        try LedgerCopies.copy(file, to: copy)
        var restored = try mappingFaults(at: copy) { try doubt(copy, at: at) }
        // From here until the last rename nobody opens what stands there: see `LedgerFiles.demandWhole`.
        try rename(copy, to: files.restoring)
        restored.keptAside = try setAside(files, stamp: "\(at.milliseconds)")
        try rename(files.restoring, to: files.database)
        return restored
    }

    // MARK: - Parts

    private static func copy(_ source: String, to target: String) throws {
        unlink(target)
        let descriptor = open(target, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LedgerError(systemError: errno, at: target) }
        Foundation.close(descriptor)
        do {
            let reader = try mappingFaults(at: source) {
                try DatabaseQueue(path: source, configuration: Connection.reader())
            }
            try mappingFaults(at: target) {
                let writer = try DatabaseQueue(path: target)
                try reader.backup(to: writer)
                // One file, without a log beside it.
                try writer.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
                try writer.close()
            }
            try sync(target)
        } catch {
            for suffix in ["", "-wal", "-shm", "-journal"] { unlink(target + suffix) }
            throw error
        }
    }

    /// Epochs that may have been granted since the backup, and are skipped: far more than any day grants.
    private static let epochsSkipped: Int64 = 1 << 32

    private static func doubt(_ path: String, at: Timestamp) throws -> RestoredLedger {
        let queue = try DatabaseQueue(path: path)
        try Schema.migrate(queue, at: path)
        let restored = try queue.write { database in
            let ended: [RunID] = try database.rows(
                """
                UPDATE run SET is_finished = 1, finished_at = ? WHERE is_finished = 0 AND NOT EXISTS (
                    SELECT 1 FROM checkpoint WHERE run_id = run.id AND stage = 'plan' AND is_complete = 1)
                RETURNING id
                """, [at.milliseconds]
            ).map { try $0.name("id") }
            var epoch =
                try database.row("SELECT max(epoch) AS epoch FROM lease").flatMap { try $0.value("epoch") as Int64? }
                ?? 0
            epoch += epochsSkipped
            var doubted = 0
            for stage in Stage.allCases where stage.descriptor.effect == .atMostOnce {
                epoch += 1
                doubted += try doubt(stage, epoch: epoch, database, at: at)
            }
            return RestoredLedger(keptAside: nil, madeUncertain: doubted, endedRuns: ended)
        }
        try queue.close()
        try sync(path)
        return restored
    }

    /// A task that was leased in the backup keeps its lease: if its worker still has the outcome, its report settles it.
    /// The others come under a lease that nobody holds, made for them.
    private static func doubt(_ stage: Stage, epoch: Int64, _ database: Database, at: Timestamp) throws -> Int {
        let lease = -epoch
        try database.run(
            """
            INSERT INTO lease (id, epoch, worker, incarnation, stage, granted_at, extended_at)
            VALUES (?, ?, 'restored', 0, ?, ?, ?)
            """, [lease, epoch, stage.rawValue, at.milliseconds, at.milliseconds])
        let open = """
            stage = '\(stage.rawValue)' AND state IN ('planned', 'ready', 'leased')
            AND run_id IN (SELECT id FROM run WHERE is_finished = 0)
            """
        try database.run(
            """
            INSERT INTO transition (task, at, state, lease_id, note)
            SELECT number, ?, 'uncertain', CASE state WHEN 'leased' THEN lease_id ELSE ? END, 'restored from a backup'
            FROM task WHERE \(open)
            """, [at.milliseconds, lease])
        return try database.run(
            """
            UPDATE task SET state = 'uncertain', changed_at = ?, inquiries = 0,
                lease_id = CASE state WHEN 'leased' THEN lease_id ELSE ? END,
                epoch = CASE state WHEN 'leased' THEN epoch ELSE ? END
            WHERE \(open)
            """, [at.milliseconds, lease, epoch])
    }

    /// Links before it unlinks: at no moment is a file of the old ledger without a name.
    private static func setAside(_ files: LedgerFiles, stamp: String) throws -> String? {
        let aside = "\(files.database).before-restore-\(stamp)"
        let present = ["", "-wal"].filter { access(files.database + $0, F_OK) == 0 }
        for suffix in present where link(files.database + suffix, aside + suffix) != 0 {
            throw LedgerError(systemError: errno, at: aside + suffix)
        }
        // A log must never meet a store that it does not belong to.
        for suffix in ["-wal", "-shm"] { unlink(files.database + suffix) }
        try sync(files.directory)
        return present.isEmpty ? nil : aside
    }

    private static func rename(_ path: String, to target: String) throws {
        guard Foundation.rename(path, target) == 0 else { throw LedgerError(systemError: errno, at: target) }
        let slash = target.lastIndex(of: "/")
        try sync(slash.map { String(target[..<$0]) } ?? ".")
    }

    private static func sync(_ path: String) throws {
        let descriptor = open(path.isEmpty ? "/" : path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LedgerError(systemError: errno, at: path) }
        defer { Foundation.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw LedgerError(systemError: errno, at: path) }
    }

    private static func size(of path: String) throws -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else { throw LedgerError(systemError: errno, at: path) }
        return Int(status.st_size)
    }
}
