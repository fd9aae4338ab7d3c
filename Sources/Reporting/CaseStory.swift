// Owns: the whole story of one case, for a customer's question or an auditor's. Masks personal data unless told not to.
import Arrears
import Foundation
import Leasing
import Ledger
import Wire

/// A case's story in one run.
package struct CaseStory: Encodable, Sendable {
    package struct Line: Encodable, Hashable, Sendable {
        package var heading: String
        package var text: String
    }

    package var caseID: String
    package var run: String
    /// Of a rehearsal: nobody was contacted.
    package var isRehearsal: Bool
    package var lines: [Line]

    /// What the ledger knows of the case (or of the account that is none).
    /// - Parameter reveals: show the person's name and number; the caller records who asked and why.
    /// - Returns: nil when the run has no such account.
    package init?(
        _ id: CaseID, in run: RunRecord, isRehearsal: Bool, from ledger: any LedgerReading, reveals: Bool,
        timeZone: String = "UTC"
    ) throws {
        guard let found = try ledger.accountMark(id, in: run.id) else { return nil }
        caseID = id.text
        self.run = run.id.text
        self.isRehearsal = isRehearsal
        lines = []
        let teller = Teller(reveals: reveals, timeZone: timeZone)
        lines += teller.row(found.stored, of: run)
        guard let record = try ledger.caseRecord(id, in: run.id) else {
            lines.append(Line(heading: "recognition", text: teller.words(for: found.mark)))
            lines += try ledger.episodes(of: id).map(teller.episode)
            lines += try ledger.history(of: id).map(teller.history)
            lines += try teller.events(of: found.stored.account, in: ledger)
            return
        }
        lines += teller.recognition(record)
        lines += try ledger.episodes(of: id).map(teller.episode)
        if let match = record.match {
            lines.append(Line(heading: "segment", text: "\(match.segment), by rule “\(match.rule)”"))
        }
        lines += try teller.plan(record, detail: ledger.planDetail(of: id, in: run.id))
        if let taskID = record.task, let task = try ledger.task(taskID) {
            lines += teller.task(task)
            lines += try ledger.transitions(of: taskID).map(teller.transition)
            if let outcome = task.outcome { lines += teller.outcome(outcome) }
        }
        lines += try ledger.history(of: id).map(teller.history)
        lines += try teller.events(of: found.stored.account, in: ledger)
    }

    /// Two columns that line up; a heading is shown once for the lines that share it.
    package func terminal() -> String {
        let width = lines.map(\.heading.count).max() ?? 0
        var text = "Case \(caseID), run \(run)\(isRehearsal ? ", a rehearsal: nobody was contacted" : "")\n"
        var previous = ""
        for line in lines {
            let heading = line.heading == previous ? "" : line.heading
            previous = line.heading
            text += "  " + heading + String(repeating: " ", count: width - heading.count + 2) + line.text + "\n"
        }
        return text
    }
}

/// Puts the ledger's records into words.
private struct Teller {
    let reveals: Bool
    let timeZone: String

    func row(_ stored: StoredAccount, of run: RunRecord) -> [CaseStory.Line] {
        let account = stored.account
        var parts = ["customer \(account.customer)", "product \(account.product)", "balance \(account.balance)"]
        if let region = account.region { parts.append("region \(region)") }
        if let score = account.riskScore { parts.append("risk score \(score)") }
        let name = reveals ? account.name ?? "none" : masked(name: account.name)
        let phone = reveals ? account.phone ?? "none" : masked(phone: account.phone)
        var lines = [
            CaseStory.Line(
                heading: "book", text: "line \(stored.line), as of \(run.asOf): \(parts.joined(separator: ", "))"),
            CaseStory.Line(
                heading: "person",
                text: "name \(name.isEmpty ? "none" : name), phone \(phone.isEmpty ? "none" : phone)"),
        ]
        for hold in account.holds {
            let until = hold.until.map { " until \($0)" } ?? ""
            lines.append(CaseStory.Line(heading: "hold", text: "\(hold.kind.rawValue)\(until)"))
        }
        return lines
    }

    func words(for mark: RecognitionMark?) -> String {
        switch mark {
        case .current: "current: nothing is past due, so nobody is contacted"
        case .overdue: "overdue"
        case nil: "not recognised yet"
        }
    }

