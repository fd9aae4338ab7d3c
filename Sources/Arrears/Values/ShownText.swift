// Owns: which characters may stand in a line that a person reads. What is none of them may move the cursor, end the line or
// turn the order of what follows.

extension Unicode.Scalar {
    /// Whether it shows as itself where it stands.
    package var isShown: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: false
        default: !isDirectionMark
        }
    }

    /// Marks that change the direction of the text after them.
    private var isDirectionMark: Bool {
        switch value {
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

/// Text that comes from elsewhere, for a line that a person reads.
package enum ShownText {
    /// What does not show as itself becomes `\n`, `\r`, `\t` or `\u{1b}`.
    /// - Parameter kept: those that stay: a text of several lines keeps its line ends.
    package static func escaped(_ text: String, keeping kept: Set<Unicode.Scalar> = []) -> String {
        replaced(text, keeping: kept) { scalar in
            switch scalar {
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            default: "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
    }

    /// The same for JSON text, whose strings may hold any of them as `\u001b`; its own line ends stay.
    package static func escapedInJSON(_ json: String) -> String {
        replaced(json, keeping: ["\n"]) { scalar in
            let digits = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }

    private static func replaced(
        _ text: String, keeping kept: Set<Unicode.Scalar>, by word: (Unicode.Scalar) -> String
    ) -> String {
        // By scalars: `\r\n` is one character, and would pass a look at either.
        guard text.unicodeScalars.contains(where: { !$0.isShown && !kept.contains($0) }) else { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            if scalar.isShown || kept.contains(scalar) {
                shown.unicodeScalars.append(scalar)
            } else {
                shown += word(scalar)
            }
        }
        return shown
    }
}
