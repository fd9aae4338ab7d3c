// Owns: which of a person's tasks of today have lost their reason, by what was told since they were planned.
import Arrears
import Leasing
import Ledger

/// Asks for the tasks of a run the question anew by which they were planned. Nothing is planned besides: what a fact makes
/// due is due from the next run on.
struct PlanCheck {
    private let planner: CasePlanner

    init(order: RunOrder, policy: Policy) { planner = CasePlanner(order: order, policy: policy) }

    /// Stops what would not be planned now.
    func stopWhatIsGone(
        of subjects: Set<RegisterEvent.Subject>, in ledger: any LedgerTransaction, at: Timestamp
    ) throws {
        let earlier = try EarlierRuns(contacting: planner.order, in: ledger)
        var customers: Set<CustomerID> = []
        for subject in subjects {
            switch subject {
            case .customer(let id): customers.insert(id)
            case .account(let id):
                if let record = try ledger.caseRecord(id, in: planner.order.run) {
                    customers.insert(record.overdue.account.customer)
                }
            }
        }
        for customer in customers.sorted() { try stopWhatIsGone(of: customer, earlier, in: ledger, at: at) }
    }

    private func stopWhatIsGone(
        of customer: CustomerID, _ earlier: EarlierRuns, in ledger: any LedgerTransaction, at: Timestamp
    ) throws {
        let run = planner.order.run
        let tasks = try ledger.tasks(of: customer, in: run)
        let open = try tasks.filter(\.isOpen).compactMap { task in
            try ledger.caseRecord(task.task.caseID, in: run).map { (task: task, record: $0) }
        }
        guard !open.isEmpty else { return }
        let person = try CasePlanner.Person(customer, accounts: open.map(\.record.overdue.id), in: ledger)
        let elsewhere =
            try earlier.contacts(of: customer, in: ledger).count + person.events.contacts(on: planner.order.contactDate)
        // What was begun is a contact, whatever becomes of it; of the rest the most urgent come first.
        let begun = Set(tasks.filter(\.isBegunContact).map(\.task.id))
        var kept: Set<TaskID> = []
        for (task, record) in open.sorted(by: { $0.record.isMoreUrgent(than: $1.record) }) {
            let id = task.task.id
            let contacts = elsewhere + begun.union(kept).subtracting([id]).count
            let history = try ledger.history(of: record.overdue.id)
            let plan = try planner.plan(record, history, of: person, contactsToday: contacts)
            if case .task(let again) = plan.decision, again.id == id {
                if task.task.stage.descriptor.isContact { kept.insert(id) }
            } else {
                try ledger.stop(id, why: plan.detail, at: at)
            }
        }
    }
}

extension TaskRecord {
    /// It may yet be attempted.
    fileprivate var isOpen: Bool {
        switch state {
        case .planned, .ready, .leased, .uncertain: true
        case .settled, .withdrawn, .deadLetter: false
        }
    }

    fileprivate var isBegunContact: Bool {
        guard task.stage.descriptor.isContact else { return false }
        switch state {
        case .leased, .uncertain, .settled: return true
        case .planned, .ready, .withdrawn, .deadLetter: return false
        }
    }
}

extension CaseRecord {
    /// The oldest arrears go first.
    func isMoreUrgent(than other: CaseRecord) -> Bool {
        (other.overdue.delinquency.dpd, overdue.id) < (overdue.delinquency.dpd, other.overdue.id)
    }
}
