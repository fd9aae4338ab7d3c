// Owns: a run's report as one self-contained page. Knows nothing of how charts are drawn.
import Arrears
import Ledger

extension RunReport {
    /// One HTML page, also well-formed XML: styles and charts inline, nothing fetched, no script. It reads in light and
    /// dark and prints.
    package func html() -> String { HTMLReport(report: self).page }
}

private struct HTMLReport {
    var report: RunReport

    var page: String {
        let title = "Recoup · \(report.inputs.isRehearsal ? "REHEARSAL · " : "")run \(report.run) · \(report.asOf)"
        let parts = [
            header, tiles, balanceNote, bucketSection, funnelSection, reasonSection, outcomeSection, segmentSection,
            rejectSection, uncertainSection, eventSection, timingSection, cellSection,
        ]
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <title>\(HTML.escaped(title))</title>
            <style>\(HTML.style)</style>
            </head>
            <body>
            <main>
            \(parts.filter { !$0.isEmpty }.joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    private var header: String {
        let inputs = report.inputs
        var lines: [String] = []
        if !inputs.policy.isEmpty {
            lines.append(input("Policy", "\(inputs.policy) \(inputs.policyVersion)", inputs.policyDigest))
        }
        if !inputs.book.isEmpty { lines.append(input("Book", inputs.book, inputs.bookDigest)) }
        let kind = report.inputs.isRehearsal ? "rehearsal, nobody is contacted, run" : "collection run"
        let state = report.isFinal ? "Reconciled" : "Not finished: these numbers will change"
        return """
            <header>
            <p class="eyebrow">Recoup · \(kind) \(HTML.escaped(report.run.text))</p>
            <h1>Business day \(report.asOf.iso)</h1>
            <p class="inputs"><span>\(state)</span>\(lines.joined())</p>
            </header>
            """
    }

    private func input(_ title: String, _ name: String, _ digest: String) -> String {
        let code = digest.isEmpty ? "" : " <code>\(HTML.escaped(String(digest.prefix(12))))</code>"
        return "<span>\(title) <b>\(HTML.escaped(name))</b>\(code)</span>"
    }

    private var tiles: String {
        let cases = report.caseCells
        let overdue = RunReport.Sum(cases)
        let done = cases.filter { $0.kind == .outcome }
        let agreed = done.filter { ResultGroup($0) == .agreed }
        let numbers = [
            ("Accounts read", report.intake.accounts, "\(ReportWords.grouped(report.intake.rejected)) rows rejected"),
            ("In arrears", overdue.accounts, ReportWords.list(overdue.arrears)),
            (
                "Acted on", done.accounts,
                ReportWords.share(done.accounts, of: overdue.accounts) + " of those in arrears"
            ),
            ("Left alone", cases.accounts(in: .leftAlone), "each with its reason"),
            ("Promised or paid", agreed.accounts, ReportWords.list(RunReport.Sum(agreed).outcomeAmount)),
            ("Uncertain", report.uncertain, report.uncertain == 0 ? "nothing to look into" : "somebody must look"),
        ]
        let items = numbers.map { title, number, note in
            """
            <div class="tile"><dt>\(title)</dt><dd><b>\(ReportWords.grouped(number))</b>\
            <small>\(HTML.escaped(note))</small></dd></div>
            """
        }
        return "<dl class=\"tiles\">\(items.joined())</dl>"
    }

    private var balanceNote: String {
        let balance = report.balance
        let sum = ReportWords.grouped(balance.accountsWithResult)
        let read = ReportWords.grouped(balance.accountsRead)
        guard balance.isBalanced else {
            return """
                <p class="note bad" role="alert"><b>Not balanced:</b> \(sum) accounts have a result, but \(read) were \
                read.</p>
                """
        }
        return """
            <p class="note good"><b>Balanced:</b> the sum over all results below is \(sum), the number of accounts \
            read.</p>
            """
    }

    private var bucketSection: String {
        let groups = report.cases { $0.bucket }
        guard !groups.isEmpty else { return "" }
        let chart = HTMLCharts.stacks(groups, label: "Share of results by bucket of days past due")
        return section("What became of each bucket", chart + groupTable("Bucket", groups))
    }

    private var segmentSection: String {
        let groups = report.cases { $0.segment }
        return groups.isEmpty ? "" : section("By segment", groupTable("Segment", groups))
    }

    private var funnelSection: String {
        let cases = report.caseCells
        let withTask = cases.filter { $0.kind == .outcome || $0.kind == .open }
        let done = cases.filter { $0.kind == .outcome }
        let reached = done.accounts(in: .agreed) + done.accounts(in: .reached)
        let steps = [
            ("Rows read", report.intake.rowsRead), ("Accounts taken", report.intake.accounts),
            ("In arrears", cases.accounts), ("A step was due", withTask.accounts), ("Done today", done.accounts),
            ("Person reached", reached), ("Promised or paid", done.accounts(in: .agreed)),
        ]
        let bars = steps.enumerated().map { index, step in
            let before = index == 0 ? step.1 : steps[index - 1].1
            let note = index == 0 ? "" : "\(ReportWords.share(step.1, of: before)) of the line above"
            return HTMLCharts.Bar(title: step.0, count: step.1, note: note)
        }
        return section("From the book to a promise", HTMLCharts.bars(bars, label: "Accounts left after each stage"))
    }

    private var reasonSection: String {
        let reasons = report.totals.filter { $0.kind == .reason }
        guard !reasons.isEmpty else { return "" }
        let bars = reasons.map {
            HTMLCharts.Bar(
                title: ReportWords.words($0.result), count: $0.sum.accounts, note: ReportWords.list($0.sum.arrears))
        }
        return section(
            "Why people in arrears were left alone", HTMLCharts.bars(bars, label: "Cases without a task, by reason"))
    }

    private var outcomeSection: String {
        let currencies = report.currencies
        var table = HTMLTable(caption: "All results; the accounts add up to the accounts read")
        table.columns =
            [("", false), ("Result", false), ("Stage", false), ("Accounts", true)]
            + currencies.map { ("Arrears \($0)", true) } + currencies.map { ("Promised, paid \($0)", true) }
        table.rows = report.totals.map { total in
            [
                ReportWords.title(total.kind), ReportWords.words(total.result), ReportWords.title(total.stage),
                ReportWords.grouped(total.sum.accounts),
            ] + currencies.map { amount(total.sum.arrears, $0) }
                + currencies.map { amount(total.sum.outcomeAmount, $0) }
        }
        let sum = RunReport.Sum(report.cells)
        table.footer =
            ["Sum", "", "", ReportWords.grouped(sum.accounts)] + currencies.map { amount(sum.arrears, $0) }
            + currencies.map { amount(sum.outcomeAmount, $0) }
        return section("Results", table.html)
    }

    private var rejectSection: String {
        guard report.intake.rejected > 0 else { return "" }
        var table = HTMLTable(caption: "Rows that were not taken; the rejects file names each line")
        table.columns = [("Why", false), ("Rows", true)]
        table.rows = report.intake.rejects.sorted { $0.key < $1.key }
            .map { [ReportWords.words($0.key), ReportWords.grouped($0.value)] }
        return section("Rejected rows", table.html)
    }

    private var uncertainSection: String {
        guard report.uncertain > 0 else { return "" }
        var table = HTMLTable(
            caption: "\(ReportWords.grouped(report.uncertain)) tasks; none is tried again until it is known whether it "
                + "was done")
        table.columns = [("Task", false), ("Stage", false), ("Step", false)]
        table.rows = report.uncertainTasks.map { [$0.task.text, ReportWords.title($0.stage), $0.step] }
        return section("Not certain", table.html)
    }

    private var eventSection: String {
        guard !report.events.isEmpty else { return "" }
        var table = HTMLTable(caption: "What agencies reported on tasks that were settled before")
        table.columns = [("News", false), ("Count", true), ("Amount", true)]
        table.rows = report.events.map {
            [$0.kind.rawValue, ReportWords.grouped($0.events), ReportWords.list($0.amounts)]
        }
        return section("News on earlier tasks", table.html)
    }

    private var timingSection: String {
        guard let timings = report.timings else { return "" }
        var table = HTMLTable(
            caption: "From \(ReportWords.utc(timings.startedAt)), \(ReportWords.duration(timings.milliseconds)) in all")
        table.columns = [("Stage", false), ("Items", true), ("Time", true), ("Items per second", true)]
        table.rows = timings.stages.map {
            [
                $0.stage.rawValue, ReportWords.grouped($0.items), ReportWords.duration($0.milliseconds),
                ReportWords.grouped($0.rate),
            ]
        }
        return section("Time", table.html)
    }

    private var cellSection: String {
        var table = HTMLTable(caption: "Accounts by bucket, segment, stage and result")
        table.columns = [
            ("Bucket", false), ("Segment", false), ("Stage", false), ("Result", false), ("Accounts", true),
            ("Currency", false), ("Arrears", true), ("Balance", true), ("Promised, paid", true),
        ]
        table.rows = report.cells.map {
            [
                $0.bucket.isEmpty ? "–" : $0.bucket, $0.segment.isEmpty ? "–" : $0.segment,
                ReportWords.title($0.stage), ReportWords.words($0.result), ReportWords.grouped($0.accounts),
                $0.arrears.currency.code, ReportWords.grouped($0.arrears), ReportWords.grouped($0.balance),
                ReportWords.grouped($0.outcomeAmount),
            ]
        }
        let summary = "Every cell (\(ReportWords.grouped(report.cells.count)))"
        return "<section><details><summary><h2>\(summary)</h2></summary>\(table.html)</details></section>"
    }

    private func groupTable(_ title: String, _ groups: [(word: String, cells: [RunReport.Cell])]) -> String {
        let currencies = report.currencies
        let shown = ResultGroup.allCases.filter { report.caseCells.accounts(in: $0) > 0 }
        func row(_ word: String, _ cells: [RunReport.Cell]) -> [String] {
            let sum = RunReport.Sum(cells)
            return [word, ReportWords.grouped(sum.accounts)] + currencies.map { amount(sum.arrears, $0) }
                + shown.map { ReportWords.grouped(cells.accounts(in: $0)) }
        }
        var table = HTMLTable(caption: "Cases and arrears by \(title.lowercased())")
        table.columns =
            [(title, false), ("Cases", true)] + currencies.map { ("Arrears \($0)", true) }
            + shown.map { ($0.title, true) }
        table.rows = groups.map { row($0.word, $0.cells) }
        table.footer = row("Sum", report.caseCells)
        return table.html
    }

    private func amount(_ amounts: [Money], _ currency: Currency) -> String {
        let amount = amounts.amount(in: currency)
        return amount.minorUnits == 0 ? "" : ReportWords.grouped(amount)
    }

    private func section(_ title: String, _ body: String) -> String {
        "<section><h2>\(HTML.escaped(title))</h2>\(body)</section>"
    }
}
