// Owns: the open connections: which there are, how many from where, and what is sent on them. Knows nothing of what is said.
import DispatchCore
import Leasing
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Wire

/// The open connections by session.
final class ConnectionTable: Sendable {
    private struct Connection {
        var channel: any Channel
        /// Called on the channel's loop, with how many messages the core has taken.
        var taken: @Sendable (Int) -> Void
    }

    private struct State {
        var connections: [SessionID: Connection] = [:]
        var last: UInt64 = 0
        var addresses: [String: Crowd] = [:]
        var refusals = Refusals()
    }

    /// The connections of one address.
    private struct Crowd {
        var connections = 0
        /// Those that were not welcomed yet.
        var strangers = 0
    }

    /// A peer that comes and is refused a thousand times a second is not worth a thousand lines.
    private struct Refusals {
        private static let span = TimeAmount.seconds(10)
        private static let linesPerSpan = 20
        private var since = NIODeadline.distantPast
        private var count = 0

        /// - Returns: whether this one gets a line, and how many got none in a span that is over.
        mutating func say(at now: NIODeadline) -> (isSaid: Bool, unsaid: Int) {
            var unsaid = 0
            if since == .distantPast || now - since > Self.span {
                unsaid = max(0, count - Self.linesPerSpan)
                since = now
                count = 0
            }
            count += 1
            return (count <= Self.linesPerSpan, unsaid)
        }
    }

    private let state = NIOLockedValueBox(State())
    private let limits: Limits
    private let logger: Logger

    init(limits: Limits, logger: Logger) {
        self.limits = limits
        self.logger = logger
    }

    func add(_ channel: any Channel, taken: @escaping @Sendable (Int) -> Void) -> SessionID {
        state.withLockedValue { state in
            state.last += 1
            let id = SessionID(state.last)
            state.connections[id] = Connection(channel: channel, taken: taken)
            return id
        }
    }

    func remove(_ id: SessionID) { state.withLockedValue { _ = $0.connections.removeValue(forKey: id) } }

    /// Counts one more from this address.
    /// - Returns: why it is not let in; nil: it is.
    func enter(_ address: String) -> String? {
        state.withLockedValue { state in
            let here = state.addresses[address] ?? Crowd()
            let all = state.addresses.values.reduce(0) { $0 + $1.connections }
            guard all < limits.connections else { return "\(limits.connections) connections are open" }
            guard here.connections < limits.connectionsPerAddress else {
                return "\(limits.connectionsPerAddress) connections of its address are open"
            }
            guard here.strangers < limits.strangersPerAddress else {
                return "\(limits.strangersPerAddress) connections of its address have not said who they are"
            }
            state.addresses[address] = Crowd(connections: here.connections + 1, strangers: here.strangers + 1)
            return nil
        }
    }

    func welcomed(_ address: String) { state.withLockedValue { $0.addresses[address]?.strangers -= 1 } }

    func leave(_ address: String, wasWelcome: Bool) {
        state.withLockedValue { state in
            guard var here = state.addresses[address] else { preconditionFailure("\(address) left twice") }
            here.connections -= 1
            if !wasWelcome { here.strangers -= 1 }
            state.addresses[address] = here.connections == 0 ? nil : here
        }
    }

    /// Says so in the log, as often as somebody can read it.
    func refused(_ address: SocketAddress?, _ reason: String) {
        let (isSaid, unsaid) = state.withLockedValue { $0.refusals.say(at: .now()) }
        if unsaid > 0 { logger.warning("more connections were refused", metadata: ["connections": "\(unsaid)"]) }
        guard isSaid else { return }
        logger.warning(
            "connection refused", metadata: ["from": "\(address?.description ?? "unknown")", "reason": "\(reason)"])
    }

    func taken(_ counts: [SessionID: Int]) {
        for (id, count) in counts {
            guard let connection = state.withLockedValue({ $0.connections[id] }) else { continue }
            connection.channel.eventLoop.execute { connection.taken(count) }
        }
    }

    func perform(_ directives: [Directive]) {
        for action in directives {
            switch action {
            case .send(let id, let message):
                guard let channel = channel(id) else { continue }
                send(message, to: channel, id)
            case .close(let id):
                guard let channel = channel(id) else { continue }
                // Behind what was written before on the same loop.
                channel.eventLoop.execute { channel.close(promise: nil) }
            }
        }
    }

    private func channel(_ id: SessionID) -> (any Channel)? { state.withLockedValue { $0.connections[id]?.channel } }

    private func send(_ message: Message, to channel: any Channel, _ id: SessionID) {
        let limits = limits
        let logger = logger
        channel.eventLoop.execute {
            let waiting = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
            guard waiting <= limits.sessionBacklogBytes else {
                logger.warning("connection \(id) does not read: \(waiting) bytes wait for it, closing")
                channel.close(promise: nil)
                return
            }
            channel.writeAndFlush(message, promise: nil)
        }
    }

    func closeAll(within time: TimeAmount, on loop: any EventLoop) {
        let channels = state.withLockedValue { $0.connections.values.map(\.channel) }
        let closing = channels.map { channel -> EventLoopFuture<Void> in
            channel.eventLoop.execute { channel.close(promise: nil) }
            return channel.closeFuture
        }
        let all = EventLoopFuture.andAllComplete(closing, on: loop)
        let timeout = loop.scheduleTask(in: time) {}
        let promise = loop.makePromise(of: Void.self)
        all.whenComplete { _ in promise.succeed(()) }
        timeout.futureResult.whenComplete { _ in promise.succeed(()) }
        try? promise.futureResult.wait()
        timeout.cancel()
    }
}
