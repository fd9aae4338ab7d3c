// Owns: what an operator decides about the exchange with agencies, and the worker's sense of time.

/// How the agency worker exchanges batches.
package struct AgencyConfiguration: Hashable, Sendable {
    /// The folder with one folder per agency. It must be one file system, shared by all agency workers.
    package var root: String
    /// The lender's name, as agencies know it.
    package var lender: String
    /// How long a placed batch is waited for until its cases are settled as placed, not acknowledged. The lease is kept
    /// alive meanwhile. Zero: not at all; what comes later is reported as news.
    package var acknowledgementWait: Duration
    /// How long the first results are waited for after the acknowledgement. Zero: not at all.
    package var resultWait: Duration
    /// How often the inbox is looked at while a batch is waited for.
    package var pollInterval: Duration
    /// The pause after a batch could not be written, before its tasks may come again.
    package var faultPause: Duration

    package init(
        root: String, lender: String, acknowledgementWait: Duration = .seconds(60),
        resultWait: Duration = .seconds(60), pollInterval: Duration = .milliseconds(200),
        faultPause: Duration = .seconds(5)
    ) {
        self.root = root
        self.lender = lender
        self.acknowledgementWait = acknowledgementWait
        self.resultWait = resultWait
        self.pollInterval = pollInterval
        self.faultPause = faultPause
    }
}

/// A clock that never jumps, and sleep on it; given, so that tests need not wait.
package struct Pace: Sendable {
    /// Since some moment before.
    package var now: @Sendable () -> Duration
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    package static let continuous: Pace = {
        let start = ContinuousClock.now
        return Pace(
            now: { ContinuousClock.now - start }, sleep: { try await ContinuousClock().sleep(for: $0) })
    }()
}
