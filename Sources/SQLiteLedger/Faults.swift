// Owns: SQLite's and the system's errors as the ledger's. Knows nothing of what was asked.
import Foundation
import GRDB
import Ledger
import SystemParts

/// Runs `body`; what SQLite throws leaves as a `LedgerError`, everything else as it is.
func mappingFaults<Result>(at path: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as DatabaseError {
        throw LedgerError(error, at: path)
    }
}

extension LedgerError {
    /// The statement goes into the message, its arguments never: they hold personal data.
    init(_ error: DatabaseError, at path: String) {
        let statement = error.sql.map { " in `\($0)`" } ?? ""
        let got = "\(error.extendedResultCode) (\(error.message ?? "no message"))\(statement)"
        switch error.extendedResultCode {
        case .SQLITE_CONSTRAINT_FOREIGNKEY:
            self.init(.notFound, "\(path): expected what this row names to be in the ledger, got \(got)")
        case .SQLITE_CONSTRAINT, .SQLITE_MISUSE:
            preconditionFailure("\(path): the schema refused what the ledger's own code wrote: \(got)")
        case .SQLITE_FULL:
            self.init(.full, "\(path): expected room on the disk, got \(got)")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(.corrupt, "\(path): expected a sound ledger, got \(got). \(LedgerError.whatToDo)")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.locked, "\(path): expected nobody else to write, got \(got)")
        case .SQLITE_ERROR:
            self.init(.schema, "\(path): expected the tables of schema \(Schema.current), got \(got)")
        default:
            self.init(.inputOutput, "\(path): expected to read and write, got \(got)")
        }
    }

    init(systemError: CInt, at path: String) {
        let code: Code =
            switch systemError {
            case ENOSPC, EDQUOT: .full
            case ENOENT: .notFound
            default: .inputOutput
            }
        self.init(
            code, "\(path): expected to open it for reading and writing, got \(String(cString: strerror(systemError)))")
    }

    init(_ fault: ProcessLock.Fault, at path: String) {
        switch fault {
        case .system(let number): self.init(systemError: number, at: path)
        case .held(let holder):
            self.init(
                .locked,
                "\(path): expected to be the only process that writes this ledger, got process "
                    + "\(holder ?? "(number not yet written)") which has it. "
                    + "Stop that process first, or use another directory.")
        }
    }
}

extension LedgerFiles {
    /// Until it is released, nobody else writes this ledger.
    func locked() throws -> ProcessLock {
        do { return try ProcessLock(path: lock) } catch { throw LedgerError(error, at: lock) }
    }
}
