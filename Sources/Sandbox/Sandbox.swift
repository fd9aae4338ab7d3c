// Owns: the sandbox as a whole: its start and its end. What it answers stands in Gateway and Dialer.
import Arrears
import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOSSL

package enum Sandbox {
    /// Serves the SMS gateway and the dialer, and lets the inhabitants act, until the task is cancelled or, where
    /// `stopsOnSignals`, SIGTERM or SIGINT comes.
    /// - Parameters:
    ///   - inhabitants: What acts by itself beside the servers, such as agencies.
    ///   - onReady: Called with the port when requests are answered and `sandbox.json` is written.
    /// - Throws: `SandboxError`, `EffectRecordError`, or what binding the port threw.
    package static func run(
        _ configuration: SandboxConfiguration, stopsOnSignals: Bool = true,
        inhabitants: (SandboxWorld) throws -> [any SandboxInhabitant] = { _ in [] },
        onReady: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        try FileManager.default.createDirectory(atPath: configuration.directory, withIntermediateDirectories: true)
        let world = SandboxWorld(
            configuration: configuration,
            record: try EffectRecord(path: configuration.directory + "/effects.jsonl"),
            debtors: DebtorBehaviour(seed: configuration.seed))
        defer { world.record.end() }
        let others = try inhabitants(world)
        let (readyPorts, ready) = AsyncThrowingStream.makeStream(of: Int.self)
        let application = try makeApplication(world) { port in ready.yield(port) }

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await application.serve(stopsOnSignals: stopsOnSignals)
                // The servers have ended, so nobody waits for readiness or for the record any more.
                throw CancellationError()
            }
            group.addTask { throw await world.record.failure() }
            for inhabitant in others {
                group.addTask { try await inhabitant.run() }
            }
            group.addTask {
                for try await port in readyPorts.prefix(1) {
                    try announce(port, configuration)
                    await onReady(port)
                }
            }
            defer { group.cancelAll() }
            do {
                while try await group.next() != nil {}
            } catch is CancellationError {
                // Asked to stop.
            }
        }
    }

    private static func makeApplication(
        _ world: SandboxWorld, onRunning: @escaping @Sendable (Int) -> Void
    ) throws -> some ApplicationProtocol {
        let configuration = world.configuration
        let router = Router(context: BasicRequestContext.self)
        router.middlewares.add(BearerCheck(token: try token(configuration)))
        let faults = FaultInjector(configuration.faults, debtors: world.debtors)
        Gateway(world: world, faults: faults).addRoutes(to: router)
        Dialer(world: world, faults: faults).addRoutes(to: router)
        var logger = Logger(label: "recoup.sandbox")
        // What matters is thrown; the rest is chatter about connections that ended.
        logger.logLevel = .critical
        return Application(
            router: router, server: try server(configuration),
            configuration: .init(address: .hostname(configuration.host, port: configuration.port)),
            onServerRunning: { channel in onRunning(channel.localAddress?.port ?? configuration.port) },
            logger: logger)
    }

    private static func server(_ configuration: SandboxConfiguration) throws -> HTTPServerBuilder {
        switch (configuration.certificateFile, configuration.privateKeyFile) {
        case (nil, nil): return .plaintextHTTP2()
        case (let certificate?, let key?):
            let tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
            return try .http2Upgrade(tlsConfiguration: tls)
        default:
            throw SandboxError.unusable("TLS: expected both a certificate and a private key, got one of them")
        }
    }

    /// The token that callers must show.
    private static func token(_ configuration: SandboxConfiguration) throws -> String {
        let path = configuration.tokenFile ?? configuration.directory + "/token"
        if configuration.tokenFile == nil, !FileManager.default.fileExists(atPath: path) {
            let new = (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined()
            let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
            guard FileManager.default.createFile(atPath: path, contents: Data(new.utf8), attributes: attributes) else {
                throw SandboxError.unusable("\(path): expected a file that can be written")
            }
        }
        let bytes = FileManager.default.contents(atPath: path) ?? Data()
        let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else { throw SandboxError.unusable("\(path): expected a bearer token, got nothing") }
        return text
    }

    /// Tells where the sandbox is, in one step.
    private static func announce(_ port: Int, _ configuration: SandboxConfiguration) throws {
        struct Announcement: Encodable {
            var host: String
            var port: Int
            var pid: Int32
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let announcement = Announcement(host: configuration.host, port: port, pid: getpid())
        let url = URL(fileURLWithPath: configuration.directory + "/sandbox.json")
        try encoder.encode(announcement).write(to: url, options: .atomic)
    }
}
