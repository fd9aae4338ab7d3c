// Owns: what workers were told on the ledger's word, to be found again in a ledger that was opened anew.
import Arrears
import Leasing
import Ledger

/// What others were told on the ledger's word, to be found again in a ledger that was opened anew.
package struct Promises: Sendable {
    private var epoch = Epoch(0)
    private var runs: Set<RunID> = []
    /// The last report that was acknowledged: these tasks are out of this lease.
    private var reported: (lease: LeaseID, tasks: [TaskID])?

    package init() {}

    /// What a turn promised, once it is committed.
    package mutating func note(_ directives: [Directive], run: RunID?) {
        if let run { runs.insert(run) }
        for case .send(_, let message) in directives {
            switch message {
            case .leaseGranted(let granted): epoch = max(epoch, granted.lease.epoch)
            case .reportAck(let ack):
                reported = (ack.lease, ack.verdicts.filter { $0.verdict == .accepted }.map(\.task))
            case .hello, .welcome, .refused, .leaseRequest, .heartbeat, .heartbeatReply, .report, .release, .releaseAck,
                .eventReport, .eventAck, .goodbye, .error:
                break
            }
        }
    }

    /// - Throws: `LedgerError.corrupt` when something promised is not there.
    package func demand(of ledger: any LedgerReading, nextEpoch: Epoch) throws {
        guard nextEpoch > epoch else {
            throw missing("expected epochs to go on after \(epoch), got \(nextEpoch) as the next")
        }
        for run in runs.sorted() where try ledger.run(run) == nil { throw missing("expected run \(run), got none") }
        guard let reported else { return }
        for task in reported.tasks {
            let record = try ledger.task(task)
            if record?.state == .leased, record?.lease?.id == reported.lease {
                throw missing("expected the outcome of task \(task), got a task that is still leased")
            }
        }
    }

    private func missing(_ what: String) -> LedgerError {
        LedgerError(
            .corrupt,
            "the ledger, opened anew: \(what). What was acknowledged is lost: keep the files, and run `recoup ledger verify --full`"
        )
    }
}
