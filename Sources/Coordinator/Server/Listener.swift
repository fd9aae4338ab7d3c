// Owns: sockets: connections in, messages to the loop, actions out. Knows nothing of leases or tasks.
import Foundation
import Leasing
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import Wire

/// The coordinator's side of all connections.
final class Listener: Speaker {
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
                    try pipeline.addHandler(SessionHandler(inbox: inbox, table: table))
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

    func perform(_ actions: [Action]) { table.perform(actions) }

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
public struct ListenFault: Error, CustomStringConvertible {
    public var host: String
    public var port: Int
    public var reason: String
    public var description: String { "cannot listen on \(host):\(port): \(reason)" }
}

/// The open connections by session.
private final class ConnectionTable: Sendable {
    private struct State {
        var channels: [SessionID: any Channel] = [:]
        var last: UInt64 = 0
    }

    private let state = NIOLockedValueBox(State())
    private let limits: Limits
    private let logger: Logger

    init(limits: Limits, logger: Logger) {
        self.limits = limits
        self.logger = logger
    }

    func add(_ channel: any Channel) -> SessionID {
        state.withLockedValue { state in
            state.last += 1
            let id = SessionID(state.last)
            state.channels[id] = channel
            return id
        }
    }

    func remove(_ id: SessionID) { state.withLockedValue { _ = $0.channels.removeValue(forKey: id) } }

    func refused(_ channel: any Channel, _ fault: WireError) {
        logger.warning("connection from \(channel.remoteAddress?.description ?? "unknown") refused: \(fault)")
    }

    func perform(_ actions: [Action]) {
        for action in actions {
            switch action {
            case .send(let id, let message):
                guard let channel = state.withLockedValue({ $0.channels[id] }) else { continue }
                send(message, to: channel, id)
            case .close(let id):
                guard let channel = state.withLockedValue({ $0.channels[id] }) else { continue }
                // Behind what was written before on the same loop.
                channel.eventLoop.execute { channel.close(promise: nil) }
            }
        }
    }

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
        let channels = state.withLockedValue { Array($0.channels.values) }
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

/// One connection's messages to the loop.
private final class SessionHandler: ChannelInboundHandler {
    typealias InboundIn = Message
    typealias OutboundOut = Message

    private let inbox: Inbox
    private let table: ConnectionTable
    private var session: SessionID?

    init(inbox: Inbox, table: ConnectionTable) {
        self.inbox = inbox
        self.table = table
    }

    func channelActive(context: ChannelHandlerContext) {
        let id = table.add(context.channel)
        session = id
        inbox.add(.connected(id))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let session else { return }
        inbox.add(.message(session, unwrapInboundIn(data)))
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
        table.remove(session)
        inbox.add(.closed(session))
    }
}
