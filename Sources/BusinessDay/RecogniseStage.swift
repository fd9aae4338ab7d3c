// Owns: the recognise stage: which accounts are overdue. It is decided here, once; later stages read it.
import Arrears
import Leasing
import Ledger

struct RecogniseStage: DayStage {
    let order: RunOrder
    let policy: Policy

    func step(_ ledger: any LedgerTransaction, checkpoint: inout Checkpoint, now: Now) throws -> StageTurn {
        let page = try ledger.accounts(of: order.run, afterLine: Int(checkpoint.cursor) ?? 0, limit: Batch.rows)
        guard let last = page.last else { return .done }
        var marks: [(line: Int, mark: RecognitionMark)] = []
        var cases: [CaseRecord] = []
        for stored in page {
            switch recognise(stored.account, asOf: order.asOf, settings: policy.recognition) {
            case .current:
                marks.append((stored.line, .current))
                try ledger.endEpisode(of: stored.account.caseID, on: order.asOf)
            case .nothingOwed(let delinquency), .overdue(let delinquency):
                // Late with nothing owed is a case too: the plan stage gives the reason why nobody is contacted.
                marks.append((stored.line, .overdue))
                let id = stored.account.caseID
                let episode = try ledger.keepEpisode(
                    of: id, start: episodeStart(delinquency, asOf: order.asOf), on: order.asOf)
                cases.append(
                    CaseRecord(
                        line: stored.line,
                        overdue: OverdueCase(
                            id: id, account: stored.account, delinquency: delinquency,
                            bucket: policy.bucketName(dpd: delinquency.dpd), episode: episode)))
            }
        }
        try ledger.recordRecognitions(marks, cases: cases, in: order.run)
        checkpoint.cursor = String(last.line)
        checkpoint.done += page.count
        return .more
    }
}
