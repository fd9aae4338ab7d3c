// Owns: the plan stage: for each case the task that is due, or the reason why there is none, customer by customer.
import Arrears
import Leasing
import Ledger

struct PlanStage: DayStage {
    private let order: RunOrder
    private let policy: Policy
    private let factory: TaskFactory

    init(order: RunOrder, policy: Policy) {
        self.order = order
        self.policy = policy
        factory = TaskFactory(order: order)
    }

    /// Plans the next customers. Done when none is left.
    func step(_ ledger: any LedgerTransaction, checkpoint: inout Checkpoint, now: Now) throws -> StageTurn {
        let after = checkpoint.cursor.isEmpty ? nil : CustomerID(checkpoint.cursor)
        let cases = try ledger.casesByCustomer(of: order.run, after: after, limit: Batch.customers)
        guard let last = cases.last else { return .done }
        var plans: [PlannedCase] = []
        var index = 0
        while index < cases.count {
            let customer = cases[index].overdue.account.customer
            let end = cases[index...].firstIndex { $0.overdue.account.customer != customer } ?? cases.count
            plans += try plan(customer: Array(cases[index..<end]), ledger)
            index = end
        }
        try ledger.recordPlans(plans, in: order.run)
        checkpoint.cursor = last.overdue.account.customer.text
        checkpoint.done += cases.count
        return .more
    }

    /// Late by the book, but with a credit balance or a zero bill.
    private func nothingOwed(_ overdue: OverdueCase) -> PlannedCase? {
        guard overdue.owesNothing else { return nil }
        let detail = "late by the book, but nothing is owed: balance \(overdue.account.balance)"
        return PlannedCase(caseID: overdue.id, decision: .none(.nothingOwed, detail: detail), detail: detail)
    }

    /// One customer's cases share the day's contacts: the oldest arrears go first.
    private func plan(customer cases: [CaseRecord], _ ledger: any LedgerTransaction) throws -> [PlannedCase] {
        var histories: [CaseID: [CaseHistoryEntry]] = [:]
        var contacts = 0
        for record in cases {
            let history = try ledger.history(of: record.overdue.id)
            histories[record.overdue.id] = history
            contacts += history.count {
                $0.date == order.contactDate && $0.stage.descriptor.isContact
            }
        }
        let byUrgency = cases.sorted { left, right in
            (right.overdue.delinquency.dpd, left.overdue.id) < (left.overdue.delinquency.dpd, right.overdue.id)
        }
        var plans: [PlannedCase] = []
        for record in byUrgency {
            guard let match = record.match else {
                preconditionFailure("case \(record.overdue.id) reached the plan stage without a segment")
            }
            if let paid = nothingOwed(record.overdue) {
                plans.append(paid)
                continue
            }
            let history = histories[record.overdue.id] ?? []
            let decision = policy.plan(
                PlanInput(
                    overdue: record.overdue, match: match, history: history, asOf: order.asOf,
                    contactsToday: contacts))
            switch decision {
            case .none(let reason, let detail):
                plans.append(
                    PlannedCase(caseID: record.overdue.id, decision: .none(reason, detail: detail), detail: detail))
            case .step(let step):
                if step.stage.descriptor.isContact { contacts += 1 }
                let task = try factory.task(for: step, of: record.overdue, history: history)
                plans.append(PlannedCase(caseID: record.overdue.id, decision: .task(task), detail: step.why))
            }
        }
        return plans
    }
}
