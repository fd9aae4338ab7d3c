// Owns: the page that a person reads first in a case's evidence. Knows no file.
import Arrears

enum EvidenceSummary {
    static func text(_ content: LegalContent, lender: String) -> String {
        var lines = [
            "# Case \(plain(content.caseRef))", "",
            "Prepared by \(plain(lender)) as of \(content.businessDate) for review by counsel. Nothing has been filed.",
            "", "| | |", "|---|---|",
        ]
        func row(_ title: String, _ value: String) { lines.append("| \(title) | \(plain(value)) |") }
        row("Debtor", content.debtorName)
        row("Product", content.product)
        row("Balance", content.balance.description)
        row("Arrears", content.arrears.description)
        row("Days past due", String(content.dpd))
        row("Oldest unpaid due date", content.oldestUnpaidDueDate?.iso ?? "not known")
        row("Limitation period ends on", content.limitationEndsOn?.iso ?? "not known")
        row("Approved by", content.approvedBy ?? "nobody")
        row("Documents on file", content.presentDocuments.sorted().joined(separator: ", "))
        lines += ["", "## What was done before", ""]
        let kinds = Dictionary(grouping: content.history) { "\($0.kind.rawValue): \($0.outcome.rawValue)" }
        if kinds.isEmpty { lines.append("Nothing is on record.") }
        for (kind, entries) in kinds.sorted(by: { $0.key < $1.key }) {
            let dates = entries.map(\.date).sorted()
            let span =
                dates.count == 1 ? "on \(dates[0])" : "\(dates.count) times, \(dates[0]) to \(dates[dates.count - 1])"
            lines.append("- \(kind), \(span)")
        }
        lines += [
            "", "Every entry stands in `history.csv`, the notices alone in `notices.csv`. `manifest.json` holds the",
            "SHA-256 of each file; the SHA-256 of `manifest.json` itself is kept in the ledger, so that any later change",
            "can be shown.", "",
        ]
        return lines.joined(separator: "\n")
    }

    /// One line of a table's cell.
    private static func plain(_ text: String) -> String {
        String(text.map { $0 == "|" || $0.isNewline ? " " : $0 })
    }
}
