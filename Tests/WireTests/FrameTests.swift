// Owns: examples of frames on the wire: whole, drip-fed, empty, too long, cut off.
@testable import Leasing
import NIOCore
import NIOEmbedded
import NIOTestUtils
import Testing

@testable import Wire

@Suite struct FrameTests {
    private func buffer(_ bytes: [UInt8]) -> ByteBuffer { ByteBuffer(bytes: bytes) }

    @Test func `Payloads come out alike however the bytes arrive`() throws {
        let frames = buffer([0, 0, 0, 1, 7]) + [0, 0, 0, 3, 1, 2, 3] + [0, 0, 1, 0] + Array(repeating: 9, count: 256)
        // The verifier feeds them whole, byte by byte, several at once and in uneven parts.
        try ByteToMessageDecoderVerifier.verifyDecoder(
            inputOutputPairs: [
                (buffer([0, 0, 0, 1, 7]), [buffer([7])]),
                (buffer([0, 0, 0, 3, 1, 2, 3]), [buffer([1, 2, 3])]),
                (buffer([0, 0, 1, 0] + Array(repeating: 9, count: 256)), [buffer(Array(repeating: 9, count: 256))]),
                (frames, [buffer([7]), buffer([1, 2, 3]), buffer(Array(repeating: 9, count: 256))]),
            ],
            decoderFactory: { FrameDecoder(limit: FrameLimit(handshakeBytes: 4_096)) })
    }

    @Test func `An empty frame is refused`() throws {
        let error = try #require(try refusal(of: [0, 0, 0, 0]))
        #expect(error.code == .frameEmpty)
        #expect(error.message == "frame length: expected 1–4096, got 0")
    }

    @Test(arguments: [(4_096, 4_097), (1_048_576, 1_048_577), (1_048_576, 4_294_967_295)])
    func `A frame over the limit of its phase is refused before its bytes come`(limit: Int, length: Int) throws {
        let bytes = withUnsafeBytes(of: UInt32(length).bigEndian) { Array($0) }
        let error = try #require(try refusal(of: bytes, limit: limit))
        #expect(error.code == .frameTooLong)
        #expect(error.message == "frame length: expected 1–\(limit), got \(length)")
    }

    @Test func `A frame of exactly the limit passes`() throws {
        let channel = try embedded(limit: 4_096)
        try channel.writeInbound(buffer([0, 0, 0x10, 0] + Array(repeating: 1, count: 4_096)))
        #expect(try channel.readInbound(as: ByteBuffer.self)?.readableBytes == 4_096)
    }

    @Test(arguments: [[0], [0, 0, 0], [0, 0, 0, 2], [0, 0, 0, 2, 1]] as [[UInt8]])
    func `A stream that ends inside a frame is reported`(bytes: [UInt8]) throws {
        let channel = try embedded(limit: 4_096)
        try channel.writeInbound(buffer(bytes))
        let error = #expect(throws: WireError.self) { _ = try channel.finish() }
        #expect(error?.code == .frameTruncated)
    }

    @Test func `A stream that ends between frames is no fault`() throws {
        let channel = try embedded(limit: 4_096)
        try channel.writeInbound(buffer([0, 0, 0, 1, 7]))
        #expect(try channel.finish(acceptAlreadyClosed: false).hasLeftOvers)
        #expect(try channel.readInbound(as: ByteBuffer.self) == buffer([7]))
    }

    @Test func `What is written has its length before it`() throws {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(FrameEncoder(limit: FrameLimit(handshakeBytes: 300)))
        try channel.writeOutbound(buffer(Array(repeating: 5, count: 258)))
        var bytes = ByteBuffer()
        while var part = try channel.readOutbound(as: ByteBuffer.self) { bytes.writeBuffer(&part) }
        #expect(bytes == buffer([0, 0, 1, 2] + Array(repeating: 5, count: 258)))
        let error = #expect(throws: WireError.self) {
            try channel.writeOutbound(buffer(Array(repeating: 5, count: 301)))
        }
        #expect(error?.code == .frameTooLong)
    }

    private func embedded(limit: Int) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(
            ByteToMessageHandler(FrameDecoder(limit: FrameLimit(handshakeBytes: limit))))
        return channel
    }

    private func refusal(of bytes: [UInt8], limit: Int = 4_096) throws -> WireError? {
        let channel = try embedded(limit: limit)
        return #expect(throws: WireError.self) { try channel.writeInbound(buffer(bytes)) }
    }
}

private func + (left: ByteBuffer, right: [UInt8]) -> ByteBuffer {
    var sum = left
    sum.writeBytes(right)
    return sum
}
