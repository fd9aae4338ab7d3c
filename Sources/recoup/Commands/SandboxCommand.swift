// Owns: `recoup sandbox`: the flags of the outside world that is none. Knows nothing of what it answers.
import ArgumentParser
import Foundation
import Sandbox

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Be an SMS gateway, a dialer, the agencies and the debtors.",
        discussion: """
            What happens is a function of the seed and the task, not of time or order, so that two runs can be \
            compared. Every effect that it sees is kept in DIR/effects.jsonl; where it listens, in DIR/sandbox.json.

            EXAMPLES:
              recoup sandbox --data world --listen 127.0.0.1:7430 --seed 1
            """)

    @Option(help: ArgumentHelp("The sandbox's own directory.", valueName: "dir"))
    var data: String

    @Option(help: ArgumentHelp("Where the workers connect.", valueName: "host:port"))
    var listen: Endpoint = Endpoint(host: "127.0.0.1", port: 0)

    @Option(help: "The same seed makes the same outside world.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("The bearer token that workers must show; made where there is none.", valueName: "file"))
    var tokenFile: String?

    @Option(help: ArgumentHelp("Let agencies answer in this directory.", valueName: "dir"))
    var agencies: String?

    @OptionGroup var log: LogOption
    @OptionGroup var supervised: SupervisedOption

    func run() async throws {
        log.use()
        let directory = URL(fileURLWithPath: data).standardizedFileURL.path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        if let tokenFile { try GatewayToken.make(at: tokenFile) }
        var configuration = SandboxConfiguration(
            directory: directory, host: listen.host, port: listen.port, seed: seed)
        configuration.tokenFile = tokenFile
        let agencies = self.agencies
        let world = Task { [configuration] in
            try await Sandbox.run(
                configuration,
                inhabitants: { world in
                    agencies.map { [SandboxAgencies(root: $0, debtors: world.debtors, record: world.record)] } ?? []
                })
        }
        if supervised.untilEndOfInput { watchEndOfInput { world.cancel() } }
        try await world.value
    }
}
