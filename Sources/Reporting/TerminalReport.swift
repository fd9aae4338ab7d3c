// Owns: a run's report on a terminal. Knows nothing of where it is printed.
import Arrears
import Ledger

extension RunReport {
    /// The report as lines of text that line up, ending with a newline.
    /// - Parameters:
    ///   - width: columns of the terminal; tables shrink to it.
    ///   - colour: with ANSI colours; off for files and pipes.
    package func terminal(width: Int = 100, colour: Bool = false) -> String {
        TerminalReport(report: self, width: max(60, width), colour: colour).text
    }
}

private struct TerminalReport {
    var report: RunReport
    var width: Int
    var colour: Bool

    var text: String {
        var lines = head
        lines += section("The book", bookLines)
        lines += section("What became of the accounts", table(resultTable))
        lines += ["  " + balanceLine]
        lines += section("By bucket", table(groupTable("bucket", report.cases { $0.bucket })))
        lines += section("By segment", table(groupTable("segment", report.cases { $0.segment })))
        lines += section("Not certain", uncertainLines)
        lines += section("News on earlier tasks", eventLines)
        lines += section("Time", timingLines)
        return lines.joined(separator: "\n") + "\n"
    }

    private var head: [String] {
        let state = report.isFinal ? "" : " · not finished"
        let kind = report.inputs.isRehearsal ? "REHEARSAL · " : ""
        var lines = [strong("Recoup · \(kind)run \(report.run) · as of \(report.asOf)\(state)")]
        let inputs = report.inputs
        if !inputs.policy.isEmpty {
            let version = inputs.policyVersion.isEmpty ? "" : " \(inputs.policyVersion)"
            lines.append(TextTable.printable("  policy \(inputs.policy)\(version)\(digest(inputs.policyDigest))"))
        }
        if !inputs.book.isEmpty {
            lines.append(TextTable.printable("  book   \(inputs.book)\(digest(inputs.bookDigest))"))
        }
        return lines
    }

    private var bookLines: [String] {
        let intake = report.intake
        var table = TextTable([("", .left), ("", .right)])
        table.rows = [
            ["rows read", ReportWords.grouped(intake.rowsRead)], ["accounts", ReportWords.grouped(intake.accounts)],
            ["in arrears", ReportWords.grouped(report.caseCells.accounts)],
            ["rejected", ReportWords.grouped(intake.rejected)],
        ]
        for (kind, count) in intake.rejects.sorted(by: { $0.key < $1.key }) {
            table.rows.append(["  \(ReportWords.words(kind))", ReportWords.grouped(count)])
        }
        return Array(table.lines(width: width).dropFirst(2))
    }

    private var resultTable: TextTable {
        let currencies = report.currencies
        var table = TextTable(
            [("result", .left), ("stage", .left), ("accounts", .right)]
                + currencies.map { ("arrears \($0)", .right) } + currencies.map { ("promised, paid \($0)", .right) })
        var kind: ReportCell.Kind?
        for total in report.totals {
            if total.kind != kind {
                kind = total.kind
                let same = report.totals.filter { $0.kind == total.kind }
                let row = [
                    ReportWords.title(total.kind), "", ReportWords.grouped(same.reduce(0) { $0 + $1.sum.accounts }),
                ]
                table.rows.append(row + Array(repeating: "", count: currencies.count * 2))
            }
            let amounts = currencies.map { blankIfZero(total.sum.arrears.amount(in: $0)) }
            let outcomes = currencies.map { blankIfZero(total.sum.outcomeAmount.amount(in: $0)) }
            let stage = total.stage == nil ? "" : ReportWords.title(total.stage)
            table.rows.append(
                ["  \(ReportWords.words(total.result))", stage, ReportWords.grouped(total.sum.accounts)] + amounts
                    + outcomes)
        }
        return table
    }

    private var balanceLine: String {
        let balance = report.balance
        let sum = ReportWords.grouped(balance.accountsWithResult)
        let read = ReportWords.grouped(balance.accountsRead)
        if balance.isBalanced { return paint("balanced: \(sum) accounts with a result = \(read) accounts read", 32) }
        return paint("NOT BALANCED: \(sum) accounts with a result, \(read) accounts read", 31)
    }

    private func groupTable(_ title: String, _ groups: [(word: String, cells: [RunReport.Cell])]) -> TextTable {
        let currencies = report.currencies
        let shown = ResultGroup.allCases.filter { report.caseCells.accounts(in: $0) > 0 }
        var table = TextTable(
            [(title, .left), ("cases", .right)] + currencies.map { ("arrears \($0)", .right) }
                + shown.map { ($0.shortTitle, .right) })
        for group in groups {
            let sum = RunReport.Sum(group.cells)
            table.rows.append(
                [group.word, ReportWords.grouped(sum.accounts)]
                    + currencies.map { blankIfZero(sum.arrears.amount(in: $0)) }
                    + shown.map { result in
                        let count = group.cells.accounts(in: result)
                        return count == 0 ? "·" : ReportWords.grouped(count)
                    })
        }
        return table
    }

    private var uncertainLines: [String] {
        guard report.uncertain > 0 else { return [] }
        var table = TextTable([("task", .left), ("stage", .left), ("step", .left)])
        table.rows = report.uncertainTasks.map { [$0.task.text, ReportWords.title($0.stage), $0.step] }
        let more = report.uncertain - report.uncertainTasks.count
        return table.lines(width: width) + (more > 0 ? ["  and \(ReportWords.grouped(more)) more"] : [])
    }

    private var eventLines: [String] {
        guard !report.events.isEmpty else { return [] }
        var table = TextTable([("", .left), ("", .right), ("", .right)])
        table.rows = report.events.map {
            [$0.kind.rawValue, ReportWords.grouped($0.events), ReportWords.list($0.amounts)]
        }
        return Array(table.lines(width: width).dropFirst(2))
    }

    private var timingLines: [String] {
        guard let timings = report.timings else { return [] }
        var table = TextTable([("stage", .left), ("items", .right), ("time", .right), ("items/s", .right)])
        table.rows = timings.stages.map {
            [
                $0.stage.rawValue, ReportWords.grouped($0.items), ReportWords.duration($0.milliseconds),
                ReportWords.grouped($0.rate),
            ]
        }
        let all = "  from \(ReportWords.utc(timings.startedAt)), \(ReportWords.duration(timings.milliseconds)) in all"
        return table.lines(width: width) + [all]
    }

    private func section(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["", strong(title)] + lines
    }

    private func table(_ table: TextTable) -> [String] {
        table.rows.isEmpty ? [] : table.lines(width: width)
    }

    private func blankIfZero(_ amount: Money) -> String { amount.minorUnits == 0 ? "" : ReportWords.grouped(amount) }

    private func digest(_ digest: String) -> String { digest.isEmpty ? "" : " · sha256 \(digest.prefix(12))" }

    private func strong(_ text: String) -> String { paint(text, 1) }

    private func paint(_ text: String, _ code: Int) -> String {
        let clean = TextTable.printable(text)
        return colour ? "\u{1B}[\(code)m\(clean)\u{1B}[0m" : clean
    }
}
