// Owns: saying once that a service refuses or is out of reach, and once that it serves again. Knows nothing of what is done
// about it.
import Synchronization

/// What a person should know of a service, from its answers. Many requests are under way at once and some may fail while others
/// do not: the service serves again when nothing has failed for a while.
final class ServiceTrouble: Sendable {
    private struct State {
        /// What was said since the service served last, so that each is said once; none: it serves.
        var said: Set<String> = []
        var lastHeard: ContinuousClock.Instant?
        var count = 0
    }

    /// Quiet time after which the service serves again.
    private static let calm: Duration = .seconds(3)

    private let service: String
    private let tokenFile: String
    private let note: @Sendable (String) -> Void
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    init(
        of service: String, tokenFile: String, note: @escaping @Sendable (String) -> Void,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock().now }
    ) {
        self.service = service
        self.tokenFile = tokenFile
        self.note = note
        self.now = now
    }

    func heard(_ response: HTTP2Response, _ method: String, _ path: String) {
        // Ids stand behind the second part of a path.
        let place = path.split(separator: "/").prefix(2).joined(separator: "/")
        switch response.status {
        case 401, 403: failed("status \(response.status): expected it to take the token of \(tokenFile)")
        case 429: failed("status 429: it takes no more for now")
        case 500...: failed("status \(response.status) for \(method) /\(place)")
        case 400..<500 where !response.hasRefusalCode:
            failed(
                "status \(response.status) for \(method) /\(place), without a code of its API: is the address right?")
        default: served()
        }
    }

    func heard(_ failure: HTTP2Failure) {
        // The client's own end is nobody's fault.
        if failure.code != .cancelled, failure.code != .closed {
            failed("\(failure.code.rawValue): \(failure.message)", as: failure.code.rawValue)
        }
    }

    /// - Parameter kind: what is said once, where the words differ from time to time.
    private func failed(_ words: String, as kind: String? = nil) {
        let isNew = state.withLock { state in
            state.lastHeard = now()
            state.count += 1
            return state.said.insert(kind ?? words).inserted
        }
        if isNew { note("\(service): \(words)") }
    }

    private func served() {
        let count = state.withLock { state -> Int? in
            guard !state.said.isEmpty, let last = state.lastHeard, last.duration(to: now()) >= Self.calm else {
                return nil
            }
            defer { state = State() }
            return state.count
        }
        if let count { note("\(service): serves again, after \(count) failure\(count == 1 ? "" : "s")") }
    }
}

extension HTTP2Response {
    /// Whether the service itself says why it refuses: a proxy's page has no such code.
    var hasRefusalCode: Bool { ServiceJSON.refusalCode(of: self) != "status_\(status)" }
}
