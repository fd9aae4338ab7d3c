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

    package var description: String {
        switch self {
        case .tooManyRejects(let rejects, let rows, let limit, let file):
            "\(rejects) of \(rows) rows were rejected, more than the limit of \(limit); nothing was planned. See \(file)"
        case .file(let fault): fault.description
        case .book(let fault): fault
        case .document(let faults): faults.description
        case .unknownZone(let zone): "time zone: expected an IANA name, got \"\(zone)\""
        }
    }
}

/// What a coordinator that goes on leaves to whoever waits for a run that could not be begun.
package struct RunFaultNote: Codable, Sendable {
    package enum Kind: String, Codable, Sendable {
        /// More rows were rejected than the order accepts.
        case rejects
        /// A file, a policy or a name in them is at fault.
        case input
    }
    package var kind: Kind
    package var message: String

    package init(_ fault: RunFault) {
        if case .tooManyRejects = fault { kind = .rejects } else { kind = .input }
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
