// Owns: columns that line up on a terminal, wide characters included. Knows nothing of reports.

/// A table of plain text. A cell's width is counted in terminal columns: CJK characters take two.
struct TextTable {
    enum Alignment { case left, right }

    var titles: [String]
    var alignments: [Alignment]
    var rows: [[String]] = []
    /// The column that is cut when the table is too wide.
    var flexible = 0

    init(_ columns: [(title: String, alignment: Alignment)]) {
        titles = columns.map(\.title)
        alignments = columns.map(\.alignment)
    }

    /// The titles, a rule, and the rows, none wider than `width` unless the fixed columns alone are.
    func lines(width: Int, indent: Int = 2) -> [String] {
        let cleaned = ([titles] + rows).map { row in row.map(TextTable.printable) }
        var widths = titles.indices.map { column in
            cleaned.map { TextTable.width($0[column]) }.max() ?? 0
        }
        let gap = 2
        let total = widths.reduce(indent + gap * (widths.count - 1), +)
        if total > width { widths[flexible] = max(8, widths[flexible] - (total - width)) }

        func line(_ cells: [String]) -> String {
            var text = String(repeating: " ", count: indent)
            for (column, cell) in cells.enumerated() {
                let cut = TextTable.cut(cell, to: widths[column])
                let padding = String(repeating: " ", count: widths[column] - TextTable.width(cut))
                if column > 0 { text += String(repeating: " ", count: gap) }
                text += alignments[column] == .left ? cut + padding : padding + cut
            }
            while text.last == " " { text.removeLast() }
            return text
        }
        let rule =
            String(repeating: " ", count: indent)
            + widths.map { String(repeating: "─", count: $0) }
            .joined(separator: String(repeating: " ", count: gap))
        return [line(cleaned[0]), rule] + cleaned.dropFirst().map(line)
    }

    /// Terminal columns that a text takes.
    static func width(_ text: String) -> Int {
        text.reduce(0) { $0 + width($1) }
    }

    static func cut(_ text: String, to limit: Int) -> String {
        guard width(text) > limit else { return text }
        var kept = ""
        var used = 1
        for character in text {
            used += width(character)
            if used > limit { break }
            kept.append(character)
        }
        return kept + "…"
    }

    /// Control characters could move the cursor: they are shown as `?`.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }

    private static func width(_ character: Character) -> Int {
        character.unicodeScalars.map(width).max() ?? 0
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return wide.contains { $0.contains(scalar.value) } ? 2 : 1
        }
    }

    /// East Asian wide and full-width blocks, and pictographs.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
        0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]
}
