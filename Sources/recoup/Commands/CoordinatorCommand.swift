// Owns: `recoup coordinator`: the flags of a long-running coordinator. Knows nothing of what it does.
import ArgumentParser
import Foundation

struct CoordinatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordinator",
        abstract: "Serve workers on any number of hosts, run after run.",
        discussion: """
            Takes up an unfinished run first, then the orders that `recoup run` leaves in DIR/orders. Where it listens \
            stands in DIR/coordinator.json. One coordinator owns a data directory: a second one is refused with exit \
            code 4. SIGTERM stops it in order; the run goes on when it is started again.

            EXAMPLES:
              recoup coordinator --data /var/lib/recoup --listen 0.0.0.0:7420
              recoup coordinator --config /etc/recoup/recoup.yaml
            """)

    @OptionGroup var data: OptionalDataOption
    @OptionGroup var config: ConfigOption
    @OptionGroup var log: LogOption
    @OptionGroup var supervised: SupervisedOption

    @Option(
        help: ArgumentHelp(
            "Where workers connect. Default: the configuration's, or 127.0.0.1:7420.", valueName: "host:port"))
    var listen: Endpoint?

    @Flag(help: "End when the run in hand is finished, instead of waiting for the next order.")
    var untilRunFinished = false

    func run() async throws {
        log.use()
        let configuration = try config.load()
        let directory = data.directory(configuration)
        try directory.create()
        var serving = CoordinatorRun(
            directory: directory, configuration: configuration,
            listen: listen ?? configuration.listen ?? Endpoint(host: "127.0.0.1", port: 7_420),
            endsWithRun: untilRunFinished, showsProgress: false)
        serving.stopsAtEndOfInput = supervised.untilEndOfInput
        try await serving.serve()
    }
}
