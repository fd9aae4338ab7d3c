// Owns: one HTTP/2 session of the C library: bytes in, bytes out, and what happened in between as a list of events.
// Knows no socket, no clock and no caller. Confined to one thread, as the library is.
import CNGHTTP2
import NIOCore

package final class NGHTTP2Session {
    /// What happened while bytes were taken in or made. Acted on after the library's call has returned, since the
    /// library must not be entered again from its own callbacks.
    package enum Event {
        /// The peer's first or later SETTINGS.
        case settings
        /// The exchange on this stream is over.
        case closed(Int32, Stream, code: UInt32)
        case goAway(lastStream: Int32, code: UInt32, text: String)
        case pingAcknowledged
    }

    /// One request and the response that is coming together for it.
    package final class Stream {
        let body: [UInt8]
        var bodySent = 0
        /// The HEADERS frame was handed over to be sent: from here on the server may act on the request.
        var mayBeSeen = false
        package fileprivate(set) var status = 0
        package fileprivate(set) var headers: [HTTP2Header] = []
        /// The final response's head is complete; header fields that come later are trailers.
        package fileprivate(set) var hasHead = false
        package fileprivate(set) var response: [UInt8] = []
        /// The peer has ended its side: the response is whole.
        package fileprivate(set) var hasEnded = false
        package fileprivate(set) var isTooLarge = false

        init(body: [UInt8]) { self.body = body }
    }

    private let session: OpaquePointer
    private let maximumResponseBytes: Int
    package private(set) var streams: [Int32: Stream] = [:]
    private var events: [Event] = []
    /// Where DATA frames are written while `produce` runs.
    private var outbound = ByteBuffer()
    private var outboundLimit = 0

    /// Receive windows: what may be under way before it is read. Bodies are gathered as they come, so that the windows
    /// only have to cover the bandwidth-delay product.
    private static let streamWindow: UInt32 = 1 << 20
    private static let connectionWindow: Int32 = 1 << 24

    package init(maximumResponseBytes: Int) {
        self.maximumResponseBytes = maximumResponseBytes
        var callbacks: OpaquePointer?
        Self.must(nghttp2_session_callbacks_new(&callbacks), "nghttp2_session_callbacks_new")
        defer { nghttp2_session_callbacks_del(callbacks) }
        setNGHTTP2Callbacks(callbacks)
        var session: OpaquePointer?
        Self.must(nghttp2_session_client_new(&session, callbacks, nil), "nghttp2_session_client_new")
        guard let session else { preconditionFailure("nghttp2_session_client_new: succeeded without a session") }
        self.session = session
        nghttp2_session_set_user_data(session, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit { nghttp2_session_del(session) }

    /// Only memory exhaustion makes these calls fail.
    private static func must(_ code: Int32, _ call: String) {
        precondition(code == 0, "\(call): expected 0, got \(code) (\(text(ofLibraryError: Int(code))))")
    }

    static func text(ofLibraryError code: Int) -> String { String(cString: nghttp2_strerror(Int32(code))) }
    static func text(ofErrorCode code: UInt32) -> String { String(cString: nghttp2_http2_strerror(code)) }

    // MARK: - What the connection asks

    /// The connection's preface: SETTINGS and a wider connection window.
    package func start() {
        var settings = [
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: Self.streamWindow),
            nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0),
        ]
        let none = UInt8(NGHTTP2_FLAG_NONE.rawValue)
        Self.must(nghttp2_submit_settings(session, none, &settings, settings.count), "nghttp2_submit_settings")
        Self.must(
            nghttp2_session_set_local_window_size(session, none, 0, Self.connectionWindow),
            "nghttp2_session_set_local_window_size")
    }

    /// Streams that the peer lets us have open; before its SETTINGS the library's careful guess.
    var peerStreamLimit: Int {
        Int(nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
    }

    /// False after GOAWAY, or when the stream ids are used up.
    package var takesRequests: Bool { nghttp2_session_check_request_allowed(session) != 0 }

    /// Nothing more can come of this session.
    package var isFinished: Bool { nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0 }

    /// Queues a request and returns its stream's id, or nil where the session takes no more. Its headers must have
    /// been checked.
    package func submit(_ fields: [HTTP2Header], body: [UInt8]) -> Int32? {
        var provider = nghttp2_data_provider(
            source: nghttp2_data_source(), read_callback: ngHTTP2ReadCallback)
        let id = withFields(fields) { pointer, count in
            body.isEmpty
                ? nghttp2_submit_request(session, nil, pointer, count, nil, nil)
                : nghttp2_submit_request(session, nil, pointer, count, &provider, nil)
        }
        guard id > 0 else {
            precondition(
                id == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE.rawValue,
                "nghttp2_submit_request: expected a stream id, got \(id) (\(Self.text(ofLibraryError: Int(id))))")
            return nil
        }
        streams[id] = Stream(body: body)
        return id
    }

    /// Tells the peer that nobody waits for this stream any more.
    package func cancel(_ id: Int32) {
        guard streams[id] != nil else { return }
        reset(id)
    }

    func ping() {
        Self.must(nghttp2_submit_ping(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil), "nghttp2_submit_ping")
    }

    /// Queues a GOAWAY after which nothing more is sent.
    func terminate() {
        Self.must(
            nghttp2_session_terminate_session(session, NGHTTP2_NO_ERROR.rawValue), "nghttp2_session_terminate_session")
    }

    /// Takes what the peer sent. A negative code of the library means that the session is broken.
    package func receive(_ bytes: ByteBuffer) -> (code: Int, events: [Event]) {
        let code = bytes.withUnsafeReadableBytes { raw in
            let bound = raw.bindMemory(to: UInt8.self)
            return nghttp2_session_mem_recv(session, bound.baseAddress, bound.count)
        }
        return (min(code, 0), takeEvents())
    }

    /// Makes at least `limit` bytes to send where there are so many, and little more.
    package func produce(limit: Int, allocator: ByteBufferAllocator) -> (bytes: ByteBuffer, code: Int, events: [Event])
    {
        outbound = allocator.buffer(capacity: 512)
        outboundLimit = limit
        var code = 0
        while outbound.readableBytes < limit {
            var pointer: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(session, &pointer)
            guard count > 0, let pointer else {
                code = min(count, 0)
                break
            }
            outbound.writeBytes(UnsafeBufferPointer(start: pointer, count: count))
        }
        let bytes = outbound
        outbound = ByteBuffer()
        return (bytes, code, takeEvents())
    }

    private func takeEvents() -> [Event] {
        defer { events = [] }
        return events
    }

    private func reset(_ id: Int32) {
        let code = nghttp2_submit_rst_stream(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, NGHTTP2_CANCEL.rawValue)
        Self.must(code, "nghttp2_submit_rst_stream")
    }

    /// The fields as the library wants them; it copies them before the call returns.
    private func withFields<Result>(
        _ fields: [HTTP2Header], _ use: (UnsafePointer<nghttp2_nv>?, Int) -> Result
    ) -> Result {
        var bytes: [UInt8] = []
        for field in fields {
            bytes.append(contentsOf: field.name.utf8)
            bytes.append(contentsOf: field.value.utf8)
        }
        return bytes.withUnsafeMutableBufferPointer { buffer in
            guard var next = buffer.baseAddress else { return use(nil, 0) }
            let pairs = fields.map { field -> nghttp2_nv in
                let name = next
                let value = name + field.name.utf8.count
                next = value + field.value.utf8.count
                // A secret stays out of the compression tables.
                let flag = field.name == "authorization" ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE
                return nghttp2_nv(
                    name: name, value: value, namelen: value - name, valuelen: next - value, flags: UInt8(flag.rawValue)
                )
            }
            return pairs.withUnsafeBufferPointer { use($0.baseAddress, $0.count) }
        }
    }
}

// MARK: - What the library tells, called by the callbacks

extension NGHTTP2Session {
    func willSendHeaders(of id: Int32) { streams[id]?.mayBeSeen = true }

    /// How much of the body goes into the next DATA frame, and whether it is the last.
    func bodyLength(of id: Int32, limit: Int) -> (length: Int, isLast: Bool) {
        guard let stream = streams[id] else { return (0, true) }
        let length = min(limit, stream.body.count - stream.bodySent)
        return (length, stream.bodySent + length == stream.body.count)
    }

    /// Writes a whole DATA frame, straight from the request's body. True: enough for now.
    func writeData(of id: Int32, header: UnsafePointer<UInt8>, length: Int) -> Bool {
        guard let stream = streams[id] else { preconditionFailure("stream \(id): DATA for a stream that is not open") }
        outbound.writeBytes(UnsafeBufferPointer(start: header, count: 9))
        outbound.writeBytes(stream.body[stream.bodySent..<stream.bodySent + length])
        stream.bodySent += length
        return outbound.readableBytes >= outboundLimit
    }

    func received(header name: String, value: String, on id: Int32) {
        guard let stream = streams[id], !stream.hasHead else { return }
        if name == ":status" {
            stream.status = Int(value) ?? 0
            stream.headers = []
        } else {
            stream.headers.append(HTTP2Header(name, value))
        }
    }

    func receivedHeaders(on id: Int32, ends: Bool) {
        guard let stream = streams[id] else { return }
        if stream.status >= 200 { stream.hasHead = true }
        if ends { receivedEnd(of: stream, id) }
    }

    func receivedData(_ chunk: UnsafeBufferPointer<UInt8>, on id: Int32) {
        guard let stream = streams[id], !stream.isTooLarge else { return }
        guard stream.response.count + chunk.count <= maximumResponseBytes else {
            stream.isTooLarge = true
            stream.response = []
            reset(id)
            return
        }
        stream.response.append(contentsOf: chunk)
    }

    func receivedDataFrame(on id: Int32, ends: Bool) {
        guard ends, let stream = streams[id] else { return }
        receivedEnd(of: stream, id)
    }

    private func receivedEnd(of stream: Stream, _ id: Int32) {
        stream.hasEnded = true
        // The server answered without reading the rest: do not go on sending it.
        if stream.bodySent < stream.body.count { reset(id) }
    }

    func receivedSettings() { events.append(.settings) }
    func receivedPingAcknowledgement() { events.append(.pingAcknowledged) }
    func receivedGoAway(lastStream: Int32, code: UInt32, text: String) {
        events.append(.goAway(lastStream: lastStream, code: code, text: text))
    }

    func closed(_ id: Int32, code: UInt32) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        events.append(.closed(id, stream, code: code))
    }
}
