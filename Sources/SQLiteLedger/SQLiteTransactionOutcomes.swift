// Owns: the verbs that end a task's time in a lease: outcome, release, later news. Each names lease and epoch in the
// statement that changes the row; that no row changed is an answer.
import Arrears
import GRDB
import Leasing
import Ledger

extension SQLiteTransaction {
    func settleIfHeld(_ outcome: Outcome, under lease: LeaseKey, businessDate: CalendarDate, at: Timestamp) throws
        -> Verdict
    {
        let changed: Verdict? =
            switch outcome.attempt {
            case .made, .notMade: try settle(outcome, under: lease, businessDate: businessDate, at: at)
            case .neverSeen: try makeReadyAgain(outcome.task, note: TransitionNote.neverSeen, under: lease, at: at)
            case .unknown: try leaveWithoutAnswer(outcome.task, under: lease, at: at)
            }
        if let changed { return changed }
        guard let held = try holder(of: outcome.task) else { return .unknownTask }
        // What the last attempt's lease cannot tell while the task is asked about leaves it as it is.
        if outcome.attempt == .unknown, held.isOpen(to: lease) { return .alreadyKnown }
        guard held.lease == lease else { return .leaseLost }
        switch (held.state, outcome.attempt) {
        case (.settled, _), (.ready, .neverSeen), (.uncertain, .unknown): return .alreadyKnown
        default: return .leaseLost
        }
    }

    func releaseIfHeld(_ task: TaskID, under lease: LeaseKey, isCounted: Bool, at: Timestamp) throws -> Verdict {
        let released = try database.row(
            """
            UPDATE task SET state = CASE mode WHEN 'attempt' THEN 'ready' ELSE 'uncertain' END,
                deliveries = deliveries - ?1, inquiries = inquiries - (?1 AND mode = 'inquire'), changed_at = ?2
            WHERE id = ?3 AND lease_id = ?4 AND epoch = ?5 AND state = 'leased' RETURNING number, state
            """, [isCounted ? 0 : 1, at.milliseconds, task.text, lease.idBits, lease.epochBits])
        if let released {
            try insertTransition(
                released.value("number"), to: try released.word("state"), under: lease, at: at,
                note: TransitionNote.released(isCounted: isCounted))
            try withdrawIfStopped(task, at: at)
            return .accepted
        }
        if try makeReady(task, where: .openToAttempt, note: TransitionNote.releasedLate, under: lease, at: at) {
            return .late
        }
        guard let held = try holder(of: task) else { return .unknownTask }
        guard held.lease == lease else { return .leaseLost }
        switch (held.state, held.mode) {
        case (.ready, .attempt), (.uncertain, .inquire): return .alreadyKnown
        default: return .leaseLost
        }
    }

