// Owns: what a policy is: everything that a lender decides about overdue accounts. Knows no file format; PolicyReading
// makes one of a document, and Segmentation, Treatment and Conduct decide by it.

/// A lender's policy, validated: every name in it refers to something that is there.
public struct Policy: Hashable, Sendable {
    public var name: String
    public var version: String
    public var recognition: RecognitionSettings
    /// In order of DPD, from 1 on, without gap or overlap; the last has no end.
    public var buckets: [Bucket]
    public var conduct: ConductRules
    public var agencies: [Agency]
    public var segmentation: Segmentation
    /// One for each segment that has any.
    public var treatments: [Treatment]
    /// What follows an outcome where the step itself does not say.
    public var after: [OutcomeCode: Consequence]

    public init(
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
    public static let currentBucket = "current"

    /// The bucket that the DPD is in; `current` for 0 or less.
    public func bucketName(dpd: Int) -> String {
        guard dpd > 0 else { return Self.currentBucket }
        guard let bucket = buckets.first(where: { $0.contains(dpd) }) else {
            preconditionFailure("policy \(name): DPD \(dpd) is in none of \(buckets)")
        }
        return bucket.name
    }

    public func treatment(of segment: String) -> Treatment? { treatments.first { $0.segment == segment } }

    public func agency(_ id: String) -> Agency? { agencies.first { $0.id == id } }
}

/// An outside agency that cases may be placed with.
public struct Agency: Hashable, Sendable {
    public var id: String
    public var name: String

    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}

/// The ladder of steps for a segment. Where several are due on one day, the one that stands first is taken.
public struct Treatment: Hashable, Sendable {
    public var segment: String
    /// One or more.
    public var steps: [TreatmentStep]

    public init(segment: String, steps: [TreatmentStep]) {
        self.segment = segment
        self.steps = steps
    }
}

/// One step of a ladder. The same id in two treatments is the same step: a case that changes its segment is not
/// contacted again for it.
public struct TreatmentStep: Hashable, Sendable {
    public var id: String
    /// The DPD at which it may be due.
    public var dpd: IntegerRange
    public var cadence: Cadence
    public var action: StepAction
    /// Lower goes first within its stage.
    public var priority: Int
    public var after: [OutcomeCode: Consequence]

    public init(
        id: String, dpd: IntegerRange, cadence: Cadence, action: StepAction, priority: Int,
        after: [OutcomeCode: Consequence]
    ) {
        self.id = id
        self.dpd = dpd
        self.cadence = cadence
        self.action = action
        self.priority = priority
        self.after = after
    }

    public var stage: Stage { action.stage }
}

/// How often a step is due within one episode of arrears.
public struct Cadence: Hashable, Sendable {
    /// Least days from one time to the next, 1 or more.
    public var everyDays: Int
    /// How often at most; nil: as often as the window allows. Times at which nothing was attempted do not count.
    public var times: Int?

    public init(everyDays: Int, times: Int?) {
        self.everyDays = everyDays
        self.times = times
    }

    /// Once; a time at which nothing was attempted is made up for, `retryDays` later.
    public static func once(retryDays: Int = 1) -> Cadence { Cadence(everyDays: retryDays, times: 1) }
}

/// What a step does.
public enum StepAction: Hashable, Sendable {
    case sms(template: String)
    case call(script: String, queue: String, offerPlan: Bool)
    /// The agency's mandate lasts `days`; meanwhile nothing else is due.
    case placement(agency: String, placement: Int, days: Int, purpose: String)
    /// Only within the limitation period, with the documents, and from the balance on, in the account's currency.
    case legal(minimumBalance: DecimalAmount, requiredDocuments: [String], limitationYears: Int)

    public var stage: Stage {
        switch self {
        case .sms: .sms
        case .call: .callQueue
        case .placement: .agency
        case .legal: .legal
        }
    }
}

/// What follows an outcome.
public enum Consequence: Hashable, Sendable {
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
