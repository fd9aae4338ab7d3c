// Owns: a worker process from start to exit: journal, signals, end of input. Knows nothing of a stage.
import Dispatch
import Foundation
import Leasing
import Logging

package enum Worker {
    /// Runs a worker until it is drained (SIGTERM, SIGINT, end of input, the coordinator's wish), refused, or cannot write
    /// its journal. A coordinator that cannot be reached is tried for ever. A second signal ends the process at once.
    /// - Parameter makeHandler: makes the stage's handler, given its memory in the worker's journal.
    /// - Throws: `WorkerSetupError`, `JournalError`, or what `makeHandler` throws, before anything is done.
    package static func run(
        _ configuration: WorkerConfiguration, logger: Logger,
        handler makeHandler: (any StageMemory) async throws -> any StageHandler
    ) async throws -> WorkerExit {
        let faults = configuration.faults
        guard faults.isEmpty else { throw WorkerSetupError(faults: faults) }
        let journal = try Journal(directory: configuration.dataDirectory)
        defer { journal.close() }
        let handler = try await makeHandler(journal)
        var logger = logger
        logger[metadataKey: "worker"] = "\(configuration.name)"
        logger[metadataKey: "stage"] = "\(handler.stage)"
        let runtime = try WorkerRuntime(configuration, journal: journal, handler: handler, logger: logger)
        let stops = StopSignals(endOfInput: configuration.stopsAtEndOfInput) { Task { await runtime.drain() } }
        defer { stops.cancel() }
        return try await runtime.run()
    }

    /// Settles the journal of a worker whose process has gone, in its name: what it did is reported, what it began is asked
    /// about, the rest is given back. Asks for no work.
    /// - Returns: whether nothing is left in the journal. Otherwise the coordinator could not be reached, or refused.
    /// - Throws: `WorkerSetupError`, `JournalError` (`.locked`: it lives), or what `makeHandler` throws.
    package static func settle(
        _ configuration: WorkerConfiguration, logger: Logger,
        handler makeHandler: (any StageMemory) async throws -> any StageHandler
    ) async throws -> Bool {
        let journal = try Journal(directory: configuration.dataDirectory)
        defer { journal.close() }
        guard !(try journal.entries().isEmpty) else { return true }
        let handler = try await makeHandler(journal)
        let runtime = try WorkerRuntime(configuration, journal: journal, handler: handler, logger: logger)
        _ = try await runtime.run(settlingOnly: true)
        return try journal.entries().isEmpty
    }
}

/// The ways in which a process is endRequest to stop.
private final class StopSignals {
    private static let signals = [SIGTERM, SIGINT]
    private var sources: [any DispatchSourceProtocol] = []

    init(endOfInput: Bool, stop: @escaping @Sendable () -> Void) {
        let queue = DispatchQueue(label: "recoup.stop")
        let endRequest = EndRequest()
        for number in Self.signals {
            // The default would end the process before the source sees the signal.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if endRequest.again() { _exit(128 + number) }
                stop()
            }
            source.activate()
            sources.append(source)
        }
        guard endOfInput else { return }
        let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
        source.setEventHandler { [source] in
            var bytes = [UInt8](repeating: 0, count: 512)
            // What a supervisor writes means nothing; only that it has gone does.
            guard read(STDIN_FILENO, &bytes, bytes.count) <= 0 else { return }
            source.cancel()
            stop()
        }
        source.activate()
        sources.append(source)
    }

    func cancel() {
        for source in sources { source.cancel() }
        for number in Self.signals { signal(number, SIG_DFL) }
    }

    /// Confined to the queue of the sources.
    private final class EndRequest: @unchecked Sendable {
        private var isAsked = false
        func again() -> Bool {
            defer { isAsked = true }
            return isAsked
        }
    }
}
