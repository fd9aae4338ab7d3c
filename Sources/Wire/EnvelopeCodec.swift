// Owns: payloads ↔ messages, the end of the handshake's frame limit, and the farewell to a peer that breaks the protocol.
import Leasing
import NIOCore

/// Payloads ↔ `Message`.
///
/// A Welcome from the coordinator ends the handshake, and with it the handshake's frame limit: on its side the one that it
/// sends, on a worker's side the one that comes. What a worker calls a Welcome raises nothing. Whatever cannot be read
/// gets one fatal Error, and the connection closes; the `WireError` is passed on in the pipeline so that it can be
/// logged. After that nothing more is read.
package final class EnvelopeCodec: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = Message
    package typealias OutboundIn = Message
    package typealias OutboundOut = ByteBuffer

    /// How long a peer that was sent a farewell has to read it before the connection is cut.
    private static let farewell = TimeAmount.seconds(1)

    private let limit: FrameLimit
    private let peer: Message.Sender
    private var hasFailed = false

    /// The peer is at the other end; a Welcome counts only when it comes from a coordinator.
    package init(limit: FrameLimit, peer: Message.Sender = .worker) {
        self.limit = limit
        self.peer = peer
    }

    /// The handlers of one connection, in order: add them before the handler that speaks in messages.
    package static func handlers(
        handshakeBytes: Int = Limits().handshakeFrameBytes, peer: Message.Sender = .worker
    ) -> [any ChannelHandler] {
        let limit = FrameLimit(handshakeBytes: handshakeBytes)
        return [
            ByteToMessageHandler(FrameDecoder(limit: limit)), FrameEncoder(limit: limit),
            EnvelopeCodec(limit: limit, peer: peer),
        ]
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasFailed else { return }
        let payload = Self.unwrapInboundIn(data)
        do {
            let message = try Message(envelope: Array(payload.readableBytesView))
            if case .welcome(let welcome) = message, peer != .worker { limit.raise(to: welcome.frameBytes) }
            context.fireChannelRead(Self.wrapInboundOut(message))
        } catch {
            fail(context: context, error)
        }
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !hasFailed else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        let message = Self.unwrapOutboundIn(data)
        let payload = context.channel.allocator.buffer(bytes: message.envelope())
        context.write(Self.wrapOutboundOut(payload), promise: promise)
        if case .welcome(let welcome) = message { limit.raise(to: welcome.frameBytes) }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? WireError {
            fail(context: context, error)
        } else if !hasFailed {
            context.fireErrorCaught(error)
        }
    }

    /// Says why and closes. Only the sending side closes at first: a close with unread bytes would reset the
    /// connection, and the peer might never see the reason.
    private func fail(context: ChannelHandlerContext, _ error: WireError) {
        guard !hasFailed else { return }
        hasFailed = true
        let farewell = context.channel.allocator.buffer(bytes: error.farewell.envelope())
        context.writeAndFlush(Self.wrapOutboundOut(farewell), promise: nil)
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: Self.farewell) { channel.close(promise: nil) }
        context.fireErrorCaught(error)
    }
}

@available(*, unavailable)
extension EnvelopeCodec: Sendable {}
