// Lengths computed by hand.
import Testing

@testable import SMSWorker

@Suite struct SMSLengthTests {
    @Test(arguments: [
        // text, encoding, units, segments
        ("", SMSLength.Encoding.gsm7, 0, 0),
        ("Hello", .gsm7, 5, 1),
        (String(repeating: "a", count: 160), .gsm7, 160, 1),
        (String(repeating: "a", count: 161), .gsm7, 161, 2),
        (String(repeating: "a", count: 306), .gsm7, 306, 2),
        (String(repeating: "a", count: 307), .gsm7, 307, 3),
        // The euro sign takes escape and septet: 159 + 2.
        (String(repeating: "a", count: 158) + "€", .gsm7, 160, 1),
        (String(repeating: "a", count: 159) + "€", .gsm7, 161, 2),
        ("^{}\\[~]|€\u{0C}", .gsm7, 20, 1),
        // Å, ñ and Ω are in the table, ç and ` are not.
        ("Åñ Ω@_", .gsm7, 6, 1),
        ("ça", .ucs2, 2, 1),
        ("`", .ucs2, 1, 1),
        (String(repeating: "还", count: 70), .ucs2, 70, 1),
        (String(repeating: "还", count: 71), .ucs2, 71, 2),
        (String(repeating: "还", count: 134), .ucs2, 134, 2),
        (String(repeating: "还", count: 135), .ucs2, 135, 3),
        // One character outside the table makes the whole text 16-bit.
        (String(repeating: "a", count: 70) + "款", .ucs2, 71, 2),
        ("😀", .ucs2, 2, 1),
        ("\r\n", .gsm7, 2, 1),
    ])
    func `Lengths`(_ text: String, _ encoding: SMSLength.Encoding, _ units: Int, _ segments: Int) {
        let length = SMSLength(of: text)
        #expect(length.encoding == encoding)
        #expect(length.units == units)
        #expect(length.segments == segments)
    }

    /// 152 septets, then a pair that does not fit into the 153rd: 152 | 2 + 151 | 1, though 306 septets are 2 × 153.
    @Test func `An escape pair is not split between segments`() {
        let text = String(repeating: "a", count: 152) + "€" + String(repeating: "a", count: 152)
        #expect(SMSLength(of: text).units == 306)
        #expect(SMSLength(of: text).segments == 3)
    }

    /// 66 units, then a surrogate pair that does not fit into the 67th: 66 | 2 + 65 | 1, though 134 units are 2 × 67.
    @Test func `A surrogate pair is not split between segments`() {
        let text = String(repeating: "还", count: 66) + "😀" + String(repeating: "还", count: 66)
        #expect(SMSLength(of: text).units == 134)
        #expect(SMSLength(of: text).segments == 3)
    }

    @Test func `The alphabet has 127 characters and ten more`() {
        let all = (0...0xFFFF).compactMap { Unicode.Scalar(UInt32($0)) }
        #expect(all.count { GSMAlphabet.septets(of: $0) == 1 } == 127)
        #expect(all.count { GSMAlphabet.septets(of: $0) == 2 } == 10)
    }
}
