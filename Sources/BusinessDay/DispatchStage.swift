// Owns: the dispatch stage: makes the day's tasks ready, and waits until none is open. Who gets them is the core's.
import Leasing
import Ledger

struct DispatchStage: DayStage {
    let order: RunOrder
    private var hasBegun = false

    init(order: RunOrder) { self.order = order }

    mutating func step(
        _ ledger: any LedgerTransaction, checkpoint: inout Checkpoint, now: Now
    ) throws -> StageTurn {
        var directives: [DayDirective] = []
        if !hasBegun {
            _ = try ledger.makeReady(order.run, at: now.wall)
            directives = [.beginDispatch(order.run)]
            hasBegun = true
        }
        let open = try OpenTasks(of: order.run, in: ledger, &checkpoint, now: now)
        let result: StageTurn.Result =
            open.unfinished == 0 ? .done : .waiting(until: now.uptime + OpenTasks.countMilliseconds)
        return StageTurn(result: result, directives: directives)
    }
}
