// Owns: `recoup ledger`: copies of the ledger, and whether it is sound. Knows nothing of how a copy is made.
import ArgumentParser
import Coordinator
import Foundation

struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Back up, verify and restore the ledger.",
        discussion: """
            EXAMPLES:
              recoup ledger backup --to /backup/2026-11-20.sqlite --data /var/lib/recoup    beside a live coordinator
              recoup ledger verify --full --data /var/lib/recoup
              recoup ledger verify /backup/2026-11-20.sqlite
              recoup ledger restore /backup/2026-11-20.sqlite --data /var/lib/recoup        with the coordinator stopped
            """,
        subcommands: [LedgerBackupCommand.self, LedgerVerifyCommand.self, LedgerRestoreCommand.self])
}

struct LedgerBackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the ledger as of one moment, beside a live coordinator or without one.")

    @OptionGroup var data: DataOption

    @Option(help: ArgumentHelp("The copy; there must be no such file yet.", valueName: "file"))
    var to: String

    func run() throws {
        let target = URL(fileURLWithPath: to).standardizedFileURL.path
        let bytes = try data.existing().store.copy(to: target)
        Terminal.result("\(target): \(grouped(bytes)) bytes. Check it: recoup ledger verify \(target)")
    }
}

struct LedgerVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check the ledger, or a backup, and exit 4 when it is damaged.",
        discussion: """
            SQLite's own checks first, then what the ledger promises: counts equal the tasks, settled tasks have an \
            outcome, every planned case has a task or a reason, everything that is named exists.
            """)

    @OptionGroup var data: DataOption

    @Flag(help: "Compare every index with its table too; takes longer.")
    var full = false

    @Argument(help: ArgumentHelp("A backup. Default: the ledger of --data.", valueName: "file"))
    var file: String?

    func run() throws {
        let store = file == nil ? try data.existing().store : data.directory.store
        let findings = try file.map { try store.verify(copy: $0, isFull: full) } ?? store.verify(isFull: full)
        let place = file ?? store.place
        guard findings.isEmpty else {
            throw Failure(
                .ledgerUnavailable, "\(place): \(findings.count) faults\n  " + findings.joined(separator: "\n  "))
        }
        Terminal.result("\(place): sound (\(full ? "full" : "quick") check)")
    }
}

struct LedgerRestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in the ledger's place; the coordinator must be stopped.",
        discussion: """
            The files that stood there are kept aside. What was done since the backup is not in it: tasks that may have \
            been attempted since become uncertain, and the outside is asked before anything is sent.
            """)

    @OptionGroup var data: DataOption

    @Argument(help: ArgumentHelp("The backup.", valueName: "file"))
    var file: String

    func run() throws {
        let store = data.directory.store
        let restored = try store.restore(
            from: URL(fileURLWithPath: file).standardizedFileURL.path, at: MachineClock.system.wall())
        var lines = ["\(store.place): restored from \(file)"]
        if let aside = restored.keptAside { lines.append("Kept aside: \(aside)") }
        lines.append(
            """
            What was done since the backup is not in it. \(grouped(restored.madeUncertain)) tasks of unfinished runs may have been \
            attempted since: they are uncertain, and the outside is asked before anything is sent (recoup uncertain list).
            """)
        for run in restored.endedRuns {
            lines.append(
                "Run \(run) was not planned to its end in the backup, and is ended: see the gateway's records before you order it anew."
            )
        }
        lines.append("Runs that were started after the backup are unknown to it: do not order their days again.")
        Terminal.result(lines.joined(separator: "\n"))
    }
}
