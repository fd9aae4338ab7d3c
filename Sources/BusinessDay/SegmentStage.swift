// Owns: the segment stage: which of the policy's rules each case matches first.
import Arrears
import Leasing
import Ledger

struct SegmentStage: DayStage {
    let order: RunOrder
    let policy: Policy

    func step(_ ledger: any LedgerTransaction, checkpoint: inout Checkpoint, now: Now) throws -> StageTurn {
        let page = try ledger.cases(of: order.run, afterLine: Int(checkpoint.cursor) ?? 0, limit: Batch.rows)
        guard let last = page.last else { return .done }
        var matches: [(caseID: CaseID, match: SegmentMatch)] = []
        for record in page {
            let history = try ledger.history(of: record.overdue.id)
            matches.append((record.overdue.id, policy.segmentation.match(record.overdue, history: history)))
        }
        try ledger.recordSegments(matches, in: order.run)
        checkpoint.cursor = String(last.line)
        checkpoint.done += page.count
        return .more
    }
}
