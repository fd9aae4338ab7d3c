// Owns: the requests that wait for a stream, and which connection is the current one. Confined to the client's event
// loop. Knows nothing of frames.
import NIOCore
import NIOPosix
import NIOSSL

final class HTTP2ClientCore {
    private enum State {
        case idle
        case connecting(timer: Scheduled<Void>)
        case connected(HTTP2Connection)
        case closed
    }

    private let configuration: HTTP2ClientConfiguration
    private let eventLoop: any EventLoop
    private var tls: NIOSSLContext?
    private var state = State.idle
    /// Counts the connections that were tried, so that news of an earlier one is not taken for the present one's.
    private var attempt = 0
    /// Has its channel, but is not ready for requests yet.
    private var opening: HTTP2Connection?
    /// Only finish what they have.
    private var draining: [ObjectIdentifier: HTTP2Connection] = [:]
    /// Not yet on a stream, in the order in which they came.
    private var waiting = CircularBuffer<HTTP2Exchange>()

    init(_ configuration: HTTP2ClientConfiguration, eventLoop: any EventLoop) {
        self.configuration = configuration
        self.eventLoop = eventLoop
    }

    private var place: String { configuration.origin.description }

    func start(_ exchange: HTTP2Exchange) {
        guard !exchange.isDone else { return }
        if case .closed = state {
            return exchange.finish(.failure(HTTP2Failure(.closed, .notProcessed, "\(place): the client was closed")))
        }
        let timeout = exchange.request.timeout ?? configuration.requestTimeout
        let message = "\(place): expected a response within \(timeout)"
        exchange.timer = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(timeout)) {
            exchange.abandon(.timedOut, message)
        }
        waiting.append(exchange)
        pump()
    }

    func close() {
        let before = state
        state = .closed
        failWaiting(HTTP2Failure(.closed, .notProcessed, "\(place): the client was closed"))
        switch before {
        case .connecting(let timer): timer.cancel()
        case .connected(let connection): connection.close()
        case .idle, .closed: break
        }
        opening?.close()
        for connection in draining.values { connection.close() }
    }

    /// Puts waiting requests on streams while there is room; opens a connection where there is none.
    private func pump() {
        switch state {
        case .idle:
            while let first = waiting.first, first.isDone { waiting.removeFirst() }
            if !waiting.isEmpty { connect() }
        case .connected(let connection):
            while connection.hasRoom, let exchange = waiting.popFirst() {
                if exchange.isDone || connection.start(exchange) { continue }
                waiting.prepend(exchange)
                break
            }
            if connection.isExhausted { connection.drain() }
        case .connecting, .closed:
            break
        }
    }

    private func failWaiting(_ failure: HTTP2Failure) {
        let failed = waiting
        waiting.removeAll()
        for exchange in failed { exchange.finish(.failure(failure)) }
    }
}

// MARK: - Connecting

extension HTTP2ClientCore {
    private func connect() {
        do {
            try makeTLS()
        } catch {
            return failWaiting(HTTP2Failure(.invalidConfiguration, .notProcessed, "\(place): TLS settings: \(error)"))
        }
        attempt += 1
        let attempt = self.attempt
        let limit = configuration.connectTimeout
        let timer = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) {
            self.connectFailed(attempt, .connectTimedOut, "expected a connection that is ready within \(limit)")
        }
        state = .connecting(timer: timer)
        let core = NIOLoopBound(self, eventLoop: eventLoop)
        ClientBootstrap(group: eventLoop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connectTimeout(TimeAmount(limit))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try core.value.install(on: channel, attempt) }
            }
            .connect(host: configuration.origin.host, port: configuration.origin.port)
            .whenFailure { error in
                core.value.connectFailed(attempt, .connectFailed, "\(error)")
            }
    }

    private func makeTLS() throws {
        guard configuration.origin.scheme == .https, tls == nil else { return }
        var settings = TLSConfiguration.makeClientConfiguration()
        settings.applicationProtocols = ["h2"]
        settings.minimumTLSVersion = .tlsv12
        settings.certificateVerification = .fullVerification
        if let file = configuration.certificateAuthorityFile { settings.trustRoots = .file(file) }
        tls = try NIOSSLContext(configuration: settings)
    }

    private func install(on channel: any Channel, _ attempt: Int) throws {
        guard case .connecting = state, attempt == self.attempt else {
            throw HTTP2Failure(.connectTimedOut, .notProcessed, "\(place): nobody waits for this connection any more")
        }
        let pipeline = channel.pipeline.syncOperations
        if let tls {
            let host = configuration.origin.host
            // An address is no name to ask for; the certificate is then checked against the address itself.
            let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
            try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : host))
        }
        let connection = HTTP2Connection(configuration: configuration, client: self)
        opening = connection
        try pipeline.addHandler(connection)
    }

    private func connectFailed(_ attempt: Int, _ code: HTTP2Failure.Code, _ message: String) {
        guard case .connecting(let timer) = state, attempt == self.attempt else { return }
        timer.cancel()
        state = .idle
        let connection = opening
        opening = nil
        connection?.fail(code, message)
        failWaiting(HTTP2Failure(code, .notProcessed, "\(place): \(message)"))
    }
}

// MARK: - What connections tell

extension HTTP2ClientCore: HTTP2ConnectionOwner {
    func connectionIsReady(_ connection: HTTP2Connection) {
        guard case .connecting(let timer) = state, connection === opening else { return connection.close() }
        timer.cancel()
        opening = nil
        state = .connected(connection)
        pump()
    }

    func connectionHasRoom() { pump() }

    /// What waits goes over a new connection.
    func connectionDrains(_ connection: HTTP2Connection) {
        guard case .connected(let current) = state, current === connection else { return }
        draining[ObjectIdentifier(connection)] = connection
        state = .idle
        pump()
    }

    func connectionEnded(_ connection: HTTP2Connection, _ failure: HTTP2Failure) {
        if connection === opening {
            opening = nil
            connectFailed(attempt, failure.code, failure.message)
        } else if case .connected(let current) = state, current === connection {
            state = .idle
            pump()
        } else {
            draining[ObjectIdentifier(connection)] = nil
        }
    }
}
