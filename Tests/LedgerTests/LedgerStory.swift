// Owns: everything that a ledger answers, told in lines, so that two versions of it can be compared. Each field is
// named here: one that a later version adds changes no line.
@testable import Arrears
@testable import Leasing
@testable import Ledger

struct LedgerStory {
    private(set) var lines: [String] = []

    init(_ ledger: any LedgerTransaction) throws {
        let runs = try ledger.runs()
        lines.append("unfinished: \(try ledger.unfinishedRun().map(\.id.text) ?? "none")")
        lines.append("next epoch: \(try ledger.nextEpoch())")
        for live in try ledger.liveLeases() {
            lines.append("live: \(words(live.lease)) of \(live.worker), \(live.incarnation), \(live.stage.rawValue)")
        }
        for run in runs { try tell(run, ledger) }
    }

    private mutating func tell(_ run: RunRecord, _ ledger: any LedgerTransaction) throws {
        lines.append(
            "run \(run.id) of \(run.asOf.iso): finished \(run.isFinished), from \(words(run.startedAt)) to "
                + "\(run.finishedAt.map { words($0) } ?? "-"), order \(run.order)")
        for checkpoint in try ledger.checkpoints(of: run.id) {
            lines.append(
                "  \(checkpoint.stage.rawValue): \(checkpoint.done) of \(checkpoint.total ?? -1), complete "
                    + "\(checkpoint.isComplete), cursor \(checkpoint.cursor), \(words(checkpoint.startedAt)) to "
                    + words(checkpoint.updatedAt))
        }
        for (kind, count) in try ledger.rejectCounts(of: run.id).sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            lines.append("  rejects: \(kind.rawValue) \(count)")
        }
        for stored in try ledger.accounts(of: run.id, afterLine: 0, limit: 1_000) {
            let mark = try ledger.accountMark(stored.account.caseID, in: run.id)?.mark
            lines.append("  account \(stored.line): \(words(stored.account)), \(mark?.rawValue ?? "no mark")")
        }
        for record in try ledger.cases(of: run.id, afterLine: 0, limit: 1_000) { try tell(record, run.id, ledger) }
        for count in try ledger.taskCounts(of: run.id) {
            lines.append("  count: \(count.stage.rawValue) \(count.state.rawValue) \(count.count)")
        }
        let uncertain = try ledger.uncertainTasks(of: run.id, limit: 1_000).map(\.task.id.text)
        lines.append("  uncertain: \(uncertain.joined(separator: " "))")
        for event in try ledger.events(of: run.id) {
            lines.append(
                "  event \(event.id): \(event.task) \(event.kind.rawValue) \(words(event.amount)) "
                    + "\(event.date?.iso ?? "-") \(event.detail)")
        }
        for cell in try ledger.reportCells(of: run.id) {
            lines.append(
                "  cell: \(cell.bucket)/\(cell.segment)/\(cell.stage?.rawValue ?? "-") \(cell.kind.rawValue) "
                    + "\(cell.result): \(cell.accounts) accounts, \(cell.arrearsMinorUnits) \(cell.balanceMinorUnits) "
                    + "\(cell.outcomeMinorUnits) \(cell.currency.code)")
        }
    }

    private mutating func tell(_ record: CaseRecord, _ run: RunID, _ ledger: any LedgerTransaction) throws {
        let id = record.overdue.id
        let delinquency = record.overdue.delinquency
        lines.append(
            "  case \(record.line) \(id): \(words(record.overdue.account)); \(record.overdue.bucket), "
                + "\(delinquency.dpd) days, \(words(delinquency.arrears)), due \(delinquency.oldestUnpaidDueDate?.iso ?? "-"); "
                + "segment \(record.match?.segment ?? "-") by \(record.match?.rule ?? "-"); "
                + "\(record.reason?.rawValue ?? "-") \(record.reasonDetail); task \(record.task?.text ?? "-"); "
                + "plan \(try ledger.planDetail(of: id, in: run) ?? "-")")
        for entry in try ledger.history(of: id) {
            lines.append(
                "    history: \(entry.date.iso) \(entry.kind.rawValue) \(entry.stage.rawValue) \(entry.step) "
                    + "\(entry.outcome.rawValue) \(words(entry.amount)) \(entry.due?.iso ?? "-") \(entry.evidence)")
        }
        guard let id = record.task, let task = try ledger.task(id) else { return }
        tell(task)
        for change in try ledger.transitions(of: id) {
            lines.append(
                "      \(words(change.at)) \(change.to.rawValue) \(change.lease.map { words($0) } ?? "-") "
                    + "\(change.worker?.text ?? "-"): \(change.note)")
        }
    }

    private mutating func tell(_ record: TaskRecord) {
        let task = record.task
        lines.append(
            "    task \(task.id) of \(task.run), \(task.caseID), \(task.customer), \(task.portfolio): "
                + "\(task.stage.rawValue) \(task.step), priority \(task.priority), \(words(task.notBefore)) to "
                + "\(words(task.notAfter)), content \(task.content)")
        lines.append(
            "      \(record.state.rawValue) at \(words(record.changedAt)), lease "
                + "\(record.lease.map { words($0) } ?? "-") of \(record.worker?.text ?? "-"), "
                + "\(record.deliveries) deliveries, \(words(record.outcome))")
    }

    private func words(_ outcome: Outcome?) -> String {
        guard let outcome else { return "no outcome" }
        let details = outcome.details.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "\(outcome.attempt.rawValue) \(outcome.code.rawValue) \(outcome.evidence) \(words(outcome.amount)) "
            + "\(outcome.date?.iso ?? "-") \(outcome.callBackAt ?? "-") \(details.joined(separator: " "))"
    }

    private func words(_ account: LoanAccount) -> String {
        "\(account.id) of \(account.customer), \(account.product), \(words(account.balance)), \(account.portfolio), "
            + "\(account.phone ?? "-"), \(account.name ?? "-"), \(account.previousOutcomes.joined(separator: " ")), "
            + "\(account.holds.map(\.kind.rawValue).joined(separator: " "))"
    }

    private func words(_ money: Money?) -> String { money.map { "\($0.decimal) \($0.currency.code)" } ?? "-" }
    private func words(_ moment: Timestamp) -> String { String(moment.milliseconds) }
    private func words(_ lease: LeaseKey) -> String { "\(lease.id)/\(lease.epoch)" }
}
