// Owns: a coordinator for tests: real TCP, real frames, and only the answers that a test gives.
@testable import Leasing
import NIOCore
import NIOPosix
import NIOSSL
@testable import Wire

/// Listens on a port of the loopback. Hello and heartbeats are answered by themselves; everything else is the test's.
final class FakeCoordinator: Sendable {
    private let server: any Channel
    private let sessions: AsyncStream<Session>

    /// - Parameter greet: the answer to a Hello.
    init(
        port: Int = 0, limits: Limits = .quick, tls: NIOSSLContext? = nil,
        greet: (@Sendable (Message.Hello) -> Message)? = nil
    ) async throws {
        let (sessions, continuation) = AsyncStream<Session>.makeStream()
        self.sessions = sessions
        let greet = greet ?? { _ in .welcome(Message.Welcome(version: 1, limits: limits, coordinator: "fake")) }
        server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let session = Session(channel)
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandlers(EnvelopeCodec.handlers())
                    try channel.pipeline.syncOperations.addHandler(
                        SessionHandler(session: session, limits: limits, greet: greet))
                    continuation.yield(session)
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
    }

    var port: Int { server.localAddress?.port ?? 0 }

    /// The next connection.
    func session() async -> Session {
        for await session in sessions { return session }
        preconditionFailure("the stream of sessions never ends")
    }

    func close() async { try? await server.close() }

    /// One connection.
    final class Session: Sendable {
        private let channel: any Channel
        private let messages: AsyncStream<Message>
        let continuation: AsyncStream<Message>.Continuation

        init(_ channel: any Channel) {
            self.channel = channel
            (messages, continuation) = AsyncStream<Message>.makeStream()
        }

        func send(_ message: Message) { channel.writeAndFlush(message, promise: nil) }
        func close() async { try? await channel.close() }

        /// The next message that is not a heartbeat; nil when the worker has gone.
        func receive() async -> Message? {
            for await message in messages {
                if case .heartbeat = message { continue }
                return message
            }
            return nil
        }

        func hello() async -> Message.Hello? {
            if case .hello(let hello) = await receive() { hello } else { nil }
        }
        func request() async -> Message.LeaseRequest? {
            if case .leaseRequest(let request) = await receive() { request } else { nil }
        }

        /// The next report; requests for more work are passed over.
        func report() async -> Message.Report? {
            while let message = await receive() { if case .report(let report) = message { return report } }
            return nil
        }

        /// The next release; requests for more work are passed over.
        func release() async -> Message.Release? {
            while let message = await receive() { if case .release(let release) = message { return release } }
            return nil
        }

        func grant(_ request: Message.LeaseRequest?, _ lease: LeaseKey, _ tasks: [GrantedTask]) {
            send(
                .leaseGranted(
                    Message.LeaseGranted(
                        request: request?.id ?? 0, lease: lease, durationMilliseconds: 30_000, tasks: tasks)))
        }

        func acknowledge(_ report: Message.Report?, _ verdict: Verdict = .accepted) {
            guard let report else { return }
            let verdicts = report.outcomes.map { Message.TaskVerdict(task: $0.task, verdict: verdict) }
            send(.reportAck(Message.ReportAck(report: report.id, lease: report.lease.id, verdicts: verdicts)))
        }

        func acknowledge(_ release: Message.Release?) {
            guard let release else { return }
            let verdicts = release.tasks.map { Message.TaskVerdict(task: $0, verdict: .accepted) }
            send(.releaseAck(Message.ReleaseAck(release: release.id, verdicts: verdicts)))
        }
    }
}

extension Limits {
    /// Heartbeats of a tenth of a second.
    static var quick: Limits {
        var limits = Limits()
        limits.heartbeatMilliseconds = 100
        return limits
    }
}

private final class SessionHandler: ChannelInboundHandler {
    typealias InboundIn = Message
    typealias OutboundOut = Message

    private let session: FakeCoordinator.Session
    private let limits: Limits
    private let greet: @Sendable (Message.Hello) -> Message

    init(session: FakeCoordinator.Session, limits: Limits, greet: @escaping @Sendable (Message.Hello) -> Message) {
        self.session = session
        self.limits = limits
        self.greet = greet
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let message = Self.unwrapInboundIn(data)
        switch message {
        case .hello(let hello): context.writeAndFlush(Self.wrapOutboundOut(greet(hello)), promise: nil)
        case .heartbeat(let beat):
            // Lease 0xdead is always lost.
            let (lost, held) = (
                beat.leases.filter { $0.id == LeaseID(0xdead) }, beat.leases.filter { $0.id != LeaseID(0xdead) }
            )
            let reply = Message.HeartbeatReply(
                sequence: beat.sequence, durationMilliseconds: limits.leaseMilliseconds, extended: held.map(\.id),
                lost: lost.map(\.id))
            context.writeAndFlush(Self.wrapOutboundOut(.heartbeatReply(reply)), promise: nil)
        default: break
        }
        session.continuation.yield(message)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    func channelInactive(context: ChannelHandlerContext) { session.continuation.finish() }
}
