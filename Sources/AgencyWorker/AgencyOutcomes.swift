// Owns: an agency's answers → outcomes and news. Knows no file.
import Arrears

package enum AgencyOutcomes {
    /// What came of one case of a batch by these answers.
    package static func outcome(
        of task: TaskID, in batch: PlacedBatch, acknowledgement: Acknowledgement?, results: AgencyResults?
    ) -> Outcome {
        var details = ["batch": batch.name.description]
        if let reason = acknowledgement?.rejected[task] {
            details["reason"] = reason
            return Outcome(
                task: task, attempt: .made, code: .rejectedByAgency, evidence: batch.evidence, details: details)
        }
        let rows = results?.rows.filter { $0.task == task } ?? []
        let payments = rows.compactMap(\.amount)
        let contacts = rows.filter { $0.kind == .contact }
        let returned = rows.last { $0.kind == .return }
        if !contacts.isEmpty { details["contacts"] = String(contacts.count) }
        if !payments.isEmpty { details["payments"] = String(payments.count) }
        if let returned { details["returned"] = returned.detail }
        let code: OutcomeCode =
            if !payments.isEmpty {
                .agencyPayment
            } else if !contacts.isEmpty {
                .agencyContact
            } else if returned != nil {
                .agencyReturn
            } else if acknowledgement != nil || results != nil {
                .placed
            } else {
                .placedUnacknowledged
            }
        let paid = payments.first.map { first in payments.dropFirst().reduce(first, +) }
        return Outcome(
            task: task, attempt: .made, code: code, evidence: batch.evidence, amount: paid, details: details)
    }

    /// The news in a late results file.
    package static func events(in results: AgencyResults, of file: AnswerName) -> [CaseEvent] {
        results.rows.map { row in
            CaseEvent(
                id: "\(file.file):\(row.line)", task: row.task, kind: row.kind, amount: row.amount, date: row.date,
                detail: row.detail)
        }
    }

    /// The news in a late acknowledgement: the cases that the agency gives back at once.
    package static func events(in acknowledgement: Acknowledgement, of file: AnswerName) -> [CaseEvent] {
        acknowledgement.rejected.map { task, reason in
            CaseEvent(
                id: "\(file.file):\(acknowledgement.lines[task] ?? 0)", task: task, kind: .return,
                date: file.batch.businessDate, detail: reason)
        }
        .sorted { $0.id < $1.id }
    }
}
