// Owns: what must hold after a cut, by name, what a broken promise says, and the sums of an exercise.

/// What is looked for after every cut.
package enum Check: String, Hashable, Sendable, CaseIterable {
    /// What is left opens as after any other end of the process.
    case opens
    /// SQLite's integrity check, and the ledger's own promises about its rows.
    case integrity
    /// An outcome that was acknowledged is there, and equal.
    case acknowledgedOutcome
    /// A lease that a worker was told of is in each of its tasks' stories.
    case spokenLease
    /// The next epoch is greater than every one that was spoken.
    case epochGrows
    /// A task that was taken back is not held by that lease any more; nor is anything by a lease that was called lost.
    case releaseKept
    /// An event that was acknowledged is there.
    case eventKept
    /// A report that is said again gets the answer from before.
    case sameAnswer
    /// Every outcome in the ledger was reported by somebody.
    case nothingInvented
    /// The worker's journal is as its last acknowledged write left it, or as the write under way would have.
    case journalKept
}

/// A promise that a cut broke.
package struct Finding: Hashable, Sendable, CustomStringConvertible {
    package var check: Check
    package var seed: UInt64
    /// The cut of that seed, from 1.
    package var cut: Int
    /// "expected X, got Y".
    package var message: String
    package var description: String { "seed \(seed), cut \(cut): \(check.rawValue): \(message)" }
}

/// A deliberate defect, to see that the checks see. All of them are in this target, which no product contains.
package enum Defect: String, Hashable, Sendable, CaseIterable {
    /// What a turn earned is said before its transaction is committed.
    case speaksBeforeCommit
    /// The log is not synced at a commit: what `synchronous = OFF` would do.
    case syncIgnored
}

/// What an exercise did and found.
package struct Tally: Hashable, Sendable {
    package var cuts = 0
    /// Acknowledged outcomes (for a journal: entries) that were looked for after cuts.
    package var promisesChecked = 0
    package var leasesChecked = 0
    package var runsFinished = 0
    package var writesKept = 0
    package var writesDropped = 0
    package var writesTorn = 0
    package var findings: [Finding] = []

    package init() {}

    mutating func add(_ losses: (kept: Int, dropped: Int, torn: Int)) {
        writesKept += losses.kept
        writesDropped += losses.dropped
        writesTorn += losses.torn
    }
}
