// Owns: the verbs that make tasks ready, grant them, and end leases. Knows no clock: every moment is an argument.
import Arrears
import Foundation
import GRDB
import Leasing
import Ledger

extension SQLiteTransaction: LedgerTransaction {
    func makeReady(_ run: RunID, at: Timestamp) throws -> Int {
        try database.run(
            """
            INSERT INTO transition (task, at, state, note)
            SELECT number, ?, 'ready', '\(TransitionNote.due)' FROM task WHERE run_id = ? AND state = 'planned'
            """, [at.milliseconds, run.text])
        return try database.run(
            "UPDATE task SET state = 'ready', changed_at = ? WHERE run_id = ? AND state = 'planned'",
            [at.milliseconds, run.text])
    }

    func nextEpoch() throws -> Epoch {
        // No lease is ever deleted, so the leases themselves remember.
        let last = try database.row("SELECT max(epoch) AS epoch FROM lease")?["epoch"] as Int64?
        return Epoch(UInt64(bitPattern: last ?? 0)).next
    }

    func lease(_ grant: Grant, uncertainBefore: Timestamp, maxDeliveries: Int) throws -> [LeasedTask] {
        let runs: [RunID] = try database.rows("SELECT id FROM run WHERE is_finished = 0 ORDER BY started_at, id")
            .map { $0.name("id") }
        // The lease's row comes before the tasks that refer to it, but only when there is one: a worker that asks in
        // vain costs no write.
        var isStored = false
        func storeLease() throws {
            if !isStored { try insert(grant) }
            isStored = true
        }
        var granted: [LeasedTask] = []
        for run in runs {
            // Poisoned tasks leave gaps, so the next ones are asked for until the grant is full or nothing is left.
            while granted.count < grant.limit {
                let candidates = try openTasks(of: run, grant, limit: grant.limit - granted.count)
                if candidates.isEmpty { break }
                try storeLease()
                for number in candidates {
                    if let task = try takeReady(number, under: grant, maxDeliveries: maxDeliveries) {
                        granted.append(task)
                    }
                }
            }
        }
        let due = try uncertainTasks(
            of: runs, grant.stage, changedBy: uncertainBefore, limit: grant.limit - granted.count)
        for number in due {
            try storeLease()
            granted.append(try takeUncertain(number, under: grant))
        }
        if isStored, granted.isEmpty { try database.run("DELETE FROM lease WHERE id = ?", [grant.lease.idBits]) }
        return granted
    }

    func extendIfHeld(_ lease: LeaseKey, at: Timestamp) throws -> Bool {
        try database.run(
            """
            UPDATE lease SET extended_at = ? WHERE id = ? AND epoch = ?
                AND EXISTS (SELECT 1 FROM task WHERE lease_id = lease.id AND state = 'leased')
            """, [at.milliseconds, lease.idBits, lease.epochBits]) == 1
    }

    func expireIfHeld(_ lease: LeaseKey, at: Timestamp) throws -> Int {
        try database.run(
            """
            INSERT INTO transition (task, at, state, lease_id, note)
            SELECT number, ?, \(Self.stateWithoutAnswer), lease_id, '\(TransitionNote.leaseEnded)' FROM task
            WHERE lease_id = ? AND epoch = ? AND state = 'leased'
            """, [at.milliseconds, lease.idBits, lease.epochBits])
        return try database.run(
            """
            UPDATE task SET state = \(Self.stateWithoutAnswer), changed_at = ?
            WHERE lease_id = ? AND epoch = ? AND state = 'leased'
            """, [at.milliseconds, lease.idBits, lease.epochBits])
    }

    func withdrawClosed(_ run: RunID, now: Timestamp) throws -> Int {
        var withdrawn = 0
        for state in [TaskState.planned, .ready] {
            for stage in Stage.allCases {
                let closed = try windows(of: run, stage, state, openedBy: .max).filter { $0.notAfter <= now }
                for window in closed { withdrawn += try withdraw(run, stage, state, window, now) }
            }
        }
        return withdrawn
    }

