// Owns: the two kinds of chart of the report's page, as inline SVG. Knows nothing of ledgers.

/// Positions are whole units of the view box, so that the same report is always the same text.
enum HTMLCharts {
    /// One line of a bar chart.
    struct Bar {
        var title: String
        var count: Int
        var note: String
    }

    private static let width = 1000
    private static let lineHeight = 30
    private static let barHeight = 18
    private static let titleEnd = 200

    /// Horizontal bars, as long as their counts are large.
    static func bars(_ bars: [Bar], label: String) -> String {
        let most = max(1, bars.map(\.count).max() ?? 1)
        let span = 480
        let lines = bars.enumerated().map { index, bar in
            let top = index * lineHeight
            let length = bar.count == 0 ? 0 : max(2, bar.count * span / most)
            let end = titleEnd + 14 + length
            let note = bar.note.isEmpty ? "" : "<tspan class=\"soft\" dx=\"10\">\(HTML.escaped(bar.note))</tspan>"
            return """
                \(title(bar.title, top: top))
                <rect class="bar" x="\(titleEnd + 14)" y="\(top + 6)" width="\(length)" height="\(barHeight)" rx="3"/>
                <text x="\(end + 10)" y="\(top + 20)">\(ReportWords.grouped(bar.count))\(note)</text>
                """
        }
        return figure(lines, label: label, count: bars.count)
    }

    /// One bar of full length per group, divided by what became of its cases.
    static func stacks(_ groups: [(word: String, cells: [RunReport.Cell])], label: String) -> String {
        let span = 660
        var seen: Set<ResultGroup> = []
        let lines = groups.enumerated().map { index, group in
            let top = index * lineHeight
            let all = group.cells.accounts
            var parts = [title(group.word, top: top)]
            var before = 0
            for result in ResultGroup.allCases {
                let count = group.cells.accounts(in: result)
                guard count > 0 else { continue }
                seen.insert(result)
                let from = before * span / max(1, all)
                before += count
                let length = before * span / max(1, all) - from
                let share = ReportWords.share(count, of: all)
                parts.append(
                    """
                    <rect class="\(result.rawValue)" x="\(titleEnd + 14 + from)" y="\(top + 6)" width="\(length)" \
                    height="\(barHeight)"><title>\(HTML.escaped(group.word)), \(result.title.lowercased()): \
                    \(ReportWords.grouped(count)) (\(share))</title></rect>
                    """)
            }
            parts.append(
                "<text x=\"\(titleEnd + 14 + span + 12)\" y=\"\(top + 20)\">\(ReportWords.grouped(all))"
                    + "<tspan class=\"soft\" dx=\"6\">cases</tspan></text>")
            return parts.joined(separator: "\n")
        }
        let legend = ResultGroup.allCases.filter(seen.contains)
            .map { "<li><i class=\"\($0.rawValue)\"></i>\($0.title)</li>" }
        return figure(lines, label: label, count: groups.count, legend: legend)
    }

    private static func title(_ text: String, top: Int) -> String {
        let cut = HTML.escaped(TextTable.cut(text, to: 28))
        return "<text x=\"\(titleEnd)\" y=\"\(top + 20)\" text-anchor=\"end\">\(cut)</text>"
    }

    private static func figure(_ lines: [String], label: String, count: Int, legend: [String] = []) -> String {
        let list = legend.isEmpty ? "" : "<ul class=\"legend\">\(legend.joined())</ul>"
        return """
            <div class="chart">\(list)
            <svg viewBox="0 0 \(width) \(count * lineHeight)" role="img" aria-label="\(HTML.escaped(label))">
            \(lines.joined(separator: "\n"))
            </svg></div>
            """
    }
}
