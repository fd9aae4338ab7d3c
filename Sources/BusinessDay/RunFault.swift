// Owns: why a run cannot go on, and what is left of it for whoever waits.
import Arrears
import Foundation
import Ledger

/// Why a run cannot go on. The ledger keeps what was done.
package enum RunFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// More rejects than the order accepts; nothing was planned.
    case tooManyRejects(rejects: Int, rows: Int, limit: String, rejectsFile: String)
    case file(FileFault)
    case book(String)
    case document(DocumentFaults)
    /// A zone named by the policy or the book that the system does not know.
    case unknownZone(String)
    /// The ledger holds runs of the other kind; nothing was planned.
    case otherKind(RunKind, ledger: RunKind)
    /// The business date lies before the last one of a portfolio of the book; nothing was planned.
    case earlierDate(CalendarDate, portfolio: PortfolioID, last: CalendarDate)
    /// A portfolio lost more of its accounts than the order accepts; nothing was planned.
    case shrunk(ShrunkPortfolio)

    package var description: String {
        switch self {
        case .tooManyRejects(let rejects, let rows, let limit, let file):
            "\(rejects) of \(rows) rows were rejected, more than the limit of \(limit); nothing was planned. See \(file)"
        case .file(let fault): fault.description
        case .book(let fault): fault
        case .document(let faults): faults.description
        case .unknownZone(let zone): "time zone: expected an IANA name, got \"\(zone)\""
        case .otherKind(let kind, let ledger):
            "expected a \(ledger.rawValue) run, as all in this data directory, got a \(kind.rawValue) one: what is rehearsed would "
                + "count as done. Choose another --data for it"
        case .earlierDate(let date, let portfolio, let last):
            "business date: expected \(last), the last one of portfolio \(portfolio), or a later one, got \(date); nothing was "
                + "planned. If an earlier book is meant: --date-as-given"
        case .shrunk(let portfolio):
            "\(portfolio.lost) of the \(portfolio.before) accounts that portfolio \(portfolio.portfolio) had on "
                + "\(portfolio.lastBook.asOf) (run \(portfolio.lastBook.run)) are not in this book, more than the limit of "
                + "\(portfolio.limit.formatted()) %; nothing was planned. If the book is whole: --accept-shrunk"
        }
    }
}

/// What a coordinator that goes on leaves to whoever waits for a run that could not be begun.
package struct RunFaultNote: Codable, Sendable {
    package enum Kind: String, Codable, Sendable {
        /// More rows were rejected than the order accepts.
        case rejects
        /// The run does not fit what the ledger has: its kind, its date, or too few of its accounts.
        case unfit
        /// A file, a policy or a name in them is at fault.
        case input
    }
    package var kind: Kind
    package var message: String

    package init(_ fault: RunFault) {
        kind =
            switch fault {
            case .tooManyRejects: .rejects
            case .earlierDate, .otherKind, .shrunk: .unfit
            case .file, .book, .document, .unknownZone: .input
            }
        message = "\(fault)"
    }

    package func write(to files: RunFiles) throws(LedgerError) {
        do {
            try FileManager.default.createDirectory(atPath: files.directory, withIntermediateDirectories: true)
            try JSONEncoder().encode(self).write(to: URL(fileURLWithPath: files.fault), options: .atomic)
        } catch {
            throw LedgerError(writing: files.fault, error)
        }
    }
}
