// Owns: escaping, tables and the style sheet of the report's page. Knows nothing of reports.

enum HTML {
    /// Text for an element or an attribute; characters that XML forbids become U+FFFD.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case _ where scalar.properties.generalCategory == .control: result += "\u{FFFD}"
            case "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static let style = """

        :root {
          --ground: #fbfbf9; --card: #ffffff; --ink: #1d2529; --soft: #5b686e; --line: #dfe4e3; --bar: #2f6f8f;
          --agreed: #1b7f5c; --reached: #4a90c8; --handedOn: #7d6bc4; --notReached: #d8a13c; --notMade: #c25b3f;
          --leftAlone: #b4bec2; --open: #d174a4; --good: #1b7f5c; --bad: #b3261e;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #14191b; --card: #1c2326; --ink: #e8edee; --soft: #9aa8ad; --line: #313b3f; --bar: #5aa6c9;
            --agreed: #3fb488; --reached: #63a9de; --handedOn: #9d8ce0; --notReached: #dfb055; --notMade: #da785d;
            --leftAlone: #5a686d; --open: #df8ab6; --good: #3fb488; --bad: #ff8a80;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0; background: var(--ground); color: var(--ink);
          font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", "PingFang SC", "Noto Sans CJK SC", sans-serif;
        }
        main { max-width: 1060px; margin: 0 auto; padding: 40px 24px 64px; }
        .eyebrow { margin: 0; color: var(--soft); letter-spacing: .02em; }
        h1 { margin: 2px 0 6px; font-size: 32px; line-height: 1.2; font-weight: 650; }
        h2 { margin: 0 0 14px; font-size: 18px; font-weight: 650; }
        .inputs { margin: 0; color: var(--soft); font-size: 14px; }
        .inputs span + span::before { content: "·"; margin: 0 8px; }
        .inputs b { color: var(--ink); font-weight: 550; }
        code { font: 12.5px ui-monospace, "SFMono-Regular", "DejaVu Sans Mono", monospace; }
        .tiles {
          display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 1px; margin: 28px 0 16px;
          background: var(--line); border: 1px solid var(--line); border-radius: 10px; overflow: hidden;
        }
        .tile { background: var(--card); padding: 14px 16px; }
        .tile dt { color: var(--soft); font-size: 13px; }
        .tile dd { margin: 0; }
        .tile b { display: block; font-size: 26px; line-height: 1.25; font-weight: 650; }
        .tile small { color: var(--soft); font-size: 12.5px; }
        .tile b, td, tfoot th, svg text { font-variant-numeric: tabular-nums; }
        .note { margin: 0 0 8px; padding: 8px 14px; border-left: 3px solid; font-size: 14px; }
        .note.good { border-color: var(--good); }
        .note.bad { border-color: var(--bad); color: var(--bad); }
        section { margin-top: 36px; }
        .chart { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px; }
        .chart + .scroll { margin-top: 14px; }
        svg { display: block; width: 100%; height: auto; }
        svg text { fill: var(--ink); font-size: 13px; }
        svg .soft { fill: var(--soft); }
        svg .track { fill: var(--line); opacity: .45; }
        svg .bar { fill: var(--bar); }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 10px; padding: 0; list-style: none; }
        .legend li { font-size: 13px; color: var(--soft); }
        .legend i { display: inline-block; width: 10px; height: 10px; margin-right: 6px; border-radius: 2px; }
        .agreed { fill: var(--agreed); background: var(--agreed); }
        .reached { fill: var(--reached); background: var(--reached); }
        .handedOn { fill: var(--handedOn); background: var(--handedOn); }
        .notReached { fill: var(--notReached); background: var(--notReached); }
        .notMade { fill: var(--notMade); background: var(--notMade); }
        .leftAlone { fill: var(--leftAlone); background: var(--leftAlone); }
        .open { fill: var(--open); background: var(--open); }
        .scroll { overflow-x: auto; }
        table { width: 100%; border-collapse: collapse; font-size: 14px; }
        caption { padding: 0 0 6px; color: var(--soft); font-size: 13px; text-align: left; }
        th, td { padding: 6px 10px; border-bottom: 1px solid var(--line); text-align: left; font-weight: 400; }
        thead th { color: var(--soft); font-size: 12.5px; vertical-align: bottom; }
        tbody th { font-weight: 550; }
        tfoot th, tfoot td { border-top: 2px solid var(--line); font-weight: 650; }
        .number { text-align: right; white-space: nowrap; }
        summary { cursor: pointer; }
        summary h2 { display: inline; }
        details .scroll { margin-top: 14px; }
        @media print {
          body { background: #fff; font-size: 11px; }
          main { max-width: none; padding: 0; }
          section, .chart, tr { break-inside: avoid; }
          section:has(details) { break-inside: auto; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        }

        """
}

/// A table with a caption and scoped headings. Its first column names the row.
struct HTMLTable {
    var caption: String
    /// Title, and whether the column holds numbers.
    var columns: [(title: String, isNumber: Bool)] = []
    var rows: [[String]] = []
    var footer: [String] = []

    init(caption: String) { self.caption = caption }

    var html: String {
        let head = columns.map { "<th scope=\"col\"\(numberClass($0.isNumber))>\(HTML.escaped($0.title))</th>" }
        let body = rows.map(row).joined(separator: "\n")
        let foot = footer.isEmpty ? "" : "<tfoot>\(row(footer))</tfoot>"
        return """
            <div class="scroll"><table><caption>\(HTML.escaped(caption))</caption>
            <thead><tr>\(head.joined())</tr></thead>
            <tbody>\(body)</tbody>\(foot)</table></div>
            """
    }

    private func row(_ cells: [String]) -> String {
        let parts = cells.enumerated().map { index, cell in
            index == 0
                ? "<th scope=\"row\">\(HTML.escaped(cell))</th>"
                : "<td\(numberClass(columns[index].isNumber))>\(HTML.escaped(cell))</td>"
        }
        return "<tr>\(parts.joined())</tr>"
    }

    private func numberClass(_ isNumber: Bool) -> String { isNumber ? " class=\"number\"" : "" }
}
