// Owns: the invariants by name, and what a violation says.
import Arrears

/// What must hold in every simulation, whatever fails.
package enum Checker: String, Hashable, Sendable, CaseIterable {
    /// An outcome that was acknowledged is in the ledger for ever.
    case acknowledgedIsDurable
    /// Nothing is granted that is held.
    case oneLiveLeasePerTask
    /// Each grant of a task has a higher epoch than the one before.
    case epochsStrictlyGrow
    /// What names another lease than the task's own changes nothing.
    case noChangeUnderOldEpoch
    /// A contact reaches the world at most once.
    case effectAtMostOnce
    /// A contact is made ready again only while the world has not seen it and nothing of it is under way.
    case readyAgainOnlyUntouched
    /// When an attempt leaves a worker, the ledger says that this worker holds the task.
    case attemptWithinLease
    /// Nobody is contacted outside the task's window.
    case attemptInWindow
    /// What the last attempt's lease says counts, late as it may be, while nobody knows better.
    case lateWordCounts
    /// No portfolio waits while one that had more for its weight gets work.
    case portfolioNotPassedOver
    /// A task that was delivered without an outcome comes in smaller and smaller batches, soon alone.
    case deadLetterAlone
    /// The states of all tasks add up to the tasks planned.
    case everyTaskAccounted
    /// When the faults cease every task ends, or is left to a person after all inquiries.
    case everyTaskEnds
    /// A task is settled as done only if the world has seen it.
    case settledWasDone
    /// What a worker's journal made durable is reported until it is answered.
    case journaledIsReported
    /// The same report gets the same answer.
    case reportIdempotent
}

/// One broken invariant.
package struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
    package var checker: Checker
    /// Virtual milliseconds.
    package var at: Int64
    /// "expected X, got Y".
    package var message: String
    package var description: String { "\(checker.rawValue) at \(at) ms: \(message)" }
}
