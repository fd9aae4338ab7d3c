// Owns: every exit code of the command line, and how an error becomes a message and a code. Knows nothing of commands.
import BusinessDay
import Coordinator
import Arrears
import ArgumentParser
import Foundation
import Ledger
import SystemParts

/// The exit codes. Scripts may rely on them: a number never changes its meaning.
enum Exit: Int32, CaseIterable {
    case ok = 0
    /// Something that we did not foresee: a bug of ours.
    case bug = 1
    /// The command line, a configuration, a policy or a column map is at fault.
    case usage = 2
    /// More rows of the book were rejected than allowed: nothing was planned.
    case bookRejected = 3
    /// The ledger cannot be used: another process owns it, it is damaged, or the disk is full.
    case ledgerUnavailable = 4
    /// The run was interrupted; `recoup resume` goes on where it stopped.
    case interrupted = 5
    /// The coordinator refused this worker, or a run that cannot start now, or not without a flag that means it.
    case refused = 6
    /// There is no such run, case or data directory.
    case nothingFound = 7

    var meaning: String {
        switch self {
        case .ok: "done"
        case .bug: "unexpected: a bug of ours"
        case .usage: "the command line, a configuration, a policy or a column map is at fault"
        case .bookRejected: "more rows rejected than allowed; nothing was planned"
        case .ledgerUnavailable: "the ledger is in use, damaged, or the disk is full"
        case .interrupted: "interrupted; `recoup resume` goes on"
        case .refused: "refused: by the coordinator, for a run stands unfinished, or without a flag that means it"
        case .nothingFound: "no such run, case or data directory"
        }
    }

    /// The table at the end of `recoup --help`.
    static var table: String {
        (["EXIT CODES:"] + allCases.map { "  \($0.rawValue)  \($0.meaning)" }).joined(separator: "\n")
    }
}

extension Exit {
    init(_ fault: RunFault) {
        switch fault {
        case .tooManyRejects: self = .bookRejected
        case .earlierDate, .otherKind, .shrunk: self = .refused
        case .file, .book, .document, .unknownZone: self = .usage
        }
    }
}

/// A failure that a person can act on.
struct Failure: Error, CustomStringConvertible {
    var exit: Exit
    /// Where, what was expected, what came; then what to do.
    var message: String

    init(_ exit: Exit, _ message: String) {
        self.exit = exit
        self.message = message
    }

    var description: String { message }

    /// What any error comes to.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let faults as DocumentFaults: self.init(.usage, faults.description)
        case let error as LedgerError: self.init(error)
        case let fault as RunFault: self.init(Exit(fault), fault.description)
        case let fault as FileFault: self.init(.usage, fault.description)
        case let fault as ListenFault: self.init(.usage, fault.description)
        case let fault as SecretFile.Fault: self.init(.usage, fault.description)
        case let error as CocoaError:
            // A file that a person named: the path and the reason are in Foundation's own words.
            let path = (error.userInfo[NSFilePathErrorKey] as? String).map { "\($0): " } ?? ""
            self.init(.usage, path + error.localizedDescription)
        default: self.init(.bug, "unexpected error: \(error)")
        }
    }

    private init(_ error: LedgerError) {
        switch error.code {
        case .notFound: self.init(.nothingFound, error.message)
        case .locked, .schema, .durability, .corrupt, .full, .inputOutput:
            self.init(.ledgerUnavailable, error.message)
        }
    }
}
