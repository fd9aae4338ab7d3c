// Owns: the contacts of a customer on the day of a run that other runs made or planned, whatever book they had: the promise
// of one contact a day is made to the person.
import Arrears
import Ledger

/// The other runs that contact people on the same day.
struct EarlierRuns {
    private let runs: [RunID]

    init(contacting order: RunOrder, in ledger: any LedgerReading) throws {
        let days = RunOrder.businessDays
        runs = try ledger.runs().filter { run in
            guard run.id != order.run else { return false }
            return try days.day(of: run) == order.contactDate
        }.map(\.id)
    }

    /// What they did or may have done. A task that was withdrawn, or given up before anybody attempted it, reached nobody.
    func contacts(of customer: CustomerID, in ledger: any LedgerReading) throws -> ContactsToday {
        var contacts = ContactsToday()
        for run in runs {
            for record in try ledger.tasks(of: customer, in: run) where record.task.stage.descriptor.isContact {
                switch record.state {
                case .settled: contacts.add(record.task.id)
                case .planned, .ready, .leased, .uncertain:
                    contacts.add(record.task.id, unsettledOf: record.task.caseID)
                case .withdrawn, .deadLetter: break
                }
            }
        }
        return contacts
    }
}

/// A customer's contacts of one day: made, planned or of unknown fate. Each task once, whichever runs it was in.
struct ContactsToday {
    private var tasks: Set<TaskID> = []
    private var unsettled: [CaseID: Set<TaskID>] = [:]

    /// By somebody else, of whom events told.
    private var others = 0

    var count: Int { tasks.count + others }

    /// Tasks of the case of which nobody knows the end yet.
    func unsettled(of id: CaseID) -> Set<TaskID> { unsettled[id] ?? [] }

    mutating func addOthers(_ count: Int) { others += count }

    mutating func add(_ task: TaskID, unsettledOf id: CaseID? = nil) {
        tasks.insert(task)
        if let id { unsettled[id, default: []].insert(task) }
    }
}