    func insertTransition(_ task: Int64, to state: TaskState, under lease: LeaseKey?, at: Timestamp, note: String)
        throws
    {
        try database.run(
            "INSERT INTO transition (task, at, state, lease_id, note) VALUES (?, ?, ?, ?, ?)",
            [task, at.milliseconds, state.rawValue, lease?.idBits, note])
    }

    /// Where a task goes whose lease brought no answer: back to ready only where a second attempt harms nobody.
    static let stateWithoutAnswer: String = {
        let idempotent = Stage.allCases.filter { $0.effect == .idempotent }.map { "'\($0.rawValue)'" }
        return
            "CASE WHEN mode = 'attempt' AND stage IN (\(idempotent.joined(separator: ", "))) THEN 'ready' ELSE 'uncertain' END"
    }()
}

// MARK: - Contact windows

/// A contact window that some tasks of a run share.
private struct Window {
    var notBefore: Timestamp
    var notAfter: Timestamp
}

extension Timestamp {
    fileprivate static let min = Timestamp(milliseconds: .min)
    fileprivate static let max = Timestamp(milliseconds: .max)
}

extension SQLiteTransaction {
    /// The windows that tasks of a stage have, found by jumping from one to the next in the index: a run has a handful
    /// of them (one per time zone), however many tasks wait.
    private func windows(of run: RunID, _ stage: Stage, _ state: TaskState, openedBy: Timestamp) throws -> [Window] {
        var found: [Window] = []
        var last = Window(notBefore: .min, notAfter: .min)
        while let row = try database.row(
            """
            SELECT not_before, not_after FROM task WHERE run_id = ? AND state = '\(state.rawValue)' AND stage = ?
                AND (not_before, not_after) > (?, ?) AND not_before <= ?
            ORDER BY not_before, not_after LIMIT 1
            """,
            [
                run.text, stage.rawValue, last.notBefore.milliseconds, last.notAfter.milliseconds,
                openedBy.milliseconds,
            ])
        {
            last = Window(notBefore: row.moment("not_before"), notAfter: row.moment("not_after"))
            found.append(last)
        }
        return found
    }

    /// The numbers of the first ready tasks over all open windows, by priority and id.
    private func openTasks(of run: RunID, _ grant: Grant, limit: Int) throws -> [Int64] {
        let open = try windows(of: run, grant.stage, .ready, openedBy: grant.now).filter { grant.now < $0.notAfter }
        var first: [(priority: Int, id: String, number: Int64)] = []
        for window in open {
            let rows = try database.rows(
                """
                SELECT priority, id, number FROM task WHERE run_id = ? AND state = 'ready' AND stage = ?
                    AND not_before = ? AND not_after = ? ORDER BY priority, id LIMIT ?
                """,
                [
                    run.text, grant.stage.rawValue, window.notBefore.milliseconds, window.notAfter.milliseconds,
                    limit,
                ])
            first += rows.map { ($0["priority"], $0["id"], $0["number"]) }
        }
        if open.count > 1 { first.sort { ($0.priority, $0.id) < ($1.priority, $1.id) } }
        return first.prefix(limit).map(\.number)
    }

    private func withdraw(_ run: RunID, _ stage: Stage, _ state: TaskState, _ window: Window, _ now: Timestamp) throws
        -> Int
    {
        let tasks = "run_id = ? AND state = '\(state.rawValue)' AND stage = ? AND not_before = ? AND not_after = ?"
        let named: StatementArguments = [
            now.milliseconds, run.text, stage.rawValue, window.notBefore.milliseconds, window.notAfter.milliseconds,
        ]
        try database.run(
            """
            INSERT INTO transition (task, at, state, note)
            SELECT number, ?, 'withdrawn', '\(TransitionNote.windowClosed)' FROM task WHERE \(tasks)
            """, named)
        return try database.run("UPDATE task SET state = 'withdrawn', changed_at = ? WHERE \(tasks)", named)
    }
}

