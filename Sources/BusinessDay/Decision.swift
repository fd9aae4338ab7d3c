// Owns: what a person decided on an uncertain task, and how it reaches the ledger. Knows nothing of the command that asked.
import Arrears
import Foundation
import Leasing
import Ledger

/// A decision that cannot stand: where, what was expected, what came.
package struct DecisionFault: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String
}

/// A person's decision on one uncertain task, with the lease that was the task's last when they looked.
package struct Decision: Hashable, Sendable, Codable {
    package var task: TaskID
    /// What came of the task; nil: nothing was attempted, it may be done anew.
    package var outcome: OutcomeCode?
    package var evidence: String
    package var reason: String
    package var person: String
    private var lease: UInt64
    private var epoch: UInt64

    /// - Parameter outcome: nil to release the task.
    /// - Throws: `DecisionFault` when the task is not uncertain, the outcome is none of its stage, or the reason is empty.
    package init(
        on record: TaskRecord, outcome: OutcomeCode?, evidence: String = "", reason: String, person: String
    ) throws(DecisionFault) {
        let id = record.task.id
        guard record.state == .uncertain, let key = record.lease else {
            throw DecisionFault(description: "task \(id): expected it to be uncertain, got \(record.state.rawValue)")
        }
        guard !reason.allSatisfy(\.isWhitespace) else {
            throw DecisionFault(description: "task \(id): expected a reason, got none")
        }
        if let outcome, !record.task.stage.mayReport(outcome) {
            throw DecisionFault(
                description: """
                    task \(id): expected an outcome of stage \(record.task.stage.rawValue) \
                    (\(Decision.outcomes(of: record.task.stage))), got \(outcome.rawValue)
                    """)
        }
        task = id
        self.outcome = outcome
        self.evidence = evidence
        self.reason = reason
        self.person = person
        lease = key.id.rawValue
        epoch = key.epoch.rawValue
    }

    /// The codes that a stage may report, for a message.
    private static func outcomes(of stage: Stage) -> String {
        OutcomeCode.allCases.filter(stage.mayReport).map(\.rawValue).joined(separator: ", ")
    }

    /// Puts the decision into the ledger, or changes nothing.
    /// - Returns: `accepted`; `leaseLost` when the task is not what the person saw any more; `unknownTask`.
    package func apply(
        to ledger: any LedgerTransaction, businessDays: inout BusinessDays, at: Timestamp
    ) throws -> Verdict {
        guard let record = try ledger.task(task) else { return .unknownTask }
        let hand = ByHand(
            person: person, reason: reason, lease: LeaseKey(id: LeaseID(lease), epoch: Epoch(epoch)))
        guard let code = outcome else { return try ledger.releaseUncertain(task, by: hand, at: at) }
        // A decision may have lain in a file that others can write.
        guard record.task.stage.mayReport(code) else { return .leaseLost }
        let outcome = Outcome(
            task: task, attempt: code.meaning.isWithoutAttempt ? .notMade : .made, code: code,
            evidence: evidence.isEmpty ? "by hand, \(person)" : evidence,
            details: ["by": person, "reason": reason])
        guard let date = try businessDays.day(of: task, in: ledger) else { return .unknownTask }
        return try ledger.settleUncertain(outcome, by: hand, businessDate: date, at: at)
    }
}
