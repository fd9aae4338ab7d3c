// Owns: which uncertain tasks may be asked about, the inquiry delay being over for them, although the wall clock, by which their rows are
// dated, may jump. Knows no ledger.
import Arrears
import Leasing

/// Counts the delay by the clock that never jumps, as far as the rows' dates cannot be trusted.
struct InquiryDelay: Sendable {
    /// Wall clock minus uptime at the last look.
    private var offset: Int64?
    /// When the wall clock was last seen to jump, or this process took over rows that another one dated.
    private var jumpedAt: Int64?
    /// Since when nothing has begun of the tasks that are uncertain: the latest of them.
    private var lastUncertain: Int64?

    /// Rows dated by an earlier process: who knows when.
    mutating func takeOver(now: Now) {
        jumpedAt = now.uptime
        lastUncertain = now.uptime
    }

    mutating func look(now: Now) {
        let found = now.wall.milliseconds - now.uptime
        if let offset, abs(found - offset) > 1_000 { jumpedAt = now.uptime }
        offset = found
    }

    /// - Parameter lastPossibleAttempt: uptime since when nothing of the tasks can have begun.
    mutating func becameUncertain(lastPossibleAttempt moment: Int64) {
        lastUncertain = max(lastUncertain ?? moment, moment)
    }

    /// Uncertain tasks whose last possible attempt was at this moment or before have waited for `milliseconds`.
    func over(_ milliseconds: Int64, now: Now) -> Timestamp {
        func isOver(_ since: Int64?) -> Bool { since.map { now.uptime - $0 >= milliseconds } ?? true }
        // None became uncertain since: all have waited, whatever their dates say.
        if isOver(lastUncertain) { return Timestamp(milliseconds: .max) }
        guard isOver(jumpedAt) else { return Timestamp(milliseconds: .min) }
        return now.wall.adding(milliseconds: -milliseconds)
    }
}
