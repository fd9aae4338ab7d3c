// Owns: the contract in plain values, for tests and for the simulation of a coordinator. Knows nothing of disks:
// what it holds is gone with the process.
import Arrears
import Leasing

/// A ledger that lives as long as the object. One thread at a time, and within a transaction only the transaction is asked.
package final class InMemoryLedger: Ledger, InMemoryReading {
    let state = InMemoryState()

    package init() {}

    package func close() {}

    package func transaction<Result>(_ body: (any LedgerTransaction) throws -> Result) throws -> Result {
        do {
            let result = try body(InMemoryTransaction(state))
            state.commit()
            return result
        } catch {
            state.rollBack()
            throw error
        }
    }
}

/// The changes of one transaction, in place: the tables remember what each changed row was before.
final class InMemoryTransaction: LedgerTransaction, InMemoryReading {
    let state: InMemoryState

    init(_ state: InMemoryState) { self.state = state }
}
