// Owns: what of a Swift file's text is code: no comments, no literals, but what is interpolated into them.

/// The text without comments and without string literals; line breaks, and code inside `\(…)`, stay.
func swiftCode(of text: String) -> String {
    var reader = SwiftTextReader(text)
    reader.readCode(until: nil)
    return String(decoding: reader.code, as: UTF8.self)
}

/// Bytes, since all that matters to it is ASCII.
private struct SwiftTextReader {
    private let bytes: [UInt8]
    private var at = 0
    private(set) var code: [UInt8] = []

    init(_ text: String) { bytes = Array(text.utf8) }

    private func isNext(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { at + $0.count <= bytes.count && bytes[at..<at + $0.count].elementsEqual($0) }
    }

    /// Reads code until its closing bracket, or the end of the text.
    mutating func readCode(until closing: UInt8?) {
        var depth = 0
        while at < bytes.count {
            if isNext("//") {
                while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
            } else if isNext("/*") {
                while at < bytes.count, !isNext("*/") { at += 1 }
                at += 2
            } else if isNext("\"\"\"") {
                at += 3
                readLiteral(until: "\"\"\"")
            } else if isNext("\"") {
                at += 1
                readLiteral(until: "\"")
            } else {
                let byte = bytes[at]
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") {
                    if closing == byte, depth == 0 { return }
                    depth -= 1
                }
                code.append(byte)
                at += 1
            }
        }
    }

    private mutating func readLiteral(until end: StaticString) {
        code.append(UInt8(ascii: " "))
        while at < bytes.count {
            if isNext(end) {
                at += end.utf8CodeUnitCount
                return
            }
            if isNext("\\(") {
                at += 2
                code.append(UInt8(ascii: " "))
                readCode(until: UInt8(ascii: ")"))
                at += 1
                code.append(UInt8(ascii: " "))
            } else {
                if bytes[at] == UInt8(ascii: "\n") { code.append(bytes[at]) }
                at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
            }
        }
    }
}
