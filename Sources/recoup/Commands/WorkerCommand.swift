// Owns: `recoup worker`: the flags of one worker, and its place in a pool. Which handler does its stage's work stands in
// StageWorkers.
import Arrears
import ArgumentParser
import Foundation
import Leasing
import Logging
import WorkerKit

struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Do one stage's work for a coordinator, anywhere.",
        discussion: """
            Keeps a journal in its data directory, so that it never does a task twice, whatever is killed. SIGTERM \
            drains it: it begins nothing more, finishes what was begun, gives the rest back. A second one ends it at \
            once.

            EXAMPLES:
              recoup worker --stage sms --id sms-1 --coordinator hostA:7420 \\
                --data /var/lib/recoup-sms-1 --config recoup.yaml
              recoup worker --stage agency --id agency-1 --coordinator hostA:7420 \\
                --data /var/lib/recoup-agency-1 --agencies /srv/agencies
            """)

    @Option(help: "The kind of work: sms, callQueue, agency, legal.")
    var stage: Stage

    @Option(help: ArgumentHelp("This worker's name, unique among the coordinator's workers.", valueName: "name"))
    var id: String

    @Option(help: ArgumentHelp("The coordinator.", valueName: "host:port"))
    var coordinator: Endpoint

    @Option(help: ArgumentHelp("The worker's own directory, for its journal.", valueName: "dir"))
    var data: String

    @Flag(
        help: """
            Several workers share the directory: take the first free place in it, as ID-1, ID-2, …, and settle what a \
            worker of it that has gone left behind.
            """)
    var pool = false

    @OptionGroup var config: ConfigOption

    @Option(help: ArgumentHelp("Tasks held at once. Default: the configuration's.", valueName: "n"))
    var capacity: Int?

    @Option(help: ArgumentHelp("SMS gateway and dialer.", valueName: "url"))
    var gateway: String?

    @Option(help: ArgumentHelp("Holds the gateway's bearer token.", valueName: "file"))
    var tokenFile: String?

    @Option(help: ArgumentHelp("The agencies' directories are below.", valueName: "dir"))
    var agencies: String?

    @Option(help: ArgumentHelp("The evidence folders are below.", valueName: "dir"))
    var legal: String?

    @Option(help: ArgumentHelp("Message texts and call scripts. Default: the shipped ones.", valueName: "dir"))
    var templates: String?

    @Option(
        help: ArgumentHelp(
            "How often the outside is asked for answers. Default: as the stage needs it.", valueName: "ms"))
    var pollMilliseconds: Int?

    @Option(
        help: ArgumentHelp(
            "When asked to stop, wait so long for the coordinator to acknowledge what was done.", valueName: "ms"))
    var drainMilliseconds: Int64 = 15_000

    @OptionGroup var log: LogOption
    @OptionGroup var supervised: SupervisedOption

    func validate() throws {
        if let pollMilliseconds, !(10...3_600_000).contains(pollMilliseconds) {
            throw ValidationError("--poll-milliseconds: expected 10 to 3600000, got \(pollMilliseconds)")
        }
    }

    func run() async throws {
        log.use()
        let settings = try config.load()
        guard pool else {
            return try await work(at: WorkerPlace(name: id, directory: data), settings)
        }
        let places = WorkerPool(directory: data, name: id)
        let place = try places.takePlace()
        let neighbours = Task { await places.settle(allBut: place) { try await settle($0, settings) } }
        defer { neighbours.cancel() }
        try await work(at: place, settings)
    }

    private func work(at place: WorkerPlace, _ settings: Configuration) async throws {
        let logger = makeLogger(place.name)
        let end = try await Worker.run(configuration(of: place, settings), logger: logger) { _ in
            try makeHandler(settings, logger)
        }
        try conclude(end)
    }

    private func settle(_ place: WorkerPlace, _ settings: Configuration) async throws -> Bool {
        let logger = makeLogger(place.name)
        return try await Worker.settle(configuration(of: place, settings), logger: logger) { _ in
            try makeHandler(settings, logger)
        }
    }

    private func configuration(of place: WorkerPlace, _ settings: Configuration) throws -> WorkerConfiguration {
        try settings.demandPrivacy(towards: coordinator.host, isPrivate: settings.tls != nil, "--coordinator")
        let tls = settings.tls.map {
            WorkerConfiguration.TLS(authorities: $0.ca, certificate: $0.certificate, key: $0.key)
        }
        return WorkerConfiguration(
            host: coordinator.host, port: coordinator.port, name: place.name, dataDirectory: place.directory,
            capacity: capacity ?? settings.capacity(of: stage), incarnation: UInt64.random(in: 1...UInt64.max),
            tls: tls,
            stopsAtEndOfInput: supervised.untilEndOfInput, drainMilliseconds: drainMilliseconds,
            software: Software.name)
    }

    private func conclude(_ end: WorkerExit) throws {
        switch end {
        case .drained: return
        case .refused(let code, let message): throw Failure(.refused, "refused by the coordinator: \(code): \(message)")
        case .journalFailed(let message): throw Failure(.ledgerUnavailable, "the journal cannot be written: \(message)")
        }
    }
}
