// Owns: `recoup run`: which of the three ways an order is carried out. Knows nothing of how.
import Arrears
import ArgumentParser
import BusinessDay
import Coordinator
import Foundation

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run one business day over a lender's book.",
        discussion: """
            Where a coordinator already serves the data directory, it gets the order and this command shows its \
            progress. With --embedded, the coordinator and four workers are started as children; --sandbox adds an \
            outside world that is none. Otherwise this process is the coordinator, for workers started elsewhere, \
            and ends with the run.

            EXAMPLES:
              recoup run --book book.csv --as-of 2026-11-20 --embedded --sandbox
              recoup run --book book.csv --as-of 2026-11-20 --map bank.map.yaml \\
                --embedded --config recoup.yaml
              recoup run --book book.csv --as-of 2026-11-20 --schedule due.csv \\
                --payments paid.csv --listen 0.0.0.0:7420
            """)

    @Option(help: ArgumentHelp("The book (CSV).", valueName: "file"))
    var book: String

    @OptionGroup var options: BookOptions
    @OptionGroup var data: OptionalDataOption
    @OptionGroup var config: ConfigOption

    @Flag(help: "Start the coordinator and the four workers as children of this process.")
    var embedded = false

    @Flag(help: "With --embedded: also an outside world that is none. Nobody is contacted.")
    var sandbox = false

    @Option(help: "The sandbox's seed.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Where workers connect. Default: 127.0.0.1, any port.", valueName: "host:port"))
    var listen: Endpoint?

    @Option(
        help: ArgumentHelp(
            "A rehearsal: business time starts at this hour of the as-of date instead of now. Only for workers that reach a sandbox. With --sandbox: 10:00.",
            valueName: "hh:mm"))
    var rehearseAt: String?

    @Flag(
        help: ArgumentHelp(
            "Take the business date as it is, though it is far from today, or before the last one of the book's portfolio. People are contacted today all the same."
        ))
    var dateAsGiven = false

    @Flag(
        help: ArgumentHelp(
            "Take the book for whole, though more accounts of its portfolio are missing than maxLost of the configuration accepts. Default: 20%."
        ))
    var acceptShrunk = false

    @OptionGroup var log: LogOption
    @OptionGroup var output: JSONOption

    func validate() throws {
        if sandbox, !embedded { throw ValidationError("--sandbox: expected --embedded with it") }
        if let rehearseAt, LocalWindow.minute(clock: rehearseAt) == nil {
            throw ValidationError("--rehearse-at: expected HH:MM, got \(rehearseAt)")
        }
    }

    func run() async throws {
        log.use()
        let configuration = try config.load()
        let directory = data.directory(configuration)
        if embedded, !sandbox, configuration.gateway == nil {
            throw Failure(.usage, "--embedded: expected --sandbox, or a --config with a gateway, got neither")
        }
        try directory.create()
        try refuseUnfinished(directory)
        let minute = rehearseAt.flatMap { LocalWindow.minute(clock: $0) } ?? (sandbox ? 10 * 60 : nil)
        try refuseOtherKind(minute == nil ? .real : .rehearsal, directory)
        let order = try options.order(
            try directory.claimRun(asOf: options.asOf), book: book, configuration: configuration,
            clock: minute.map(RunClock.rehearsal) ?? .wall, isDateAsGiven: dateAsGiven,
            acceptsShrunk: acceptShrunk)

        let address = listen ?? configuration.listen ?? Endpoint(host: "127.0.0.1", port: 0)
        if directory.liveCoordinator != nil {
            guard !embedded else {
                throw Failure(
                    .ledgerUnavailable,
                    "\(directory.path): a coordinator is at work here already; leave out --embedded to give it the order"
                )
            }
            try await LiveRun(directory: directory).carryOut(order, json: output.json)
        } else if embedded {
            let settings = EmbeddedSettings(
                sandbox: sandbox, seed: seed, configuration: config.absolutePath, listen: address)
            try await EmbeddedRun(directory: directory, settings: settings).carryOut(order, json: output.json)
        } else {
            try OrderBox(dataDirectory: directory.path).put(order)
            let serving = CoordinatorRun(
                directory: directory, configuration: configuration, listen: address, endsWithRun: true,
                showsProgress: true)
            try await serving.serve()
            try Conclusion(directory: directory, run: order.run).show(json: output.json)
        }
    }

    /// Said at once; the coordinator looks again when it begins the run.
    private func refuseOtherKind(_ kind: RunKind, _ directory: DataDirectory) throws {
        guard directory.store.hasLedger, let known = try RunKind(of: directory.store.reader()), known != kind else {
            return
        }
        throw Failure(.refused, "\(directory.path): \(RunFault.otherKind(kind, ledger: known))")
    }

    /// A run is never begun over one that was interrupted: its people may be half contacted.
    private func refuseUnfinished(_ directory: DataDirectory) throws {
        guard directory.store.hasLedger, directory.liveCoordinator == nil,
            let unfinished = try directory.store.reader().unfinishedRun()
        else { return }
        throw Failure(
            .refused,
            """
            run \(unfinished.id) in \(directory.path) was interrupted and is not finished.
            Finish it first: recoup resume --data \(directory.path)
            """)
    }
}
