// Owns: what every stage of a day is to the pipeline that orders them.
import Arrears
import Leasing
import Ledger

/// What the day asks of the shell. Nothing of the day reaches into the dispatch core.
package enum DayDirective: Hashable, Sendable {
    /// Lease this run's tasks from now on.
    case beginDispatch(RunID)
    case endDispatch
}

/// What a step came to.
package struct StageTurn: Hashable, Sendable {
    package enum Result: Hashable, Sendable {
        /// There is more to do at once.
        case more
        /// Nothing to do before this uptime, or the next input.
        case waiting(until: Int64)
        case done
    }

    package var result: Result
    package var directives: [DayDirective] = []

    static let more = StageTurn(result: .more)
    static let done = StageTurn(result: .done)
}

/// One stage of a run, with its own state between steps.
protocol DayStage {
    /// One batch inside the caller's transaction, and how far it is in the checkpoint.
    mutating func step(
        _ ledger: any LedgerTransaction, checkpoint: inout Checkpoint, now: Now
    ) throws -> StageTurn
}

/// Rows that one transaction takes.
enum Batch {
    static let rows = 1_000
    static let customers = 500
}
