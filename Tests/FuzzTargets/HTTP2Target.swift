// Owns: what must hold for whatever a server says on an HTTP/2 connection.
import HTTP2Client
import NIOCore

extension FuzzTarget {
    /// The bytes of a server, against two requests that are under way. Each ends once at most; no body grows over its
    /// limit; the answer to any flood stays small.
    ///
    /// Input: the cut (2 bytes), the server's bytes.
    static let http2 = FuzzTarget("http2", longestInput: 2_048) { input in
        var input = input
        let cut = input.cut()
        var server = Server()
        for piece in input.rest.pieces(cut) where try server.goesOn() { try server.says(piece) }
        try server.check()
    }
}

private struct Server {
    private static let maximumResponseBytes = 48

    private let session = NGHTTP2Session(maximumResponseBytes: maximumResponseBytes)
    private let requests: Set<Int32>
    private var ended: Set<Int32> = []
    private var isBroken = false
    private var heard = 0
    private var said = 0

    init() {
        session.start()
        let head = [
            HTTP2Header(":method", "POST"), HTTP2Header(":scheme", "https"), HTTP2Header(":authority", "gateway:443"),
            HTTP2Header(":path", "/v1/messages"),
        ]
        let ids = [session.submit(head, body: []), session.submit(head, body: Array(repeating: 7, count: 100))]
        requests = Set(ids.compactMap(\.self))
        precondition(requests == [1, 3], "a new session's streams: \(ids)")
    }

    mutating func goesOn() throws -> Bool {
        if !isBroken {
            let (bytes, code, events) = session.produce(limit: 65_536, allocator: ByteBufferAllocator())
            heard += bytes.readableBytes
            try take(code, events)
        }
        return !isBroken && !session.isFinished
    }

    mutating func says(_ bytes: ArraySlice<UInt8>) throws {
        said += bytes.count
        let (code, events) = session.receive(ByteBuffer(bytes: bytes))
        try take(code, events)
    }

    private mutating func take(_ code: Int, _ events: [NGHTTP2Session.Event]) throws {
        if code < 0 { isBroken = true }
        for event in events {
            guard case .closed(let id, let stream, _) = event else { continue }
            try require(requests.contains(id), "stream \(id) ended, which nobody opened")
            try require(ended.insert(id).inserted, "stream \(id) ended twice")
            try check(stream)
        }
    }

    private func check(_ stream: NGHTTP2Session.Stream) throws {
        try require(stream.response.count <= Self.maximumResponseBytes, "a body of \(stream.response.count) bytes")
        try require(!stream.isTooLarge || stream.response.isEmpty, "the body that was too large is still there")
        try require(!stream.hasHead || (200...999).contains(stream.status), "a final response of \(stream.status)")
    }

    mutating func check() throws {
        _ = try goesOn()
        for stream in session.streams.values { try check(stream) }
        try requireEqual(ended.union(session.streams.keys), requests, "streams ended or open, and requests")
        // The preface and the requests are under 300 bytes; a frame of nine may earn one of 17.
        try require(heard <= 512 + 4 * said, "\(heard) bytes to a server that said \(said)")
    }
}