    func recognition(_ record: CaseRecord) -> [CaseStory.Line] {
        let delinquency = record.overdue.delinquency
        return delinquency.working.map { CaseStory.Line(heading: "DPD", text: $0) } + [
            CaseStory.Line(
                heading: "DPD",
                text:
                    "\(delinquency.dpd) days past due, arrears \(delinquency.arrears), bucket \(record.overdue.bucket)")
        ]
    }

    /// What was told between books of the account and of its customer.
    func events(of account: LoanAccount, in ledger: any LedgerReading) throws -> [CaseStory.Line] {
        try ledger.registerEvents(of: account.customer, accounts: [account.caseID]).map { event in
            let why = event.why.isEmpty ? "" : ": \(event.why)"
            return CaseStory.Line(
                heading: "event", text: "\(event.source) \(event.id) told of \(event.words)\(why)")
        }
    }

    func episode(_ episode: Episode) -> CaseStory.Line {
        let end = episode.ended.map { "until \($0)" } ?? "still open"
        return CaseStory.Line(
            heading: "episode", text: "in arrears since \(episode.start), a case from \(episode.opened), \(end)")
    }

    func plan(_ record: CaseRecord, detail: String?) throws -> [CaseStory.Line] {
        if let reason = record.reason {
            let words = record.reasonDetail.isEmpty ? (detail ?? "") : record.reasonDetail
            return [
                CaseStory.Line(
                    heading: "plan", text: "no task: \(reason.rawValue)\(words.isEmpty ? "" : " – \(words)")")
            ]
        }
        guard record.task != nil else { return [] }
        return [CaseStory.Line(heading: "plan", text: detail ?? "a step is due")]
    }

    func task(_ record: TaskRecord) -> [CaseStory.Line] {
        let task = record.task
        var lines = [
            CaseStory.Line(
                heading: "task",
                text:
                    "\(task.id): step \(task.step) by \(task.stage.rawValue), allowed \(moment(task.notBefore)) to \(moment(task.notAfter))"
            )
        ]
        if let content = try? StageContent(encoded: task.content) {
            lines.append(CaseStory.Line(heading: "task", text: content.words(revealing: reveals)))
        }
        lines.append(
            CaseStory.Line(
                heading: "task",
                text:
                    "state \(record.state.rawValue), leased \(record.deliveries) time\(record.deliveries == 1 ? "" : "s")"
            ))
        return lines
    }

    func transition(_ change: TaskTransition) -> CaseStory.Line {
        var text = "\(moment(change.at)) → \(change.to.rawValue)"
        if let lease = change.lease { text += ", lease \(lease.id) epoch \(lease.epoch)" }
        if let worker = change.worker { text += ", worker \(worker)" }
        if !change.note.isEmpty { text += ", \(change.note)" }
        return CaseStory.Line(heading: "course", text: text)
    }

    func outcome(_ outcome: Outcome) -> [CaseStory.Line] {
        var text = outcome.code.rawValue
        if let amount = outcome.amount { text += ", \(amount)" }
        if let date = outcome.date { text += ", on \(date)" }
        if let at = outcome.callBackAt { text += ", call back at \(at)" }
        if !outcome.evidence.isEmpty { text += ", evidence \(outcome.evidence)" }
        let details = outcome.details.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        var lines = [CaseStory.Line(heading: "outcome", text: text)]
        if !details.isEmpty { lines.append(CaseStory.Line(heading: "outcome", text: details.joined(separator: ", "))) }
        return lines
    }

    func history(_ entry: CaseHistoryEntry) -> CaseStory.Line {
        var text = "\(entry.date) \(entry.kind.rawValue): step \(entry.step), \(entry.outcome.rawValue)"
        if let amount = entry.amount { text += ", \(amount)" }
        if let due = entry.due { text += ", due \(due)" }
        if let phone = entry.endpoint { text += ", phone \(reveals ? phone : masked(phone: phone))" }
        if let fact = entry.endpointFact, fact.rawValue != entry.outcome.rawValue { text += ", \(fact.rawValue)" }
        return CaseStory.Line(heading: "history", text: text)
    }

    private func moment(_ timestamp: Timestamp) -> String {
        let formatter = ISO8601DateFormatter()
        formatter.timeZone = TimeZone(identifier: timeZone) ?? .gmt
        return formatter.string(from: Date(timeIntervalSince1970: TimeInterval(timestamp.milliseconds) / 1_000))
    }
}
