// Owns: how many of a run's tasks are not at their end, as dispatch and reconcile count them.
import Arrears
import Leasing
import Ledger

struct OpenTasks {
    /// How often an idle stage counts.
    static let countMilliseconds: Int64 = 200

    /// Planned, ready or leased.
    private(set) var unfinished = 0
    private(set) var uncertain = 0

    /// Counts them, after withdrawing those whose window has closed; a new count goes into the checkpoint.
    init(of run: RunID, in ledger: any LedgerTransaction, _ checkpoint: inout Checkpoint, now: Now) throws {
        _ = try ledger.withdrawClosed(run, now: now.wall)
        var total = 0
        for count in try ledger.taskCounts(of: run) {
            total += count.count
            switch count.state {
            case .planned, .ready, .leased: unfinished += count.count
            case .uncertain: uncertain += count.count
            case .settled, .withdrawn, .deadLetter: break
            }
        }
        let done = total - unfinished
        guard done != checkpoint.done || checkpoint.total != total else { return }
        checkpoint.done = done
        checkpoint.total = total
        checkpoint.updatedAt = now.machine
        try ledger.setCheckpoint(checkpoint, of: run)
    }
}
