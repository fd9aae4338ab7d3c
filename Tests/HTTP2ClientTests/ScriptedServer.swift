// Owns: a peer that says exactly the frames that a test wants, to show what the client makes of a server's faults.
import NIOCore
import NIOPosix

/// A frame of HTTP/2 as bytes.
struct RawFrame: Hashable, Sendable {
    var type: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: [UInt8] = []

    static let settings = RawFrame(type: 4)
    static let settingsAcknowledged = RawFrame(type: 4, flags: 1)
    /// SETTINGS with MAX_CONCURRENT_STREAMS.
    static func settings(maximumStreams: UInt8) -> RawFrame {
        RawFrame(type: 4, payload: [0, 3, 0, 0, 0, maximumStreams])
    }
    /// HEADERS with `:status: 200` (index 8 of the static table), which end the stream.
    static func ok(_ stream: UInt32) -> RawFrame { RawFrame(type: 1, flags: 5, stream: stream, payload: [0x88]) }
    static func reset(_ stream: UInt32, code: UInt8) -> RawFrame {
        RawFrame(type: 3, stream: stream, payload: [0, 0, 0, code])
    }
    static func goAway(lastStream: UInt8, code: UInt8 = 0) -> RawFrame {
        RawFrame(type: 7, payload: [0, 0, 0, lastStream, 0, 0, 0, code])
    }

    var isHeaders: Bool { type == 1 }
    var isPing: Bool { type == 6 && flags & 1 == 0 }

    var bytes: [UInt8] {
        let length = payload.count
        let head = [UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), type, flags]
        let id = [UInt8(stream >> 24), UInt8(stream >> 16 & 0xFF), UInt8(stream >> 8 & 0xFF), UInt8(stream & 0xFF)]
        return head + id + payload
    }
}

/// What the script wants done after a frame.
enum ScriptAction: Sendable {
    case send(RawFrame)
    case sendBytes([UInt8])
    case close
}

/// Accepts connections on loopback; each gets a script of its own, which is told each frame that comes.
final class ScriptedServer: Sendable {
    typealias Script = (RawFrame) -> [ScriptAction]

    private let channel: any Channel
    let port: Int

    /// `script` is called with the connection's number: 1, 2, …
    init(_ script: @escaping @Sendable (Int) -> Script) async throws {
        let counter = NIOLoopBoundBox.makeBoxSendingValue(0, eventLoop: MultiThreadedEventLoopGroup.singleton.next())
        channel = try await ServerBootstrap(group: counter.eventLoop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    counter.value += 1
                    try channel.pipeline.syncOperations.addHandler(Handler(script(counter.value)))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    func stop() async throws { try await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let script: Script
        private var inbound = ByteBuffer()
        private var hasPreface = false

        init(_ script: @escaping Script) { self.script = script }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            inbound.writeBuffer(&bytes)
            if !hasPreface {
                guard inbound.readableBytes >= 24 else { return }
                inbound.moveReaderIndex(forwardBy: 24)
                hasPreface = true
            }
            while let frame = nextFrame() {
                for action in script(frame) {
                    switch action {
                    case .send(let frame):
                        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: frame.bytes)), promise: nil)
                    case .sendBytes(let bytes):
                        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
                    case .close: context.close(promise: nil)
                    }
                }
            }
        }

        private func nextFrame() -> RawFrame? {
            guard let head = inbound.getBytes(at: inbound.readerIndex, length: 9) else { return nil }
            let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            guard inbound.readableBytes >= 9 + length else { return nil }
            inbound.moveReaderIndex(forwardBy: 9)
            let payload = inbound.readBytes(length: length) ?? []
            let id = UInt32(head[5]) << 24 | UInt32(head[6]) << 16 | UInt32(head[7]) << 8 | UInt32(head[8])
            return RawFrame(type: head[3], flags: head[4], stream: id, payload: payload)
        }
    }
}
