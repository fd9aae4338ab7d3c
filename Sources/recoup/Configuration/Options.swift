// Owns: option types that several commands share. Knows nothing of what the commands do.
import BusinessDay
import Arrears
import ArgumentParser
import Foundation
import Ledger

extension CalendarDate: ExpressibleByArgument {
    package init?(argument: String) { self.init(iso: argument) }
}

extension Stage: ExpressibleByArgument {}

extension RejectLimit: ExpressibleByArgument {
    /// `100`, `2%` or `0.5%`.
    package init?(argument text: String) {
        guard text.hasSuffix("%") else {
            guard let rows = Int(text), rows >= 0 else { return nil }
            self = .count(rows)
            return
        }
        guard let percent = Double(text.dropLast()), (0...100).contains(percent) else { return nil }
        self = .percent(percent)
    }
}

/// The data directory, which nearly every command needs.
struct DataOption: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The data directory: ledger, reports, logs.", valueName: "dir"))
    var data: String = "recoup-data"

    var directory: DataDirectory { DataDirectory(data) }

    /// For commands that only read.
    func existing() throws -> DataDirectory {
        let directory = directory
        guard directory.store.hasLedger else {
            throw Failure(
                .nothingFound, "\(directory.store.place): expected a ledger, got none; has a run been started there?")
        }
        return directory
    }
}

/// The data directory of a command that also knows a configuration file, which may name it.
struct OptionalDataOption: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The data directory: ledger, reports, logs. Default: the configuration's, or recoup-data.", valueName: "dir"
        ))
    var data: String?

    func directory(_ configuration: Configuration) -> DataDirectory {
        DataDirectory(data ?? configuration.data ?? "recoup-data")
    }
}

struct ConfigOption: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration (recoup.yaml). Flags override it.", valueName: "file"))
    var config: String?

    func load() throws -> Configuration { try Configuration.load(config) }

    var absolutePath: String? { config.map { URL(fileURLWithPath: $0).standardizedFileURL.path } }
}

/// For processes that a supervisor starts.
struct SupervisedOption: ParsableArguments {
    @Flag(help: "Stop in order when standard input ends: whoever started this process has gone.")
    var untilEndOfInput = false
}

struct JSONOption: ParsableArguments {
    @Flag(name: .long, help: "Print JSON for programs instead of text for people.")
    var json = false

    /// Ends a command with its result, in the form that was asked for.
    func show(_ value: some Encodable, as text: @autoclosure () -> String) throws {
        if json { try Terminal.json(value) } else { Terminal.result(text()) }
    }
}

/// The run that a command is about.
struct RunOption: ParsableArguments {
    @Option(name: .customLong("run"), help: ArgumentHelp("The run. Default: the latest.", valueName: "id"))
    var id: String?

    func record(in ledger: any LedgerReading, of directory: DataDirectory) throws -> RunRecord {
        try directory.run(id.map { RunID($0) }, in: ledger)
    }
}
