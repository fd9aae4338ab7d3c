// Owns: what a person decides on an uncertain task. Each verb names state, lease and epoch in the statement that changes
// the row; that no row changed is an answer.
import Arrears
import GRDB
import Leasing
import Ledger

extension SQLiteTransaction {
    func settleUncertain(_ outcome: Outcome, by hand: ByHand, businessDate: CalendarDate, at: Timestamp) throws
        -> Verdict
    {
        precondition(
            outcome.attempt == .made || outcome.attempt == .notMade,
            "settling task \(outcome.task) by hand with an attempt that is \(outcome.attempt)")
        let note = TransitionNote.settled(outcome, by: hand)
        let isSettled = try settle(
            outcome, where: .uncertain, note: note, under: hand.lease, businessDate: businessDate, at: at)
        return try isSettled ? .accepted : refusal(outcome.task)
    }

    func releaseUncertain(_ task: TaskID, by hand: ByHand, at: Timestamp) throws -> Verdict {
        let released = try database.row(
            """
            UPDATE task SET mode = 'attempt', inquiries = 0, changed_at = ?, state = CASE
                WHEN EXISTS (SELECT 1 FROM run WHERE run.id = task.run_id AND is_finished = 0)
                    AND NOT EXISTS (SELECT 1 FROM checkpoint
                        WHERE checkpoint.run_id = task.run_id AND stage = 'reconcile' AND is_complete = 1)
                THEN 'ready' ELSE 'withdrawn' END
            WHERE id = ? AND lease_id = ? AND epoch = ? AND state = 'uncertain' RETURNING number, state
            """, [at.milliseconds, task.text, hand.lease.idBits, hand.lease.epochBits])
        guard let released else { return try refusal(task) }
        try insertTransition(
            released.value("number"), to: try released.word("state"), under: hand.lease, at: at,
            note: TransitionNote.released(by: hand))
        try withdrawIfStopped(task, at: at)
        return .accepted
    }

    private func refusal(_ task: TaskID) throws -> Verdict {
        try database.row("SELECT 1 FROM task WHERE id = ?", [task.text]) == nil ? .unknownTask : .leaseLost
    }
}
