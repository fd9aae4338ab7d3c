// Owns: the ledger in the loop's hands, the means to open it anew, and how many faults are accepted. Knows nothing of
// workers or runs.
import Ledger

/// The ledger in the loop's hands, with the means to open it anew. Confined to the loop's thread.
package final class HeldLedger {
    private let open: () throws -> any Ledger
    private var ledger: (any Ledger)?

    package init(open: @escaping () throws -> any Ledger) throws {
        self.open = open
        ledger = try open()
    }

    func transaction<Result>(_ body: (any LedgerTransaction) throws -> Result) throws -> Result {
        guard let ledger else { preconditionFailure("the ledger is asked while it is not open") }
        return try ledger.transaction(body)
    }

    /// Lets go of the ledger, and of its lock, before it is opened again.
    func reopen() throws {
        ledger = nil
        ledger = try open()
    }
}

/// How many faults of the ledger are accepted in how long.
struct FaultAllowance {
    static let faults = 5
    static let withinMilliseconds: Int64 = 600_000
    private var at: [Int64] = []

    /// How many faults there were lately, this one included; nil when it is one too many.
    mutating func take(at uptime: Int64) -> Int? {
        at.removeAll { $0 <= uptime - Self.withinMilliseconds }
        at.append(uptime)
        return at.count <= Self.faults ? at.count : nil
    }
}