    func recordEvent(_ event: CaseEvent, businessDate: CalendarDate, at: Timestamp) throws -> Bool? {
        let task = try database.row(
            "SELECT run_id, case_id, customer, stage, step FROM task WHERE id = ?", [event.task.text])
        guard let task else { return nil }
        let inserted = try database.run(
            "INSERT INTO event (id, run_id, recorded_at, event) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            [event.id, task.value("run_id") as String, at.milliseconds, try JSONColumn.text(event)])
        guard inserted == 1 else { return false }
        let entry = CaseHistoryEntry(
            event: event, stage: try task.word("stage"), step: try task.value("step"), businessDate: businessDate)
        try insert(entry, of: task)
        return true
    }

    // MARK: - The changes that an outcome may make; nil when no row was changed

    private func settle(_ outcome: Outcome, under lease: LeaseKey, businessDate: CalendarDate, at: Timestamp) throws
        -> Verdict?
    {
        for fence in [Fence.held, .open] {
            let isLate = fence == .open
            let note = TransitionNote.settled(outcome, isLate: isLate)
            if try settle(outcome, where: fence, note: note, under: lease, businessDate: businessDate, at: at) {
                return isLate ? .late : .accepted
            }
        }
        return nil
    }

    /// Whether the lease and epoch were the task's in this way, and it is settled now.
    func settle(
        _ outcome: Outcome, where fence: Fence, note: String, under lease: LeaseKey, businessDate: CalendarDate,
        at: Timestamp
    ) throws -> Bool {
        let row = try database.row(
            """
            UPDATE task SET state = 'settled', changed_at = ?4, outcome_code = ?5, outcome_amount = ?6,
                outcome_currency = ?7, outcome = ?8, lease_id = ?2, epoch = ?3
            WHERE id = ?1 AND \(fence.rawValue) RETURNING number, case_id, customer, stage, step, endpoint
            """,
            [
                outcome.task.text, lease.idBits, lease.epochBits, at.milliseconds, outcome.code.rawValue,
                outcome.amount?.minorUnits, outcome.amount?.currency.code, try JSONColumn.text(outcome),
            ])
        guard let row else { return false }
        try insertTransition(row.value("number"), to: .settled, under: lease, at: at, note: note)
        let entry = CaseHistoryEntry(
            settling: outcome, stage: try row.word("stage"), step: try row.value("step"),
            endpoint: try row.value("endpoint"),
            businessDate: businessDate)
        try insert(entry, of: row)
        return true
    }

    /// It is proved that nothing was attempted.
    private func makeReadyAgain(_ task: TaskID, note: String, under lease: LeaseKey, at: Timestamp) throws -> Verdict? {
        if try makeReady(task, where: .held, note: note, under: lease, at: at) { return .accepted }
        return try makeReady(task, where: .open, note: note, under: lease, at: at) ? .late : nil
    }

    private func makeReady(_ task: TaskID, where fence: Fence, note: String, under lease: LeaseKey, at: Timestamp)
        throws -> Bool
    {
        let row = try database.row(
            """
            UPDATE task SET state = 'ready', mode = 'attempt', inquiries = 0, changed_at = ?4, lease_id = ?2, epoch = ?3
            WHERE id = ?1 AND \(fence.rawValue) RETURNING number
            """, [task.text, lease.idBits, lease.epochBits, at.milliseconds])
        guard let row else { return false }
        try insertTransition(row.value("number"), to: .ready, under: lease, at: at, note: note)
        try withdrawIfStopped(task, at: at)
        return true
    }

    private func leaveWithoutAnswer(_ task: TaskID, under lease: LeaseKey, at: Timestamp) throws -> Verdict? {
        let row = try database.row(
            """
            UPDATE task SET state = \(Self.stateWithoutAnswer), changed_at = ?
            WHERE id = ? AND lease_id = ? AND epoch = ? AND state = 'leased' RETURNING number, state
            """, [at.milliseconds, task.text, lease.idBits, lease.epochBits])
        guard let row else { return nil }
        try insertTransition(
            row.value("number"), to: try row.word("state"), under: lease, at: at, note: TransitionNote.unknown)
        try withdrawIfStopped(task, at: at)
        return .accepted
    }

    private func holder(of task: TaskID) throws -> Holder? {
        try database.row(
            "SELECT state, mode, lease_id, epoch, attempt_lease_id, attempt_epoch FROM task WHERE id = ?", [task.text]
        ).map { row in
            Holder(
                state: try row.word("state"), mode: try row.word("mode"), lease: try row.leaseKey,
                attempt: try row.leaseKey("attempt_lease_id", "attempt_epoch"))
        }
    }

    /// Adds to the story of a task's case and of its customer.
    private func insert(_ entry: CaseHistoryEntry, of task: Row) throws {
        try database.run(
            "INSERT INTO history (case_id, customer, date, entry) VALUES (?, ?, ?, ?)",
            [
                task.value("case_id") as String, task.value("customer") as String, entry.date.iso,
                try JSONColumn.text(entry),
            ])
    }
}

/// How a lease must be a task's for a change to be its to make. The lease id is ?2, the epoch ?3.
enum Fence: String {
    /// It holds the task.
    case held = "lease_id = ?2 AND epoch = ?3 AND state = 'leased'"
    /// It ended, was the task's last or the last to attempt it, and nobody knows better by now.
    case open = """
        ((lease_id = ?2 AND epoch = ?3 AND state = 'uncertain')
            OR (attempt_lease_id = ?2 AND attempt_epoch = ?3
                AND (state = 'uncertain' OR (state = 'leased' AND mode = 'inquire'))))
        """
    /// It ended and was the last to attempt the task, and nobody knows better by now.
    case openToAttempt = """
        attempt_lease_id = ?2 AND attempt_epoch = ?3 AND (state = 'uncertain' OR (state = 'leased' AND mode = 'inquire'))
        """
    /// It was the task's last, and nobody knows what came of it.
    case uncertain = "lease_id = ?2 AND epoch = ?3 AND state = 'uncertain'"
}

/// Whose a task is or was.
private struct Holder {
    var state: TaskState
    var mode: TaskMode
    var lease: LeaseKey?
    var attempt: LeaseKey?

    func isOpen(to lease: LeaseKey) -> Bool {
        attempt == lease && (state == .uncertain || (state == .leased && mode == .inquire))
    }
}
