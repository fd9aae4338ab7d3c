// Owns: the plan stage: for each case the task that is due, or the reason why there is none, customer by customer.
import Arrears
import Leasing
import Ledger

struct PlanStage: DayStage {
    private let order: RunOrder
    private let planner: CasePlanner
    /// Read with the first page.
    private var earlier: EarlierRuns?

    init(order: RunOrder, policy: Policy) {
        self.order = order
        planner = CasePlanner(order: order, policy: policy)
    }

    /// Plans the next customers. Done when none is left.
    mutating func step(_ ledger: any LedgerTransaction, checkpoint: inout Checkpoint, now: Now) throws -> StageTurn {
        let earlier = try earlier ?? EarlierRuns(contacting: order, in: ledger)
        self.earlier = earlier
        let after = checkpoint.cursor.isEmpty ? nil : CustomerID(checkpoint.cursor)
        let cases = try ledger.casesByCustomer(of: order.run, after: after, limit: Batch.customers)
        guard let last = cases.last else { return .done }
        var plans: [PlannedCase] = []
        var index = 0
        while index < cases.count {
            let customer = cases[index].overdue.account.customer
            let end = cases[index...].firstIndex { $0.overdue.account.customer != customer } ?? cases.count
            plans += try plan(customer: Array(cases[index..<end]), earlier, ledger)
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

    /// One customer's cases share the day's contacts, with those of whatever other book of today names the customer: the
    /// oldest arrears go first.
    private func plan(customer cases: [CaseRecord], _ earlier: EarlierRuns, _ ledger: any LedgerTransaction) throws
        -> [PlannedCase]
    {
        guard let customer = cases.first?.overdue.account.customer else { return [] }
        let person = try CasePlanner.Person(customer, accounts: cases.map(\.overdue.id), in: ledger)
        var contacts = try earlier.contacts(of: customer, in: ledger)
        contacts.addOthers(person.events.contacts(on: order.contactDate))
        var plans: [PlannedCase] = []
        for record in cases.sorted(by: { $0.isMoreUrgent(than: $1) }) {
            if let paid = nothingOwed(record.overdue) {
                plans.append(paid)
                continue
            }
            let plan = try plan(record, contacts, person, ledger)
            if case .task(let task) = plan.decision, task.stage.descriptor.isContact { contacts.add(task.id) }
            plans.append(plan)
        }
        return plans
    }

    private func plan(
        _ record: CaseRecord, _ contacts: ContactsToday, _ person: CasePlanner.Person, _ ledger: any LedgerTransaction
    ) throws -> PlannedCase {
        let history = try ledger.history(of: record.overdue.id)
        // The same step of today, of unknown fate: planning it again is to ask about it, and no further contact.
        let unsettled = contacts.unsettled(of: record.overdue.id)
        if !unsettled.isEmpty {
            let again = try planner.plan(record, history, of: person, contactsToday: contacts.count - 1)
            if case .task(let task) = again.decision, unsettled.contains(task.id) { return again }
        }
        return try planner.plan(record, history, of: person, contactsToday: contacts.count)
    }
}
