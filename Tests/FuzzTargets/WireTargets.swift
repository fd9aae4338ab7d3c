// Owns: what must hold for whatever comes over a connection of the lease protocol.
import Arrears
import Leasing
import NIOCore
import NIOEmbedded
import Wire

extension FuzzTarget {
    /// The bytes of a connection. However they arrive, the messages are those that a plain walk over the bytes finds, and
    /// what cannot be read gets one fatal Error.
    ///
    /// Input: whose side reads (1 byte), the cut (2), the bytes. The handshake's limit is 512 here, so that small inputs
    /// reach both phases.
    static let frames = FuzzTarget("frames", longestInput: 2_560) { input in
        var input = input
        let peer: Message.Sender = input.byte() & 1 == 0 ? .worker : .coordinator
        let cut = input.cut()
        let expected = FrameWalk(input.rest, peer: peer)
        let seen = try Connection(peer: peer, pieces: input.rest.pieces(cut))
        try requireEqual(seen.messages, expected.messages, "messages read and messages sent")
        try requireEqual(seen.error, expected.error, "the fault found and the fault made")
        try requireEqual(seen.farewells, expected.error.map { [$0] } ?? [], "farewells and the fault")
    }

    /// One payload. What is read can be sent, and is read again as it was; what is not is answered within a frame.
    static let envelope = FuzzTarget("envelope", longestInput: 1_024) { input in
        let message: Message
        do throws(WireError) {
            message = try Message(envelope: Array(input.rest))
        } catch {
            return try checkFarewell(of: error)
        }
        let bytes = message.envelope()
        let again = try Message(envelope: bytes)
        try requireEqual(again, message, "a message that was sent on")
        try requireEqual(again.envelope(), bytes, "bytes of the same message")
        for amount in message.amounts {
            try require(amount.minorUnits.magnitude <= Money.largestMinorUnits.magnitude, "amount \(amount)")
        }
    }

    /// A task's content, as a worker reads it.
    static let content = FuzzTarget("content", longestInput: 1_024) { input in
        let content: StageContent
        do throws(WireError) {
            content = try StageContent(encoded: Array(input.rest))
        } catch {
            return try checkFarewell(of: error)
        }
        let bytes = content.encoded()
        let again = try StageContent(encoded: bytes)
        try requireEqual(again, content, "a content that was sent on")
        try requireEqual(again.encoded(), bytes, "bytes of the same content")
    }

    private static func checkFarewell(of error: WireError) throws {
        let farewell = error.farewell.envelope()
        try require(farewell.count <= Limits().handshakeFrameBytes, "a farewell of \(farewell.count) bytes")
        try requireEqual(try Message(envelope: farewell), error.farewell, "a farewell")
    }
}

private let handshakeBytes = 512

/// What a plain walk over all bytes at once finds: the specification of the frames, without buffers and without NIO.
private struct FrameWalk {
    var messages: [Message] = []
    var error: ErrorCode?

    init(_ bytes: ArraySlice<UInt8>, peer: Message.Sender) {
        var limit = handshakeBytes
        var rest = bytes
        while !rest.isEmpty {
            guard rest.count >= 4 else {
                error = .frameTruncated
                return
            }
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard length > 0, length <= limit else {
                error = length == 0 ? .frameEmpty : .frameTooLong
                return
            }
            guard rest.count >= 4 + length else {
                error = .frameTruncated
                return
            }
            do {
                let message = try Message(envelope: Array(rest.dropFirst(4).prefix(length)))
                messages.append(message)
                if case .welcome(let welcome) = message, peer == .coordinator { limit = welcome.frameBytes }
            } catch {
                self.error = error.code
                return
            }
            rest = rest.dropFirst(4 + length)
        }
    }
}

/// What comes out of one side's handlers.
private struct Connection {
    var messages: [Message] = []
    var error: ErrorCode?
    /// Fatal Errors that were sent.
    var farewells: [ErrorCode] = []

    init(peer: Message.Sender, pieces: [ArraySlice<UInt8>]) throws {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandlers(
            EnvelopeCodec.handlers(handshakeBytes: handshakeBytes, peer: peer))
        for piece in pieces { note { try channel.writeInbound(ByteBuffer(bytes: piece)) } }
        note { _ = try channel.finish(acceptAlreadyClosed: true) }
        while let message = try channel.readInbound(as: Message.self) { messages.append(message) }
        var sent: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { sent += buffer.readableBytesView }
        while sent.count >= 4 {
            let length = sent.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            try require(sent.count >= 4 + length, "half a frame was sent")
            guard case .error(let failure) = try Message(envelope: Array(sent.dropFirst(4).prefix(length))) else {
                throw Violation("something else than an Error was sent")
            }
            try require(failure.isFatal, "an Error that is not fatal was sent")
            farewells.append(failure.code)
            sent.removeFirst(4 + length)
        }
    }

    private mutating func note(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            // Only the first counts: after it nothing more is read.
            if self.error == nil { self.error = (error as? WireError)?.code }
        }
    }
}

extension Message {
    fileprivate var amounts: [Money] {
        switch self {
        case .report(let report): report.outcomes.compactMap(\.amount)
        case .eventReport(let report): report.events.compactMap(\.amount)
        default: []
        }
    }
}
