// Owns: sockets: connections in, messages to the loop, directives out. Knows nothing of leases or tasks.
import DispatchCore
import Foundation
import Leasing
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import Wire

/// The coordinator's side of all connections.
final class Listener: Transport {
    private let group: MultiThreadedEventLoopGroup
    private let server: any Channel
    private let table: ConnectionTable

    /// Binds and begins to accept.
    /// - Throws: when the address cannot be had or a TLS file cannot be used.
    init(configuration: CoordinatorConfiguration, inbox: Inbox, logger: Logger) throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let table = ConnectionTable(limits: configuration.limits, logger: logger)
        let tls = try configuration.tls.map(Listener.context)
        self.group = group
        self.table = table
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandlers(
                        EnvelopeCodec.handlers(handshakeBytes: configuration.limits.handshakeFrameBytes))
                    try pipeline.addHandler(
                        SessionHandler(
                            inbox: inbox, table: table, waitingLimit: configuration.limits.messagesPerSession))
                }
            }
        do {
            server = try bootstrap.bind(host: configuration.host, port: configuration.port).wait()
        } catch {
            try? group.syncShutdownGracefully()
            throw ListenFault(host: configuration.host, port: configuration.port, reason: "\(error)")
        }
    }

    var port: Int { server.localAddress?.port ?? 0 }

    func perform(_ directives: [Directive]) { table.perform(directives) }

    func taken(_ inputs: [Input]) {
        var counts: [SessionID: Int] = [:]
        for case .message(let session, _) in inputs { counts[session, default: 0] += 1 }
        table.taken(counts)
    }

    /// Stops accepting, lets what was sent leave, and closes.
    func close() {
        try? server.close().wait()
        table.closeAll(within: .seconds(2), on: group.next())
        try? group.syncShutdownGracefully()
    }

    private static func context(_ files: CoordinatorConfiguration.TLSFiles) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv13
        configuration.trustRoots = .file(files.workerAuthority)
        configuration.certificateVerification = .noHostnameVerification
        return try NIOSSLContext(configuration: configuration)
    }
}

/// The address could not be listened on.
package struct ListenFault: Error, CustomStringConvertible {
    package var host: String
    package var port: Int
    package var reason: String
    package var description: String { "cannot listen on \(host):\(port): \(reason)" }
}

/// The open connections by session.
private final class ConnectionTable: Sendable {
    private struct Connection {
        var channel: any Channel
        /// Called on the channel's loop, with how many messages the core has taken.
        var taken: @Sendable (Int) -> Void
    }

    private struct State {
        var connections: [SessionID: Connection] = [:]
        var last: UInt64 = 0
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

    func refused(_ channel: any Channel, _ fault: WireError) {
        logger.warning("connection from \(channel.remoteAddress?.description ?? "unknown") refused: \(fault)")
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

/// One connection's messages to the loop. While too many of them wait there, nothing more is read: a worker that talks
/// faster than it can be answered fills its own buffers, not the coordinator's memory.
private final class SessionHandler: ChannelDuplexHandler {
    typealias InboundIn = Message
    typealias OutboundIn = Message
    typealias OutboundOut = Message

    private let inbox: Inbox
    private let table: ConnectionTable
    private let waitingLimit: Int
    private var session: SessionID?
    /// Messages that the loop has not taken yet.
    private var waiting = 0
    private var holdsRead = false

    init(inbox: Inbox, table: ConnectionTable, waitingLimit: Int) {
        self.inbox = inbox
        self.table = table
        self.waitingLimit = waitingLimit
    }

    func channelActive(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let id = table.add(context.channel) { count in
            let (handler, context) = bound.value
            handler.taken(count, context)
        }
        session = id
        inbox.add(.connected(id))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let session else { return }
        waiting += 1
        inbox.add(.message(session, unwrapInboundIn(data)))
    }

    func read(context: ChannelHandlerContext) {
        if waiting >= waitingLimit { holdsRead = true } else { context.read() }
    }

    private func taken(_ count: Int, _ context: ChannelHandlerContext) {
        waiting -= count
        guard holdsRead, waiting < waitingLimit, session != nil else { return }
        holdsRead = false
        context.read()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The codec has answered what could not be read, and closes; any other fault ends the connection here.
        if let fault = error as? WireError {
            table.refused(context.channel, fault)
        } else {
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        guard let session else { return }
        self.session = nil
        table.remove(session)
        inbox.add(.closed(session))
    }
}
