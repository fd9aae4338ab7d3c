// Owns: a coordinator in this process: its configuration, its signals, its log. Knows nothing of orders.
import DispatchCore
import BusinessDay
import Arrears
import Coordinator
import Foundation
import Leasing
import Ledger
import Logging

struct CoordinatorRun {
    let directory: DataDirectory
    let configuration: Configuration
    let listen: Endpoint
    /// End when the run in hand is finished.
    let endsWithRun: Bool
    /// Show progress; otherwise only the log speaks.
    let showsProgress: Bool
    var stopsAtEndOfInput = false

    /// Serves until it is stopped, or the run is finished.
    /// - Throws: `Failure` for a run that ended badly or was interrupted.
    func serve() async throws {
        let observer = CoordinatorWatch(logger: makeLogger("coordinator"), isQuiet: showsProgress)
        let service = CoordinatorService(
            configuration: CoordinatorConfiguration(
                dataDirectory: directory.path, host: listen.host, port: listen.port,
                tls: configuration.tls.map {
                    .init(
                        certificate: $0.certificate, key: $0.key, workerAuthority: $0.ca, revoked: $0.revoked,
                        workers: $0.workers)
                }, allowsClearText: configuration.allowsClearText,
                limits: configuration.limits, portfolioWeights: configuration.portfolioWeights,
                incarnation: UInt32.random(in: 1...UInt32.max),
                software: Software.name, endsWithRun: endsWithRun, addressFile: directory.coordinator),
            store: directory.store, observer: observer, logger: makeLogger("coordinator"))
        let signals = SignalWatch([SIGINT, SIGTERM, SIGHUP]) { _ in service.stop() }
        defer { signals.end() }
        if stopsAtEndOfInput { watchEndOfInput { service.stop() } }

        let end: CoordinatorEnd
        if showsProgress {
            end = try await followed { try await service.run() }
        } else {
            end = try await service.run()
        }
        try conclude(end)
    }

    private func conclude(_ end: CoordinatorEnd) throws {
        switch end {
        case .runFinished: return
        case .stopped:
            guard endsWithRun else { return }
            throw Failure(
                .interrupted,
                "stopped before the run was finished; start the coordinator again on \(directory.path) to go on")
        case .runFailed(let run, let fault):
            throw Failure(Exit(fault), "run \(run): \(fault)")
        }
    }

    /// Shows the run's progress while `body` serves it.
    private func followed(_ body: @escaping @Sendable () async throws -> CoordinatorEnd) async throws -> CoordinatorEnd
    {
        let directory = directory
        return try await withThrowingTaskGroup(of: CoordinatorEnd?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                let follower = ProgressFollower(directory)
                while !Task.isCancelled {
                    _ = try? follower.look()
                    try? await Task.sleep(for: .milliseconds(200))
                }
                _ = try? follower.look(force: true)
                follower.clear()
                return nil
            }
            var end: CoordinatorEnd?
            for try await result in group {
                if let result { end = result }
                group.cancelAll()
            }
            guard let end else { preconditionFailure("the coordinator returned without an end") }
            return end
        }
    }
}

/// Writes what the coordinator tells into the log.
private struct CoordinatorWatch: CoordinatorObserver {
    let logger: Logger
    /// Leave out what the progress shows anyway.
    let isQuiet: Bool

    func listening(host: String, port: Int) {
        logger.notice("listening", metadata: ["host": "\(host)", "port": "\(port)"])
    }

    func progressed(_ progress: RunProgress) {}

    func conditionChanged(_ condition: CoordinatorCondition?) {
        guard let condition else { return logger.info("ledger in order") }
        logger.error("\(condition.kind.rawValue)", metadata: ["detail": "\(condition.detail)"])
    }

    func runFailed(_ run: RunID, _ fault: RunFault) {
        logger.error("run ended before anything was planned", metadata: ["run": "\(run)", "fault": "\(fault)"])
    }

    func eventsCame(_ file: String, _ result: Result<Int, EventRefusal>) {
        switch result {
        case .success(let count): logger.info("events taken", metadata: ["file": "\(file)", "new": "\(count)"])
        case .failure(let refusal):
            logger.warning("events refused", metadata: ["file": "\(file)", "reason": "\(refusal.reason)"])
        }
    }

    func workerChanged(_ notice: WorkerNotice) {
        let level: Logger.Level = notice.kind == .joined || notice.kind == .left ? .info : .warning
        if isQuiet, level == .info { return }
        logger.log(
            level: level, "worker \(notice.kind.rawValue)",
            metadata: ["worker": "\(notice.worker)", "detail": "\(notice.detail)"])
    }
}
