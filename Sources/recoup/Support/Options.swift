// Owns: option types that several commands share. Knows nothing of what the commands do.
import BusinessDay
import Arrears
import ArgumentParser
import Foundation

extension CalendarDate: ExpressibleByArgument {
    package init?(argument: String) { self.init(iso: argument) }
}

extension Stage: ExpressibleByArgument {}

/// Where a process listens, or where one is found.
struct Endpoint: Codable, Hashable, Sendable, CustomStringConvertible {
    var host: String
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `HOST:PORT`, `[IPv6]:PORT`; nil for anything else.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: host, port: port)
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension Endpoint: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}

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
        guard directory.hasLedger else {
            throw Failure(
                .nothingFound, "\(directory.ledger): expected a ledger, got none; has a run been started there?")
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
}
