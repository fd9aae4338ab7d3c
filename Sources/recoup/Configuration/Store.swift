// Owns: the choice of the store that keeps a data directory's ledger. Nothing else in the command line knows which it is.
import Ledger
import SQLiteLedger

extension DataDirectory {
    var store: any LedgerStore { SQLiteLedgerStore(directory: path) }
}
