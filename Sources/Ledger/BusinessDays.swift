// Owns: the day on which what came of a task is booked: its own run's, whatever run is in hand now.
import Arrears
import Leasing

/// The days on which runs contact people, asked for once per run.
package struct BusinessDays: Sendable {
    private let contactDate: @Sendable (RunRecord) throws -> CalendarDate
    private var known: [RunID: CalendarDate] = [:]

    /// - Parameter contactDate: reads it from what a run was ordered to do.
    package init(contactDate: @escaping @Sendable (RunRecord) throws -> CalendarDate) {
        self.contactDate = contactDate
    }

    /// - Returns: nil when the ledger does not know the task.
    package mutating func day(of task: TaskID, in ledger: any LedgerReading) throws -> CalendarDate? {
        guard let run = try ledger.task(task)?.task.run else { return nil }
        return try day(ofRun: run, in: ledger)
    }

    /// The day of a run that has tasks.
    package mutating func day(ofRun run: RunID, in ledger: any LedgerReading) throws -> CalendarDate {
        if let day = known[run] { return day }
        guard let record = try ledger.run(run) else { preconditionFailure("tasks of run \(run), which is not") }
        let day = try contactDate(record)
        known[run] = day
        return day
    }

    /// The day of a run.
    package func day(of run: RunRecord) throws -> CalendarDate { try contactDate(run) }
}
