// Owns: one connection's messages to the loop, and who is at its other end. Knows nothing of leases or tasks.
import DispatchCore
import Leasing
import NIOCore
import NIOSSL
import NIOTLS
import Wire

/// Who may come in.
enum Door: Sendable {
    /// Without TLS.
    case open
    case certificates(WorkerCertificates, revoked: Set<String>)
}

/// One connection's messages to the loop. While too many of them wait there, nothing more is read: a worker that talks
/// faster than it can be answered fills its own buffers, not the coordinator's memory.
final class SessionHandler: ChannelDuplexHandler {
    typealias InboundIn = Message
    typealias OutboundIn = Message
    typealias OutboundOut = Message

    private let inbox: Inbox
    private let table: ConnectionTable
    private let limits: Limits
    private let door: Door
    private var session: SessionID?
    /// Where it is counted; nil: it was not let in.
    private var address: String?
    private var isWelcome = false
    private var handshake: Scheduled<Void>?
    /// Messages that the loop has not taken yet.
    private var waiting = 0
    private var holdsRead = false

    init(inbox: Inbox, table: ConnectionTable, limits: Limits, door: Door) {
        self.inbox = inbox
        self.table = table
        self.limits = limits
        self.door = door
    }

    func channelActive(context: ChannelHandlerContext) {
        let address = context.remoteAddress?.ipAddress ?? "unknown"
        if let reason = table.enter(address) {
            refuse(context, reason)
            return
        }
        self.address = address
        switch door {
        case .open: begin(.anyone, context)
        case .certificates:
            // Until it has shown who it is, the core knows nothing of it.
            handshake = context.eventLoop.assumeIsolated().scheduleTask(
                in: .milliseconds(limits.handshakeMilliseconds)
            ) {
                self.refuse(
                    context, "expected a TLS handshake within \(self.limits.handshakeMilliseconds) ms, got none")
            }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent, case .certificates(let workers, let revoked) = door {
            handshake?.cancel()
            admit(context, workers, revoked)
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func admit(_ context: ChannelHandlerContext, _ workers: WorkerCertificates, _ revoked: Set<String>) {
        guard let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate(),
            let fingerprint = try? certificate.fingerprint(), let principal = workers.principal(of: certificate)
        else { return refuse(context, "expected a certificate that can be read, got another or none") }
        guard !revoked.contains(fingerprint) else {
            return refuse(context, "the certificate of \(principal.name) is revoked")
        }
        begin(principal, context)
    }

    private func begin(_ principal: Principal, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let id = table.add(context.channel) { count in
            let (handler, context) = bound.value
            handler.taken(count, context)
        }
        session = id
        inbox.add(.connected(id, principal))
    }

    private func refuse(_ context: ChannelHandlerContext, _ reason: String) {
        table.refused(context.remoteAddress, reason)
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let session else { return }
        waiting += 1
        inbox.add(.message(session, unwrapInboundIn(data)))
    }

    func read(context: ChannelHandlerContext) {
        if waiting >= limits.messagesPerSession { holdsRead = true } else { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .welcome = unwrapOutboundIn(data), !isWelcome, let address {
            isWelcome = true
            table.welcomed(address)
        }
        context.write(data, promise: promise)
    }

    private func taken(_ count: Int, _ context: ChannelHandlerContext) {
        waiting -= count
        guard holdsRead, waiting < limits.messagesPerSession, session != nil else { return }
        holdsRead = false
        context.read()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let fault as WireError:
            // The codec has answered what could not be read, and closes.
            table.refused(context.remoteAddress, "\(fault)")
        case is NIOSSLError, is BoringSSLError:
            refuse(context, "TLS: \(error)")
        default:
            // A connection that was reset: nothing was said.
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        handshake?.cancel()
        if let address { table.leave(address, wasWelcome: isWelcome) }
        address = nil
        guard let session else { return }
        self.session = nil
        table.remove(session)
        inbox.add(.closed(session))
    }
}
