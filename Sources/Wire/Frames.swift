// Owns: frames: a 4-byte big-endian length and that many bytes. Knows nothing of what is inside them.
import Leasing
import NIOCore

/// The limit on a frame's payload in the connection's phase. Shared by the handlers of one connection and confined to
/// its event loop.
package final class FrameLimit {
    package private(set) var bytes: Int

    /// - Parameter handshakeBytes: the limit until the handshake is done.
    package init(handshakeBytes: Int) { self.bytes = handshakeBytes }

    package func raise(to bytes: Int) { self.bytes = bytes }
}

@available(*, unavailable)
extension FrameLimit: Sendable {}

/// Bytes → payloads. Nothing is allocated from a length that was not checked.
///
/// Throws `WireError`: `.frameEmpty`, `.frameTooLong`, and `.frameTruncated` when the stream ends inside a frame.
package struct FrameDecoder: ByteToMessageDecoder {
    package typealias InboundOut = ByteBuffer

    private let limit: FrameLimit

    package init(limit: FrameLimit) { self.limit = limit }

    package mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let payload = try nextPayload(&buffer) else { return .needMoreData }
        context.fireChannelRead(Self.wrapInboundOut(payload))
        return .continue
    }

    package mutating func decodeLast(
        context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool
    ) throws -> DecodingState {
        while let payload = try nextPayload(&buffer) { context.fireChannelRead(Self.wrapInboundOut(payload)) }
        guard seenEOF, buffer.readableBytes > 0 else { return .needMoreData }
        let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self)
        let expected = length.map { "\($0 + 4) bytes of a frame" } ?? "a length of 4 bytes"
        throw WireError(.frameTruncated, "expected \(expected), got \(buffer.readableBytes) and the end of the stream")
    }

    /// nil: more bytes are needed.
    private func nextPayload(_ buffer: inout ByteBuffer) throws(WireError) -> ByteBuffer? {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return nil }
        guard length > 0 else { throw WireError(.frameEmpty, "frame length: expected 1–\(limit.bytes), got 0") }
        guard length <= limit.bytes else {
            throw WireError(.frameTooLong, "frame length: expected 1–\(limit.bytes), got \(Self.words(length))")
        }
        guard buffer.readableBytes >= 4 + Int(length) else { return nil }
        buffer.moveReaderIndex(forwardBy: 4)
        return buffer.readSlice(length: Int(length))
    }

    /// A peer that speaks TLS where this side does not is the commonest way to a strange length.
    private static func words(_ length: UInt32) -> String {
        switch length >> 8 {
        case 0x15_0300...0x15_0304, 0x16_0300...0x16_0304:
            "the beginning of TLS: only one side is configured to speak it"
        default: "\(length)"
        }
    }
}

/// Payloads → bytes.
///
/// A payload over the limit of the phase fails its write with `WireError(.frameTooLong)` and is not sent.
package final class FrameEncoder: ChannelOutboundHandler {
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private let limit: FrameLimit

    package init(limit: FrameLimit) { self.limit = limit }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let payload = Self.unwrapOutboundIn(data)
        guard payload.readableBytes > 0, payload.readableBytes <= limit.bytes else {
            let error = WireError(
                .frameTooLong, "outgoing frame: expected 1–\(limit.bytes) bytes, got \(payload.readableBytes)")
            promise?.fail(error)
            context.fireErrorCaught(error)
            return
        }
        var length = context.channel.allocator.buffer(capacity: 4)
        length.writeInteger(UInt32(payload.readableBytes))
        context.write(Self.wrapOutboundOut(length), promise: nil)
        context.write(Self.wrapOutboundOut(payload), promise: promise)
    }
}

@available(*, unavailable)
extension FrameEncoder: Sendable {}
