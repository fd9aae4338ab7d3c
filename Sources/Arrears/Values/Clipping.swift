// Owns: cutting text that came from outside to a length that may be shown. Knows nothing of where it is shown.

extension StringProtocol {
    /// The first `limit` Unicode scalars, with `…` for the rest where there is one. Not by characters: one character may
    /// be a letter with a megabyte of accents.
    package func clipped(to limit: Int) -> String {
        let start = unicodeScalars.prefix(limit)
        guard start.endIndex < endIndex else { return String(self) }
        var clipped = String.UnicodeScalarView(start)
        clipped.append("…")
        return String(clipped)
    }
}
