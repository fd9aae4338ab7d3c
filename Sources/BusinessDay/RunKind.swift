// Owns: whether people are contacted in earnest, and that one ledger holds one kind of run.
import Arrears
import Ledger

/// A run contacts people, or it is a rehearsal in which nobody is contacted. What is rehearsed stands in the ledger as if it had
/// been done: a real run beside it would leave those people alone who were never contacted.
package enum RunKind: String, Hashable, Sendable, Codable {
    case real, rehearsal

    /// The kind of a ledger is that of its first run; nil: it has none yet.
    package init?(of ledger: any LedgerReading) throws {
        guard let first = try ledger.runs().last else { return nil }
        self = try RunKind(of: first)
    }

    /// - Throws: `LedgerError.corrupt` when the run's order cannot be read.
    package init(of run: RunRecord) throws {
        self = try RunOrder(of: run).kind
    }

    /// For the head of everything that a person could take for the other.
    package var words: String {
        switch self {
        case .real: "real"
        case .rehearsal: "rehearsal, nobody is contacted"
        }
    }
}

extension RunOrder {
    package var kind: RunKind { simulatedClockStart == nil ? .real : .rehearsal }

    /// What a run was begun with.
    /// - Throws: `LedgerError.corrupt`.
    package init(of run: RunRecord) throws {
        guard let order = try? RunOrder(json: run.order) else {
            throw LedgerError(.corrupt, "run \(run.id): expected the order that it was begun with, got other text")
        }
        self = order
    }
}
