// Owns: the reconcile stage: inquiries may still settle what is uncertain, or make it ready again; after a time it is
// left for a person.
import Leasing
import Ledger

struct ReconcileStage: DayStage {
    let order: RunOrder
    private let patienceMilliseconds: Int64
    /// Since dispatch went over into it in this process.
    private var isDispatching: Bool
    private var end: Int64?

    /// - Parameter isDispatching: the run's tasks are leased already.
    init(order: RunOrder, limits: Limits, isDispatching: Bool) {
        self.order = order
        self.isDispatching = isDispatching
        patienceMilliseconds = 4 * limits.inquiryDelayMilliseconds + limits.leaseMilliseconds
    }

    mutating func step(
        _ ledger: any LedgerTransaction, checkpoint: inout Checkpoint, now: Now
    ) throws -> StageTurn {
        var directives: [DayDirective] = isDispatching ? [] : [.beginDispatch(order.run)]
        isDispatching = true
        let end = end ?? now.uptime + patienceMilliseconds
        self.end = end
        let open = try OpenTasks(of: order.run, in: ledger, &checkpoint, now: now)
        guard open.unfinished == 0, open.uncertain == 0 || now.uptime >= end else {
            return StageTurn(
                result: .waiting(until: now.uptime + OpenTasks.countMilliseconds), directives: directives)
        }
        checkpoint.cursor = "\(open.uncertain) uncertain"
        directives.append(.endDispatch)
        return StageTurn(result: .done, directives: directives)
    }
}
