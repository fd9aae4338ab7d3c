// Owns: GB18030 by the C library's tables.
@testable import Tables
import Testing

@Suite struct GB18030Tests {
    @Test func `Characters of one two and four bytes`() throws {
        let decoding = try GB18030Decoding()
        #expect(decoding.decode([0x41, 0x31][...]) == "A1")
        #expect(decoding.decode([0xD5, 0xC5, 0xC8, 0xFD][...]) == "张三")
        #expect(decoding.decode([0x95, 0x7C][...]) == "晐")
        #expect(decoding.decode([0x90, 0x30, 0x81, 0x30][...]) == "\u{10000}")
        #expect(decoding.decode([][...]) == "")
    }

    @Test func `Bytes that are none`() throws {
        let decoding = try GB18030Decoding()
        // A lead byte alone, a second byte that cannot be, four bytes cut short, a byte that leads nothing.
        for bytes: [UInt8] in [[0xD5], [0xD5, 0x20], [0x90, 0x30, 0x81], [0xFF], [0x80]] {
            #expect(decoding.decode(bytes[...]) == nil, "\(bytes)")
        }
    }

    @Test func `Its encoding is found by name`() throws {
        #expect(try textDecoding(for: .gb18030).encoding == .gb18030)
        #expect(try textDecoding(for: .utf8).encoding == .utf8)
    }
}
