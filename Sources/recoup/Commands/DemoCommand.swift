// Owns: `recoup demo`: a whole business day on a made-up book. Knows nothing of how a set of processes is run.
import Arrears
import ArgumentParser
import Foundation
import SyntheticBook

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run one whole business day on a generated book.",
        discussion: """
            Generates a book, then starts a coordinator, four workers and a sandbox outside world, each a process of \
            its own, and ends with the run's report. Nothing leaves this machine.

            EXAMPLES:
              recoup demo
              recoup demo --accounts 100000 --seed 7 --data /tmp/day
            """)

    @Option(help: "How many accounts the book has.")
    var accounts = 10_000

    @Option(help: "The same seed makes the same book and the same outside world.")
    var seed: UInt64 = 1

    @Option(name: .long, help: ArgumentHelp("The business date. Default: today.", valueName: "yyyy-mm-dd"))
    var asOf: CalendarDate?

    @OptionGroup var data: DataOption

    @Flag(name: .long, help: "Print the report as JSON.")
    var json = false

    func validate() throws {
        guard (1...10_000_000).contains(accounts) else {
            throw ValidationError("--accounts: expected 1 to 10000000, got \(accounts)")
        }
    }

    func run() async throws {
        let directory = data.directory
        try refuseUsed(directory)
        try directory.create()
        let date = try asOf ?? today()
        let book = "\(directory.path)/book.csv"
        Terminal.note("Generating a book of \(grouped(accounts)) accounts as of \(date), seed \(seed)")
        try GeneratedBook(BookGenerator(seed: seed, accounts: accounts, asOf: date)).write(to: book)

        var options = try BookOptions.parse(["--as-of", date.iso])
        options.maxRejects = nil
        let order = try options.order(
            try directory.claimRun(asOf: options.asOf), book: book, configuration: Configuration(),
            clock: .rehearsal(minute: 10 * 60))
        let settings = EmbeddedSettings(
            sandbox: true, seed: seed, configuration: nil, listen: Endpoint(host: "127.0.0.1", port: 0))
        try await EmbeddedRun(directory: directory, settings: settings).carryOut(order, json: json)
    }

    /// A finished demo's directory can be looked at or removed, not used again: its people were contacted.
    private func refuseUsed(_ directory: DataDirectory) throws {
        guard directory.store.hasLedger else { return }
        throw Failure(
            .refused,
            """
            \(directory.path): expected a fresh directory for a demo, got one with a ledger.
            To finish the run in it: recoup resume --data \(directory.path)
            To see it:               recoup report --data \(directory.path)
            To start anew:           choose another --data, or remove the directory
            """)
    }
}
