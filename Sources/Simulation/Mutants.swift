// Owns: the deliberate defects, one at a time, that prove that the checkers see. All of them live in this target, which no
// product contains: the shells here misbehave, or the ledger that they give to the core does.

/// A deliberate defect.
package enum Mutant: String, Hashable, Sendable, CaseIterable {
    // The ledger's verbs.
    /// A report settles a task whoever holds it now.
    case settleIgnoresEpoch
    /// A release gives back a task whoever holds it now.
    case releaseIgnoresEpoch
    /// A lease that is lost is extended all the same.
    case extendIgnoresEpoch
    /// No task is ever set aside.
    case deliveriesNotCounted
    /// A contact whose lease ended goes back to ready.
    case uncertainMadeReady
    /// A report that comes after the expiry is acknowledged and not kept.
    case expiryDropsLateReport
    /// "Never seen" is taken as done.
    case neverSeenSettles
    /// "Cannot tell" is taken as "never seen".
    case unknownTakenAsNeverSeen
    /// A late word for a task that is asked about is answered as if its lease were lost.
    case lateWordLost
    /// A release by a restarted worker does not count as a delivery.
    case deathsNotCounted
    /// The shares of a grant are those of whoever has the longest backlog.
    case sharesIgnored
    /// An uncertain task's inquiry delay is counted by the wall clock, whatever that does.
    case delayByWallClock
    /// Tasks that were delivered without an outcome come again in as large a batch.
    case batchNotSplit
    /// A person's decision counts although the task was leased again since.
    case handIgnoresLease
    /// A restarted coordinator counts epochs from below.
    case epochFallsAfterRestart
    /// A report said again is answered as if its lease were lost.
    case secondAnswerDiffers

    // The coordinator's shell.
    /// Everything is said although the commit failed.
    case speaksBeforeCommit
    /// Grants are sent although the commit failed.
    case grantSentUnpersisted
    /// A restarted coordinator does not take over the live leases.
    case restartForgetsLeases
    /// All portfolios are taken as of the same weight.
    case weightsIgnored
    /// A connection on which nothing is heard any more is kept.
    case silentConnectionKept
    /// The end of a connection ends its worker's leases.
    case connectionEndsLease

    // The worker's shell.
    /// The intent is written after the world was touched.
    case journalAfterEffect
    /// The journal's writes are taken as done before they are on the disk.
    case journalNotSynced
    /// A restarted worker starts with an empty journal.
    case restartForgetsJournal
    /// An intent from before a restart is attempted again.
    case intentAttemptedAgain
    /// An intent from before a restart is asked about while the attempt may still be under way.
    case intentAskedAtOnce
    /// What was begun and left is given back as if it had not been attempted.
    case attemptedTaskReleased
    /// An outcome leaves the journal when it is said, not when it is acknowledged.
    case outcomeForgottenWhenSaid
    /// Work starts until the last moment of the lease.
    case noSafetyMargin
    /// A contact is begun whenever its lease lasts, its window closed or not.
    case windowIgnored
    /// A lease's time is counted from when the grant was read.
    case leaseCountedFromReply
    /// A heartbeat extends the leases when it is sent, answered or not.
    case unansweredHeartbeatExtends
}