// MARK: - Parts of a grant

extension SQLiteTransaction {
    private func insert(_ grant: Grant) throws {
        try database.run(
            """
            INSERT INTO lease (id, epoch, worker, incarnation, stage, granted_at, extended_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                grant.lease.idBits, grant.lease.epochBits, grant.worker.text, Int64(bitPattern: grant.incarnation),
                grant.stage.rawValue, grant.now.milliseconds, grant.now.milliseconds,
            ])
    }

    /// nil when the task was leased too often and is set aside.
    private func takeReady(_ number: Int64, under grant: Grant, maxDeliveries: Int) throws -> LeasedTask? {
        let row = try database.row(
            """
            UPDATE task SET state = 'leased', mode = 'attempt', lease_id = ?, epoch = ?, deliveries = deliveries + 1,
                changed_at = ?
            WHERE number = ? AND state = 'ready' AND deliveries < ? RETURNING id, not_after, deliveries, content
            """,
            [grant.lease.idBits, grant.lease.epochBits, grant.now.milliseconds, number, maxDeliveries])
        if let row {
            try insertTransition(
                number, to: .leased, under: grant.lease, at: grant.now, note: TransitionNote.attempt)
            return LeasedTask(row: row, mode: .attempt)
        }
        let poisoned = try database.row(
            "UPDATE task SET state = 'poison', changed_at = ? WHERE number = ? AND state = 'ready' RETURNING deliveries",
            [grant.now.milliseconds, number])
        guard let poisoned else { preconditionFailure("task \(number) was ready and is not, within one grant") }
        let note = TransitionNote.poison(deliveries: poisoned["deliveries"])
        try insertTransition(number, to: .poison, under: nil, at: grant.now, note: note)
        return nil
    }

    /// The numbers of tasks that rested long enough since nobody said what happened, to be asked about.
    private func uncertainTasks(of runs: [RunID], _ stage: Stage, changedBy: Timestamp, limit: Int) throws -> [Int64] {
        guard limit > 0 else { return [] }
        var due: [(changedAt: Int64, id: String, number: Int64)] = []
        for run in runs {
            let rows = try database.rows(
                """
                SELECT changed_at, id, number FROM task WHERE run_id = ? AND state = 'uncertain' AND stage = ?
                    AND changed_at <= ? AND inquiries < ? ORDER BY changed_at, id LIMIT ?
                """,
                [run.text, stage.rawValue, changedBy.milliseconds, Limits.inquiriesPerTask, limit])
            due += rows.map { ($0["changed_at"], $0["id"], $0["number"]) }
        }
        if runs.count > 1 { due.sort { ($0.changedAt, $0.id) < ($1.changedAt, $1.id) } }
        return due.prefix(limit).map(\.number)
    }

    private func takeUncertain(_ number: Int64, under grant: Grant) throws -> LeasedTask {
        let row = try database.row(
            """
            UPDATE task SET state = 'leased', mode = 'inquire', lease_id = ?, epoch = ?, deliveries = deliveries + 1,
                inquiries = inquiries + 1, changed_at = ?
            WHERE number = ? AND state = 'uncertain' RETURNING id, not_after, deliveries, content
            """,
            [grant.lease.idBits, grant.lease.epochBits, grant.now.milliseconds, number])
        guard let row else { preconditionFailure("task \(number) was uncertain and is not, within one grant") }
        try insertTransition(number, to: .leased, under: grant.lease, at: grant.now, note: TransitionNote.inquiry)
        return LeasedTask(row: row, mode: .inquire)
    }
}

extension LeasedTask {
    fileprivate init(row: Row, mode: TaskMode) {
        let content: Data = row["content"]
        self.init(
            id: row.name("id"), mode: mode, notAfter: row.moment("not_after"), delivery: row["deliveries"],
            content: Array(content))
    }
}
