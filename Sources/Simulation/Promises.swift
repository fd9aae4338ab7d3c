// Owns: what a play has promised so far, for the checks at its end.
import Arrears
import Leasing

/// What was said to workers and what their journals hold: what the end is compared with.
struct Promises {
    struct Said: Hashable {
        var lease: LeaseKey
        var task: TaskID
        var attempt: Attempt
    }
    struct Journaled: Hashable {
        var lease: LeaseID
        var task: TaskID
    }
    /// Outcomes that were acknowledged as kept.
    var kept: [TaskID: Outcome] = [:]
    /// Whether the first answer said that the outcome is kept.
    var answers: [Said: Bool] = [:]
    /// Tasks that a person may have settled.
    var settledByHand: Set<TaskID> = []
    /// Outcomes on a worker's disk that were not answered.
    var unanswered: Set<Journaled> = []
}
