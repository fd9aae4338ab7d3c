// Owns: GB18030 → text, by the C library's tables. Knows nothing of files or fields.
import Glibc

/// The decoding of a file's fields.
/// - Throws: when this machine's C library lacks the encoding's tables.
package func textDecoding(for encoding: TextEncoding) throws(EncodingUnavailable) -> any TextDecoding {
    switch encoding {
    case .utf8: UTF8Decoding()
    case .gb18030: try GB18030Decoding()
    }
}

/// This machine cannot read an encoding.
package struct EncodingUnavailable: Error, Hashable, Sendable, CustomStringConvertible {
    package let encoding: TextEncoding

    package var description: String {
        "encoding \(encoding.rawValue): expected its tables in the C library (Debian: libc6's gconv modules), got none"
    }
}

/// Strict GB18030 (and so GBK and GB2312, which are parts of it).
package struct GB18030Decoding: TextDecoding {
    /// - Throws: when the C library lacks the tables.
    package init() throws(EncodingUnavailable) {
        guard Converter.open() != nil else { throw EncodingUnavailable(encoding: .gb18030) }
    }

    package var encoding: TextEncoding { .gb18030 }

    package func decode(_ bytes: ArraySlice<UInt8>) -> String? {
        // Most fields are numbers and dates.
        if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
        guard let converter = Converter.open() else {
            preconditionFailure("GB18030's tables were there and are not any more")
        }
        return converter.text(of: bytes)
    }

    /// An open conversion. It is closed with its last reference, and never leaves the call that opened it: a
    /// conversion has state, and the decoding itself is shared between threads.
    private final class Converter {
        private let handle: iconv_t

        private init(_ handle: iconv_t) { self.handle = handle }

        deinit { iconv_close(handle) }

        static func open() -> Converter? {
            // The C library says failure with a pointer of all ones.
            guard let handle = iconv_open("UTF-8", "GB18030"), Int(bitPattern: handle) != -1 else { return nil }
            return Converter(handle)
        }

        /// nil when a sequence is invalid or cut.
        func text(of bytes: ArraySlice<UInt8>) -> String? {
            var input = Array(bytes)
            // Two bytes become at most three, four at most four.
            var output = [UInt8](repeating: 0, count: input.count * 2 + 8)
            let capacity = output.count
            let written: Int? = input.withUnsafeMutableBytes { source in
                output.withUnsafeMutableBytes { target in
                    var from = source.baseAddress?.assumingMemoryBound(to: CChar.self)
                    var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
                    var left = source.count
                    var room = target.count
                    let result = iconv(handle, &from, &left, &to, &room)
                    return result == -1 || left > 0 ? nil : capacity - room
                }
            }
            guard let written else { return nil }
            return String(validating: output[..<written], as: UTF8.self)
        }
    }
}
