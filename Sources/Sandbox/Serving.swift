// Owns: serving until asked to stop, and ending in order. Knows no routes.
import Hummingbird
import ServiceLifecycle

extension ApplicationProtocol {
    /// Serves until the task is cancelled or, where `stopsOnSignals`, SIGTERM or SIGINT comes. Either way what was begun is
    /// answered first, for at most ten seconds.
    ///
    /// The server never sees the cancellation itself: one that is cancelled traps on a connection that it has accepted and not
    /// begun to serve (swift-nio issue 2637).
    package func serve(stopsOnSignals: Bool) async throws {
        var configuration = ServiceGroupConfiguration(
            services: [self], gracefulShutdownSignals: stopsOnSignals ? [.sigterm, .sigint] : [], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        let group = ServiceGroup(configuration: configuration)
        let serving = Task { try await group.run() }
        try await withTaskCancellationHandler {
            try await serving.value
        } onCancel: {
            Task { await group.triggerGracefulShutdown() }
        }
    }
}
