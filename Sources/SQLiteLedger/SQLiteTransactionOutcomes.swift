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
            case .neverSeen: try makeReadyAgain(outcome.task, under: lease, at: at)
            case .unknown: try leaveWithoutAnswer(outcome.task, under: lease, at: at)
            }
        if let changed { return changed }
        guard let held = try holder(of: outcome.task) else { return .unknownTask }
        guard held.lease == lease else { return .leaseLost }
        switch (held.state, outcome.attempt) {
        case (.settled, _), (.ready, .neverSeen), (.uncertain, .unknown): return .alreadyKnown
        default: return .leaseLost
        }
    }

    func releaseIfHeld(_ task: TaskID, under lease: LeaseKey, at: Timestamp) throws -> Verdict {
        let released = try database.row(
            """
            UPDATE task SET state = CASE mode WHEN 'attempt' THEN 'ready' ELSE 'uncertain' END,
                deliveries = deliveries - 1, inquiries = inquiries - (mode = 'inquire'), changed_at = ?
            WHERE id = ? AND lease_id = ? AND epoch = ? AND state = 'leased' RETURNING number, state
            """, [at.milliseconds, task.text, lease.idBits, lease.epochBits])
        if let released {
            try insertTransition(
                released["number"], to: try released.word("state"), under: lease, at: at,
                note: TransitionNote.released)
            return .accepted
        }
        guard let held = try holder(of: task) else { return .unknownTask }
        guard held.lease == lease else { return .leaseLost }
        switch (held.state, held.mode) {
        case (.ready, .attempt), (.uncertain, .inquire): return .alreadyKnown
        default: return .leaseLost
        }
    }

    func recordEvent(_ event: CaseEvent, businessDate: CalendarDate, at: Timestamp) throws -> Bool? {
        let task = try database.row("SELECT run_id, case_id, stage, step FROM task WHERE id = ?", [event.task.text])
        guard let task else { return nil }
        let inserted = try database.run(
            "INSERT INTO event (id, run_id, recorded_at, event) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            [event.id, task["run_id"] as String, at.milliseconds, try JSONColumn.text(event)])
        guard inserted == 1 else { return false }
        let entry = CaseHistoryEntry(
            event: event, stage: try task.word("stage"), step: task["step"], businessDate: businessDate)
        try insert(entry, into: task["case_id"])
        return true
    }

    // MARK: - The changes that an outcome may make; nil when no row was changed

    private func settle(_ outcome: Outcome, under lease: LeaseKey, businessDate: CalendarDate, at: Timestamp) throws
        -> Verdict?
    {
        for state in [TaskState.leased, .uncertain] {
            let isLate = state == .uncertain
            let note = TransitionNote.settled(outcome, isLate: isLate)
            if try settle(outcome, from: state, note: note, under: lease, businessDate: businessDate, at: at) {
                return isLate ? .late : .accepted
            }
        }
        return nil
    }

    /// Whether the task was in this state under this lease, and is settled now.
    func settle(
        _ outcome: Outcome, from state: TaskState, note: String, under lease: LeaseKey, businessDate: CalendarDate,
        at: Timestamp
    ) throws -> Bool {
        let row = try database.row(
            """
            UPDATE task SET state = 'settled', changed_at = ?, outcome_code = ?, outcome_amount = ?,
                outcome_currency = ?, outcome = ?
            WHERE id = ? AND lease_id = ? AND epoch = ? AND state = '\(state.rawValue)'
            RETURNING number, case_id, stage, step
            """,
            [
                at.milliseconds, outcome.code.rawValue, outcome.amount?.minorUnits, outcome.amount?.currency.code,
                try JSONColumn.text(outcome), outcome.task.text, lease.idBits, lease.epochBits,
            ])
        guard let row else { return false }
        try insertTransition(row["number"], to: .settled, under: lease, at: at, note: note)
        let entry = CaseHistoryEntry(
            settling: outcome, stage: try row.word("stage"), step: row["step"], businessDate: businessDate)
        try insert(entry, into: row["case_id"])
        return true
    }

    /// It is proved that nothing was attempted.
    private func makeReadyAgain(_ task: TaskID, under lease: LeaseKey, at: Timestamp) throws -> Verdict? {
        for state in [TaskState.leased, .uncertain] {
            let row = try database.row(
                """
                UPDATE task SET state = 'ready', mode = 'attempt', inquiries = 0, changed_at = ?
                WHERE id = ? AND lease_id = ? AND epoch = ? AND state = '\(state.rawValue)' RETURNING number
                """, [at.milliseconds, task.text, lease.idBits, lease.epochBits])
            guard let row else { continue }
            try insertTransition(row["number"], to: .ready, under: lease, at: at, note: TransitionNote.neverSeen)
            return state == .leased ? .accepted : .late
        }
        return nil
    }

    private func leaveWithoutAnswer(_ task: TaskID, under lease: LeaseKey, at: Timestamp) throws -> Verdict? {
        let row = try database.row(
            """
            UPDATE task SET state = \(Self.stateWithoutAnswer), changed_at = ?
            WHERE id = ? AND lease_id = ? AND epoch = ? AND state = 'leased' RETURNING number, state
            """, [at.milliseconds, task.text, lease.idBits, lease.epochBits])
        guard let row else { return nil }
        try insertTransition(
            row["number"], to: try row.word("state"), under: lease, at: at, note: TransitionNote.unknown)
        return .accepted
    }

    private func holder(of task: TaskID) throws -> (state: TaskState, mode: TaskMode, lease: LeaseKey?)? {
        try database.row("SELECT state, mode, lease_id, epoch FROM task WHERE id = ?", [task.text])
            .map { (try $0.word("state"), try $0.word("mode"), $0.leaseKey) }
    }

    private func insert(_ entry: CaseHistoryEntry, into caseID: String) throws {
        try database.run(
            "INSERT INTO history (case_id, date, entry) VALUES (?, ?, ?)",
            [caseID, entry.date.iso, try JSONColumn.text(entry)])
    }
}
