// Owns: one connection: the session on a channel, which exchange is on which stream, and how each of them ends when
// the connection does. Confined to its event loop. Knows no queue of requests: the client has it.
import NIOCore
import NIOSSL
import NIOTLS

/// Who opened a connection and hears what becomes of it.
protocol HTTP2ConnectionOwner: AnyObject {
    func connectionIsReady(_ connection: HTTP2Connection)
    func connectionHasRoom()
    /// It finishes what it has and takes nothing more.
    func connectionDrains(_ connection: HTTP2Connection)
    func connectionEnded(_ connection: HTTP2Connection, _ failure: HTTP2Failure)
}

final class HTTP2Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        /// TCP, TLS, and the peer's SETTINGS.
        case opening
        case ready
        /// No new requests; those under way finish.
        case draining
        case ended
    }

    private let configuration: HTTP2ClientConfiguration
    private let session: NGHTTP2Session
    private var client: (any HTTP2ConnectionOwner)?
    private var phase = Phase.opening
    private var context: ChannelHandlerContext?
    private var exchanges: [Int32: HTTP2Exchange] = [:]
    private var goAwayLastStream: Int32?
    private var isFlushPlanned = false
    private var keepAlive: Scheduled<Void>?
    private var pingTimer: Scheduled<Void>?

    /// Bytes put into the channel in one go; the channel's own water mark stops us between two.
    private static let chunk = 64 * 1024

    init(configuration: HTTP2ClientConfiguration, client: any HTTP2ConnectionOwner) {
        self.configuration = configuration
        self.session = NGHTTP2Session(maximumResponseBytes: configuration.maximumResponseBytes)
        self.client = client
    }

    // MARK: - What the client asks

    /// Whether one more request may be put on a stream now.
    var hasRoom: Bool {
        phase == .ready && session.takesRequests && context?.channel.isWritable == true
            && session.streams.count < min(configuration.maximumConcurrentStreams, session.peerStreamLimit)
    }

    /// Its stream ids are used up.
    var isExhausted: Bool { phase == .ready && !session.takesRequests }

    /// Takes no more requests and ends when those under way have.
    func drain() {
        guard phase == .ready else { return }
        phase = .draining
        client?.connectionDrains(self)
        planFlush()
    }

    /// Puts the request on a stream of its own. False: the session takes none any more.
    func start(_ exchange: HTTP2Exchange) -> Bool {
        let request = exchange.request
        let pseudo = [
            HTTP2Header(":method", request.method),
            HTTP2Header(":scheme", configuration.origin.scheme.rawValue),
            HTTP2Header(":authority", configuration.origin.authority),
            HTTP2Header(":path", request.path),
        ]
        let length = request.body.isEmpty ? [] : [HTTP2Header("content-length", String(request.body.count))]
        guard let id = session.submit(pseudo + request.headers + length, body: request.body) else { return false }
        exchanges[id] = exchange
        exchange.cancelStream = { [self] in abandon(id) }
        planFlush()
        return true
    }

    /// Nobody waits for this stream any more. Returns whether the peer may have seen it.
    private func abandon(_ id: Int32) -> HTTP2Failure.Certainty {
        let certainty = self.certainty(of: session.streams[id])
        exchanges[id] = nil
        session.cancel(id)
        planFlush()
        return certainty
    }

    func close() {
        guard phase != .ended else { return }
        session.terminate()
        send()
        end(HTTP2Failure(.closed, .unknown, "\(configuration.origin): the client was closed"))
    }

    /// Gives up: what is under way fails with this cause.
    func fail(_ code: HTTP2Failure.Code, _ message: String) {
        end(HTTP2Failure(code, .unknown, "\(configuration.origin): \(message)"))
    }

    // MARK: - The channel

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func channelActive(context: ChannelHandlerContext) {
        // Over TLS the protocol is agreed on first.
        if configuration.origin.scheme == .http { begin() }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted(let agreed)? = event as? TLSUserEvent {
            if agreed == "h2" {
                begin()
            } else {
                fail(.notHTTP2, "ALPN: expected h2, got \(agreed ?? "nothing")")
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase != .ended else { return }
        let (code, events) = session.receive(unwrapInboundIn(data))
        handle(events)
        guard phase != .ended else { return }
        guard code >= 0 else { return fail(brokenCode, "received: \(NGHTTP2Session.text(ofLibraryError: code))") }
        planFlush()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            flush()
            client?.connectionHasRoom()
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as NIOSSLError where phase == .opening: fail(.tlsFailed, "TLS: \(error)")
        case let error as NIOSSLExtraError where phase == .opening: fail(.tlsFailed, "TLS: \(error)")
        case let error as BoringSSLError where phase == .opening: fail(.tlsFailed, "TLS: \(error)")
        default: fail(phase == .opening ? .connectFailed : .connectionLost, "\(error)")
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(phase == .opening ? .connectFailed : .connectionLost, "the server closed the connection")
        context.fireChannelInactive()
    }

    /// A peer that breaks the rules before it has said SETTINGS speaks something else.
    private var brokenCode: HTTP2Failure.Code { phase == .opening ? .notHTTP2 : .protocolError }

    // MARK: - The session

    private func begin() {
        session.start()
        flush()
    }

    /// Everything that one turn of the event loop asks for goes out together.
    private func planFlush() {
        guard !isFlushPlanned, phase != .ended, let context else { return }
        isFlushPlanned = true
        context.eventLoop.assumeIsolated().execute {
            self.isFlushPlanned = false
            self.flush()
        }
    }

    private func flush() {
        send()
        guard phase != .ended else { return }
        if session.isFinished {
            fail(brokenCode, "the session is over")
        } else if phase == .draining, exchanges.isEmpty {
            fail(.goAway, "the server is going away")
        }
    }

    /// Puts what the session has into the channel, as far as the channel takes it.
    private func send() {
        guard phase != .ended, let context else { return }
        while context.channel.isWritable {
            let (bytes, code, events) = session.produce(limit: Self.chunk, allocator: context.channel.allocator)
            if bytes.readableBytes > 0 { context.write(wrapOutboundOut(bytes), promise: nil) }
            handle(events)
            guard phase != .ended else { return }
            if code < 0 {
                context.flush()
                return fail(brokenCode, "sending: \(NGHTTP2Session.text(ofLibraryError: code))")
            }
            if bytes.readableBytes == 0 { break }
        }
        context.flush()
    }

    private func handle(_ events: [NGHTTP2Session.Event]) {
        for event in events {
            switch event {
            case .settings:
                if phase == .opening {
                    phase = .ready
                    planPing()
                    client?.connectionIsReady(self)
                }
            case .pingAcknowledged:
                pingTimer?.cancel()
                pingTimer = nil
                planPing()
            case .goAway(let lastStream, let code, let text):
                goAwayLastStream = lastStream
                if phase == .opening {
                    let name = NGHTTP2Session.text(ofErrorCode: code)
                    fail(.connectFailed, "the server is going away: \(name) \(text.prefix(200))")
                } else {
                    drain()
                }
            case .closed(let id, let stream, let code):
                exchanges.removeValue(forKey: id)?.finish(result(of: stream, id, code))
            }
        }
        if !events.isEmpty { client?.connectionHasRoom() }
    }

    private func certainty(of stream: NGHTTP2Session.Stream?) -> HTTP2Failure.Certainty {
        stream?.mayBeSeen == true ? .unknown : .notProcessed
    }

    /// What a stream that is over came to.
    private func result(
        of stream: NGHTTP2Session.Stream, _ id: Int32, _ code: UInt32
    ) -> Result<HTTP2Response, HTTP2Failure> {
        let name = NGHTTP2Session.text(ofErrorCode: code)
        let place = "\(configuration.origin) stream \(id)"
        if stream.isTooLarge {
            let limit = configuration.maximumResponseBytes
            return .failure(
                HTTP2Failure(
                    .responseTooLarge, .unknown, "\(place): expected a body of \(limit) bytes at most, got more"))
        }
        if stream.hasEnded, stream.hasHead {
            return .success(HTTP2Response(status: stream.status, headers: stream.headers, body: stream.response))
        }
        if let last = goAwayLastStream, id > last {
            return .failure(HTTP2Failure(.goAway, .notProcessed, "\(place): the server went away after stream \(last)"))
        }
        if code == HTTP2ErrorCode.refusedStream {
            return .failure(HTTP2Failure(.refusedStream, .notProcessed, "\(place): \(name)"))
        }
        return .failure(
            HTTP2Failure(.streamReset, certainty(of: stream), "\(place): expected a whole response, got \(name)"))
    }

    private func end(_ failure: HTTP2Failure) {
        guard phase != .ended else { return }
        phase = .ended
        keepAlive?.cancel()
        pingTimer?.cancel()
        let open = exchanges
        exchanges = [:]
        for (id, exchange) in open {
            exchange.finish(.failure(failure.with(certainty(of: session.streams[id]))))
        }
        client?.connectionEnded(self, failure)
        client = nil
        context?.close(promise: nil)
        context = nil
    }

    // MARK: - Keep-alive

    private func planPing() {
        guard let context else { return }
        keepAlive = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(configuration.keepAliveInterval)) {
            self.ping()
        }
    }

    private func ping() {
        guard phase == .ready || phase == .draining, let context else { return }
        session.ping()
        flush()
        pingTimer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(configuration.keepAliveTimeout)) {
            self.fail(.connectionLost, "PING: expected an answer within \(self.configuration.keepAliveTimeout)")
        }
    }
}

/// The codes of RFC 9113 that mean something of their own here.
enum HTTP2ErrorCode {
    static let refusedStream: UInt32 = 7
}
