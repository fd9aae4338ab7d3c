// Owns: how many tasks may be given to an outside at once, and since when not. Knows nothing of what is given.
import Synchronization

/// Widens while the outside takes what it gets; shrinks to one and pauses when it says "later" or is not there, so that
/// an outage costs one attempt per pause and not one per task. Shared by all leases of a handler.
final class Throttle: Sendable {
    private struct State {
        var width: Int
        var pausedUntil = Duration.zero
        var pause: Duration
    }

    private let settings: SubmitAndPollSettings
    private let state: Mutex<State>

    init(_ settings: SubmitAndPollSettings) {
        self.settings = settings
        state = Mutex(State(width: settings.window, pause: settings.shortestPause))
    }

    /// How many may be given now; 0 while paused.
    func room(at now: Duration) -> Int { state.withLock { now < $0.pausedUntil ? 0 : $0.width } }

    var pausedUntil: Duration { state.withLock { $0.pausedUntil } }

    /// The outside took everything of the last round.
    func succeeded() {
        state.withLock {
            $0.width = min($0.width * 2, settings.window)
            $0.pause = settings.shortestPause
        }
    }

    /// The outside did not look at something, and named the time to come again, or none.
    func failed(at now: Duration, comeAgainAfter named: Duration?) {
        state.withLock {
            // One pause for all that failed together. A time that the outside names may lengthen it, up to a limit of ours,
            // and never shortens it: whoever is at fault does not set our pace.
            let isFirst = now >= $0.pausedUntil
            guard isFirst || named != nil else { return }
            $0.width = 1
            let wait = max(isFirst ? $0.pause : .zero, min(named ?? .zero, settings.longestNamedPause))
            $0.pausedUntil = max($0.pausedUntil, now + wait)
            if isFirst { $0.pause = min($0.pause * 2, settings.longestPause) }
        }
    }
}
