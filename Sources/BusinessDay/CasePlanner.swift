// Owns: one case's decision and the task that it makes, from what the ledger knows of the person. Whoever plans a day and
// whoever looks at it again ask the same question.
import Arrears
import Leasing
import Ledger

struct CasePlanner {
    let order: RunOrder
    private let policy: Policy
    private let factory: TaskFactory
    /// Planned here or nowhere: a task that fits no frame could never be leased.
    private static let contentBytes = Limits().contentBytes

    init(order: RunOrder, policy: Policy) {
        self.order = order
        self.policy = policy
        factory = TaskFactory(order: order)
    }

    /// What was told of one person.
    struct Person {
        var history: [CaseHistoryEntry]
        var events: [RegisterEvent]

        init(_ customer: CustomerID, accounts: [CaseID], in ledger: any LedgerReading) throws {
            history = try ledger.history(ofCustomer: customer)
            events = try ledger.registerEvents(of: customer, accounts: accounts)
        }

        /// Events about the person, and those about this account.
        func events(of account: CaseID) -> [RegisterEvent] {
            events.filter { event in
                if case .account(let other) = event.subject { other == account } else { true }
            }
        }
    }

    /// - Parameters:
    ///   - history: of the case.
    ///   - contactsToday: of the person, by whomever.
    func plan(
        _ record: CaseRecord, _ history: [CaseHistoryEntry], of person: Person, contactsToday: Int
    ) throws -> PlannedCase {
        guard let match = record.match else {
            throw LedgerError(
                .corrupt, "run \(order.run), line \(record.line): expected a case with a segment, got one without")
        }
        let input = PlanInput(
            overdue: record.overdue, match: match, history: history, personHistory: person.history,
            events: person.events(of: record.overdue.id), asOf: order.asOf, contactsToday: contactsToday)
        switch policy.plan(input) {
        case .none(let reason, let detail):
            return PlannedCase(caseID: record.overdue.id, decision: .none(reason, detail: detail), detail: detail)
        case .step(let step):
            let task = try factory.task(for: step, of: record.overdue, history: history)
            guard task.content.count <= Self.contentBytes else {
                let detail =
                    "\(step.step): expected content of at most \(Self.contentBytes) bytes, got \(task.content.count)"
                return PlannedCase(
                    caseID: record.overdue.id, decision: .none(.contentTooLarge, detail: detail), detail: detail)
            }
            return PlannedCase(caseID: record.overdue.id, decision: .task(task), detail: step.why)
        }
    }
}
