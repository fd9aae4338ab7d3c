// Owns: what a policy is: everything that a lender decides about overdue accounts. Knows no file format; PolicyReading
// makes one of a document, and Segmentation, Treatment and Conduct decide by it.

/// A lender's policy, validated: every name in it refers to something that is there.
package struct Policy: Hashable, Sendable {
    package var name: String
    package var version: String
    package var recognition: RecognitionSettings
    /// In order of DPD, from 1 on, without gap or overlap; the last has no end.
    package var buckets: [Bucket]
    package var conduct: ConductRules
    package var agencies: [Agency]
    package var segmentation: Segmentation
    /// One for each segment that has any.
    package var treatments: [Treatment]
    /// What follows an outcome where the step itself does not say.
    package var after: [OutcomeCode: Consequence]

    package init(
        name: String, version: String, recognition: RecognitionSettings, buckets: [Bucket], conduct: ConductRules,
        agencies: [Agency], segmentation: Segmentation, treatments: [Treatment],
        after: [OutcomeCode: Consequence]
    ) {
        self.name = name
        self.version = version
        self.recognition = recognition
        self.buckets = buckets
        self.conduct = conduct
        self.agencies = agencies
        self.segmentation = segmentation
        self.treatments = treatments
        self.after = after
    }

    /// What `bucketName` says of an account that is not overdue.
    package static let currentBucket = "current"

    /// The bucket that the DPD is in; `current` for 0 or less.
    package func bucketName(dpd: Int) -> String {
        guard dpd > 0 else { return Self.currentBucket }
        guard let bucket = buckets.first(where: { $0.contains(dpd) }) else {
            preconditionFailure("policy \(name): DPD \(dpd) is in none of \(buckets)")
        }
        return bucket.name
    }

    package func treatment(of segment: String) -> Treatment? { treatments.first { $0.segment == segment } }

    package func agency(_ id: String) -> Agency? { agencies.first { $0.id == id } }
}

/// An outside agency that cases may be placed with.
package struct Agency: Hashable, Sendable {
    package var id: String
    package var name: String
}

/// The ladder of steps for a segment. Where several are due on one day, the one that stands first is taken.
package struct Treatment: Hashable, Sendable {
    package var segment: String
    /// One or more.
    package var steps: [TreatmentStep]
}

/// One step of a ladder. The same id in two treatments is the same step: a case that changes its segment is not
/// contacted again for it.
package struct TreatmentStep: Hashable, Sendable {
    package var id: String
    /// The DPD at which it may be due.
    package var dpd: IntegerRange
    package var cadence: Cadence
    package var action: StepAction
    /// Lower goes first within its stage.
    package var priority: Int
    /// What must have been done before it; nil: nothing.
    package var requires: Requirement?
    package var after: [OutcomeCode: Consequence]

    package init(
        id: String, dpd: IntegerRange, cadence: Cadence, action: StepAction, priority: Int,
        requires: Requirement? = nil, after: [OutcomeCode: Consequence]
    ) {
        self.id = id
        self.dpd = dpd
        self.cadence = cadence
        self.action = action
        self.priority = priority
        self.requires = requires
        self.after = after
    }

    package var stage: Stage { action.stage }
}

/// A step that must have been done, on an earlier day of the same case, before another may be. Where it was not, whatever days
/// were missed and whatever waits came between, it is due in the other's place.
package struct Requirement: Hashable, Sendable {
    /// Of the same treatment.
    package var step: String
    /// At most so many days before; nil: at any time of the case.
    package var withinDays: Int?

    package init(step: String, withinDays: Int? = nil) {
        self.step = step
        self.withinDays = withinDays
    }
}

/// How often a step is due within one episode of arrears.
package struct Cadence: Hashable, Sendable {
    /// Least days from one time to the next, 1 or more.
    package var everyDays: Int
    /// How often at most; nil: as often as the window allows. Times at which nothing was attempted do not count.
    package var times: Int?

    /// Once; a time at which nothing was attempted is made up for, `retryDays` later.
    package static func once(retryDays: Int = 1) -> Cadence { Cadence(everyDays: retryDays, times: 1) }
}

/// What follows an outcome.
package enum Consequence: Hashable, Sendable {
    /// Nothing is due for so many days after the outcome's day.
    case wait(days: Int)
    /// Nothing is due until so many days after the day that was promised or asked for; where no day was named, after
    /// the outcome's own.
    case waitPastDate(days: Int)
    /// The ladder goes on at that step: steps before it are over for this episode, and it is due without waiting for
    /// its window to begin.
    case goTo(step: String)
    /// No more steps of these stages in this episode.
    case stop(Set<Stage>)
    /// The ladder has ended for this episode.
    case end
    /// A hold, for so many days after the outcome's day; nil: for the rest of the episode.
    case hold(Hold.Kind, days: Int?)
}
