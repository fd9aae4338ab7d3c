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
