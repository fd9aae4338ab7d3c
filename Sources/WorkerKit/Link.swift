// Owns: one TCP connection to the coordinator, as messages. Knows nothing of what they mean, nor of when to connect.
import Leasing
import NIOCore
import NIOPosix
import NIOSSL
import Wire

/// What a connection tells its owner, on its event loop.
protocol LinkOwner: Sendable {
    func linkRead(_ message: Message, from channel: any Channel)
    func linkFailed(_ error: any Error, on channel: any Channel)
    func linkClosed(_ channel: any Channel)
}

/// Makes connections to one coordinator.
struct LinkMaker: Sendable {
    var host: String
    var port: Int
    var tls: NIOSSLContext?

    /// The channel is on `eventLoop`, and `owner` is called there.
    func connect(on eventLoop: any EventLoop, owner: any LinkOwner) -> EventLoopFuture<any Channel> {
        ClientBootstrap(group: eventLoop)
            .connectTimeout(.seconds(5))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: serverName))
                    }
                    try pipeline.addHandlers(EnvelopeCodec.handlers(peer: .coordinator))
                    try pipeline.addHandler(LinkHandler(owner: owner))
                }
            }
            .connect(host: host, port: port)
    }

    /// nil for an address: then the certificate must name the address.
    private var serverName: String? {
        (try? SocketAddress(ipAddress: host, port: port)) == nil ? host : nil
    }
}

private final class LinkHandler: ChannelInboundHandler {
    typealias InboundIn = Message
    typealias OutboundOut = Message

    private let owner: any LinkOwner

    init(owner: any LinkOwner) { self.owner = owner }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        owner.linkRead(Self.unwrapInboundIn(data), from: context.channel)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        owner.linkFailed(error, on: context.channel)
        // A WireError has its farewell on the way, and its sender closes; anything else ends the connection here.
        if !(error is WireError) { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        owner.linkClosed(context.channel)
        context.fireChannelInactive()
    }
}
