// Owns: sockets: connections in, messages to the loop, directives out. Knows nothing of leases or tasks.
import DispatchCore
import Foundation
import Leasing
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import SystemParts
import Wire

/// The coordinator's side of all connections.
final class Listener: Transport {
    private let group: MultiThreadedEventLoopGroup
    private let server: any Channel
    private let table: ConnectionTable

    /// Binds and begins to accept.
    /// - Throws: when the address cannot be had or a TLS file cannot be used.
    init(configuration: CoordinatorConfiguration, inbox: Inbox, logger: Logger) throws {
        let identity: ServerIdentity?
        do {
            try Self.demandPrivacy(of: configuration)
            identity = try configuration.tls.map { try ServerIdentity($0, logger: logger) }
        } catch {
            throw ListenFault(host: configuration.host, port: configuration.port, reason: "\(error)")
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let table = ConnectionTable(limits: configuration.limits, logger: logger)
        self.group = group
        self.table = table
        let workers = configuration.tls?.workers ?? WorkerCertificates()
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    let current = identity?.current()
                    if let current { try pipeline.addHandler(NIOSSLServerHandler(context: current.context)) }
                    try pipeline.addHandlers(
                        EnvelopeCodec.handlers(handshakeBytes: configuration.limits.handshakeFrameBytes))
                    try pipeline.addHandler(
                        SessionHandler(
                            inbox: inbox, table: table, limits: configuration.limits,
                            door: current.map { .certificates(workers, revoked: $0.revoked) } ?? .open))
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

    /// What is said without TLS is said to everybody on the way.
    private static func demandPrivacy(of configuration: CoordinatorConfiguration) throws(TLSFileFault) {
        guard configuration.tls == nil, !configuration.allowsClearText, !Loopback.contains(configuration.host) else {
            return
        }
        throw TLSFileFault(
            "expected tls in the configuration for an address that other machines reach, got none. If clear text is meant: "
                + "clearText: allowed")
    }
}

/// The address could not be listened on.
package struct ListenFault: Error, CustomStringConvertible {
    package var host: String
    package var port: Int
    package var reason: String
    package var description: String { "cannot listen on \(host):\(port): \(reason)" }
}
