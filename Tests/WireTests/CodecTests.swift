// Owns: examples of a connection's codec: the handshake's limit, and the farewell to a peer that breaks the protocol.
@testable import Arrears
@testable import Leasing
import NIOCore
import NIOEmbedded
import Testing

@testable import Wire

@Suite struct CodecTests {
    private let welcome = Message.welcome(Message.Welcome(version: 1, limits: Limits()))
    private let hello = Message.hello(
        Message.Hello(worker: "w1", incarnation: 7, stages: [StageName(.sms)], capacity: 10))
    private let longGoodbye = Message.report(
        Message.Report(
            id: 1, lease: LeaseKey(id: LeaseID(1), epoch: Epoch(1)),
            outcomes: (0..<200).map { number in
                Outcome(task: TaskID("task-\(number)"), attempt: .made, code: .delivered, evidence: "message-\(number)")
            }))

    @Test func `A welcome sent raises the limit on what is read`() throws {
        let channel = try coordinatorSide()
        try channel.writeInbound(frame(hello))
        #expect(try channel.readInbound(as: Message.self) == hello)
        try channel.writeOutbound(welcome)
        #expect(longGoodbye.envelope().count > Limits().handshakeFrameBytes)
        try channel.writeInbound(frame(longGoodbye))
        #expect(try channel.readInbound(as: Message.self) == longGoodbye)
    }

    @Test func `A welcome read raises the limit for the next frame of the same read`() throws {
        let channel = try side(peer: .coordinator)
        var both = frame(welcome)
        both.writeImmutableBuffer(frame(longGoodbye))
        try channel.writeInbound(both)
        #expect(try channel.readInbound(as: Message.self) == welcome)
        #expect(try channel.readInbound(as: Message.self) == longGoodbye)
    }

    @Test func `A stranger cannot welcome itself into long frames`() throws {
        let channel = try coordinatorSide()
        try channel.writeInbound(frame(welcome))
        let thrown = #expect(throws: WireError.self) { try channel.writeInbound(frame(longGoodbye)) }
        #expect(thrown?.code == .frameTooLong)
    }

    @Test func `Before the welcome a long frame is refused with one error and a close`() throws {
        let channel = try coordinatorSide()
        let thrown = #expect(throws: WireError.self) { try channel.writeInbound(frame(longGoodbye)) }
        #expect(thrown?.code == .frameTooLong)
        #expect(try farewells(channel) == [.frameTooLong])
    }

    @Test(
        arguments: [
            ([0, 0, 0, 0], ErrorCode.frameEmpty),
            ([0, 0, 0, 2, 0xff, 0xff], .undecodable),
            // An envelope whose one field no version knows.
            ([0, 0, 0, 3, 0xfa, 0x3f, 0x00], .undecodable),
            // A Hello without its magic.
            ([0, 0, 0, 2, 0x0a, 0x00], .badMagic),
        ] as [([UInt8], ErrorCode)])
    func `What cannot be read gets one typed error and nothing more is read`(bytes: [UInt8], code: ErrorCode) throws {
        let channel = try coordinatorSide()
        let thrown = #expect(throws: WireError.self) { try channel.writeInbound(ByteBuffer(bytes: bytes)) }
        #expect(thrown?.code == code)
        _ = try? channel.writeInbound(frame(hello))
        #expect(try channel.readInbound(as: Message.self) == nil)
        #expect(try farewells(channel) == [code])
        #expect(throws: ChannelError.self) { try channel.writeOutbound(welcome) }
    }

    /// The codes of the fatal Errors that were sent.
    private func farewells(_ channel: EmbeddedChannel) throws -> [ErrorCode] {
        let peer = try coordinatorSide()
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { try peer.writeInbound(bytes) }
        var codes: [ErrorCode] = []
        while let message = try peer.readInbound(as: Message.self) {
            guard case .error(let failure) = message, failure.isFatal else { continue }
            codes.append(failure.code)
        }
        return codes
    }

    private func coordinatorSide() throws -> EmbeddedChannel { try side(peer: .worker) }

    private func side(peer: Message.Sender) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandlers(EnvelopeCodec.handlers(peer: peer))
        return channel
    }

    private func frame(_ message: Message) -> ByteBuffer {
        let payload = message.envelope()
        var buffer = ByteBuffer()
        buffer.writeInteger(UInt32(payload.count))
        buffer.writeBytes(payload)
        return buffer
    }
}
