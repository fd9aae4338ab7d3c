// Owns: how bytes become text, as a contract. Knows UTF-8; other encodings bring their tables from above.

/// The encodings in which lenders write their files.
package enum TextEncoding: String, Hashable, Sendable, Codable, CaseIterable {
    case utf8 = "utf-8"
    case gb18030

    /// The encoding's byte order mark, which may open a file.
    package var mark: [UInt8] {
        switch self {
        case .utf8: [0xEF, 0xBB, 0xBF]
        case .gb18030: [0x84, 0x31, 0x95, 0x33]
        }
    }

    /// Whether a byte can be the second of a two-byte character, such as `|` in GB18030.
    func canTrail(_ byte: UInt8) -> Bool {
        switch self {
        case .utf8: false
        case .gb18030: (0x30...0x39).contains(byte) || (0x40...0xFE).contains(byte) && byte != 0x7F
        }
    }

    /// Whether a byte opens a character of two or four bytes that a scanner must step over whole.
    func isLead(_ byte: UInt8) -> Bool {
        switch self {
        case .utf8: false
        case .gb18030: (0x81...0xFE).contains(byte)
        }
    }
}

/// Turns the bytes of a field into text.
package protocol TextDecoding: Sendable {
    var encoding: TextEncoding { get }
    /// The text, or nil when the bytes are not valid in this encoding.
    func decode(_ bytes: ArraySlice<UInt8>) -> String?
}

/// Strict UTF-8: overlong forms, surrogates and cut characters are invalid.
package struct UTF8Decoding: TextDecoding {
    package init() {}
    package var encoding: TextEncoding { .utf8 }
    package func decode(_ bytes: ArraySlice<UInt8>) -> String? { String(validating: bytes, as: UTF8.self) }
}
