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
        let last = try database.row("SELECT max(epoch) AS epoch FROM lease")
            .flatMap { try $0.value("epoch") as Int64? }
        return Epoch(UInt64(bitPattern: last ?? 0)).next
    }

    func lease(_ grant: Grant, uncertainBefore: Timestamp, maxDeliveries: Int) throws -> [LeasedTask] {
        let runs = try database.unfinishedRuns()
        // The lease's row comes before the tasks that refer to it, but only when there is one: a worker that asks in
        // vain costs no write.
        var isStored = false
        func storeLease() throws {
            if !isStored { try insert(grant) }
            isStored = true
        }
        var granted: [LeasedTask] = []
        var batch = grant.limit
        for again in try redelivered(of: runs, grant) where granted.count < batch {
            try storeLease()
            guard let task = try takeReady(again.number, under: grant, maxDeliveries: maxDeliveries) else { continue }
            if granted.isEmpty { batch = Limits.batch(of: grant.limit, afterDeliveries: again.deliveries) }
            granted.append(task)
        }
        if granted.isEmpty {
            for number in try freshTasks(of: runs, grant) {
                try storeLease()
                if let task = try takeReady(number, under: grant, maxDeliveries: maxDeliveries) { granted.append(task) }
            }
        }
        let due = try uncertainTasks(
            of: runs, grant.stage, changedBy: uncertainBefore, limit: batch - granted.count)
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

    func expireIfHeld(_ lease: LeaseKey, at: Timestamp, lastPossibleAttempt: Timestamp) throws -> Int {
        let stopped: [TaskID] = try database.rows(Statement.stoppedTasks, [lease.idBits, lease.epochBits])
            .map { try $0.name("id") }
        try database.run(
            """
            INSERT INTO transition (task, at, state, lease_id, note)
            SELECT number, ?, \(Self.stateWithoutAnswer), lease_id, '\(TransitionNote.leaseEnded)' FROM task
            WHERE lease_id = ? AND epoch = ? AND state = 'leased'
            """, [at.milliseconds, lease.idBits, lease.epochBits])
        let ended = try database.run(
            """
            UPDATE task SET state = \(Self.stateWithoutAnswer),
                changed_at = CASE \(Self.stateWithoutAnswer) WHEN 'uncertain' THEN ? ELSE ? END
            WHERE lease_id = ? AND epoch = ? AND state = 'leased'
            """, [lastPossibleAttempt.milliseconds, at.milliseconds, lease.idBits, lease.epochBits])
        for task in stopped { try withdrawIfStopped(task, at: at) }
        return ended
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
        let idempotent = Stage.allCases.filter { $0.descriptor.effect == .idempotent }.map { "'\($0.rawValue)'" }
        return
            "CASE WHEN mode = 'attempt' AND stage IN (\(idempotent.joined(separator: ", "))) THEN 'ready' ELSE 'uncertain' END"
    }()
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
            UPDATE task SET state = 'leased', mode = 'attempt', lease_id = ?1, epoch = ?2, attempt_lease_id = ?1,
                attempt_epoch = ?2, deliveries = deliveries + 1, changed_at = ?3
            WHERE number = ?4 AND state = 'ready' AND deliveries < ?5
            RETURNING id, portfolio, not_after, deliveries, content
            """,
            [grant.lease.idBits, grant.lease.epochBits, grant.now.milliseconds, number, maxDeliveries])
        if let row {
            try insertTransition(
                number, to: .leased, under: grant.lease, at: grant.now, note: TransitionNote.attempt)
            return try LeasedTask(row: row, mode: .attempt)
        }
        let dead = try database.row(
            "UPDATE task SET state = 'poison', changed_at = ? WHERE number = ? AND state = 'ready' RETURNING deliveries",
            [grant.now.milliseconds, number])
        guard let dead else { preconditionFailure("task \(number) was ready and is not, within one grant") }
        let note = TransitionNote.deadLetter(deliveries: try dead.value("deliveries"))
        try insertTransition(number, to: .deadLetter, under: nil, at: grant.now, note: note)
        return nil
    }

    /// The numbers of uncertain tasks whose inquiry delay is over, to be asked about.
    private func uncertainTasks(of runs: [RunID], _ stage: Stage, changedBy: Timestamp, limit: Int) throws -> [Int64] {
        guard limit > 0 else { return [] }
        var due: [(changedAt: Int64, id: String, number: Int64)] = []
        for run in runs {
            let rows = try database.rows(
                Statement.uncertain,
                [run.text, stage.rawValue, changedBy.milliseconds, Limits.inquiriesPerTask, limit])
            due += try rows.map { (try $0.value("changed_at"), try $0.value("id"), try $0.value("number")) }
        }
        if runs.count > 1 { due.sort { ($0.changedAt, $0.id) < ($1.changedAt, $1.id) } }
        return due.prefix(limit).map(\.number)
    }

    private func takeUncertain(_ number: Int64, under grant: Grant) throws -> LeasedTask {
        let row = try database.row(
            """
            UPDATE task SET state = 'leased', mode = 'inquire', lease_id = ?, epoch = ?, deliveries = deliveries + 1,
                inquiries = inquiries + 1, changed_at = ?
            WHERE number = ? AND state = 'uncertain' RETURNING id, portfolio, not_after, deliveries, content
            """,
            [grant.lease.idBits, grant.lease.epochBits, grant.now.milliseconds, number])
        guard let row else { preconditionFailure("task \(number) was uncertain and is not, within one grant") }
        try insertTransition(number, to: .leased, under: grant.lease, at: grant.now, note: TransitionNote.inquiry)
        return try LeasedTask(row: row, mode: .inquire)
    }
}

extension LeasedTask {
    fileprivate init(row: Row, mode: TaskMode) throws {
        let content: Data = try row.value("content")
        self.init(
            id: try row.name("id"), portfolio: try row.name("portfolio"), mode: mode,
            notAfter: try row.moment("not_after"),
            delivery: try row.value("deliveries"), content: Array(content))
    }
}
