// Owns: how a file's events come into the ledger, all or none, and what they stop. The coordinator at work and a command
// beside a ledger that nobody serves take the same road.
import Arrears
import Leasing
import Ledger

extension EventFile {
    /// Keeps the events that are new. Tasks of the run in hand that would not be planned any more are stopped.
    /// - Returns: how many were new.
    /// - Throws: `DocumentFaults`, with nothing kept, when the ledger has another event of the same source and id.
    package func take(into ledger: any LedgerTransaction, name: String, at: Timestamp) throws -> Int {
        var faults: [DocumentFault] = []
        for (index, event) in events.enumerated() {
            if let known = try ledger.registerEvent(event.id, of: event.source), known != event {
                faults.append(
                    DocumentFault(
                        line: index + 1, path: "event", expected: "\(event.source) \(event.id) as it was told before",
                        got: "another event under its id; to correct one, revoke it"))
            }
        }
        guard faults.isEmpty else { throw DocumentFaults(source: name, faults: faults) }
        var subjects: Set<RegisterEvent.Subject> = []
        var count = 0
        for event in events where try ledger.insertRegisterEvent(event, at: at) {
            count += 1
            subjects.insert(event.subject)
        }
        if count > 0, let run = try ledger.unfinishedRun() {
            let order = try RunOrder(of: run)
            let check = PlanCheck(order: order, policy: try Policy(order.policy))
            try check.stopWhatIsGone(of: subjects, in: ledger, at: at)
        }
        return count
    }
}
