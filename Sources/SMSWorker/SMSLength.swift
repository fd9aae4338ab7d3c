// Owns: how long a text is as SMS: alphabet, units and segments after 3GPP TS 23.038 and 23.040. Pure.

/// The length of a text as one or more SMS.
package struct SMSLength: Hashable, Sendable {
    package enum Encoding: String, Hashable, Sendable {
        /// The GSM 7-bit default alphabet with its extension table; a unit is a septet.
        case gsm7
        /// UTF-16; a unit is 16 bits.
        case ucs2
    }

    package var encoding: Encoding
    /// Septets or 16-bit units, an extension character counted as two septets.
    package var units: Int
    /// Messages that the text is sent as; 0 only for no text.
    package var segments: Int

    /// Every character of the text in the GSM alphabet: septets; otherwise the whole text in 16-bit units. A character
    /// that takes two units is never split between two segments.
    package init(of text: String) {
        let septets = text.unicodeScalars.map { GSMAlphabet.septets(of: $0) }
        if septets.allSatisfy({ $0 != nil }) {
            self.init(.gsm7, widths: septets.compactMap { $0 }, single: 160, part: 153)
        } else {
            self.init(.ucs2, widths: text.unicodeScalars.map { $0.value > 0xFFFF ? 2 : 1 }, single: 70, part: 67)
        }
    }

    /// A message that is not sent alone carries a header that takes 7 septets or 3 units of each part.
    private init(_ encoding: Encoding, widths: [Int], single: Int, part: Int) {
        self.encoding = encoding
        units = widths.reduce(0, +)
        if units <= single {
            segments = units == 0 ? 0 : 1
            return
        }
        segments = 1
        var used = 0
        for width in widths {
            if used + width > part {
                segments += 1
                used = 0
            }
            used += width
        }
    }
}

/// The GSM 7-bit default alphabet, 3GPP TS 23.038 section 6.2.1.
enum GSMAlphabet {
    /// 1 for a character of the basic table, 2 for one of the extension table (escape and septet), nil for others.
    static func septets(of scalar: Unicode.Scalar) -> Int? {
        if basic.contains(scalar) { return 1 }
        return extended.contains(scalar) ? 2 : nil
    }

    private static let basic = Set(
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
            .unicodeScalars)
    private static let extended = Set("\u{0C}^{}\\[~]|€".unicodeScalars)
}
