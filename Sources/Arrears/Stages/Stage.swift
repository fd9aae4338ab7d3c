// Owns: what there is to know of a kind of work. Every question about a stage is answered by its descriptor; a stage
// that leaves an answer out does not compile.

/// The kind of work. More may come: each has a descriptor in a file of its own.
package enum Stage: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    case sms, callQueue, agency, legal

    package var descriptor: StageDescriptor {
        switch self {
        case .sms: .sms
        case .callQueue: .callQueue
        case .agency: .agency
        case .legal: .legal
        }
    }

    /// In the order of the cases: from the gentlest.
    package static func < (left: Stage, right: Stage) -> Bool { left.place < right.place }

    private var place: Int {
        guard let place = Stage.allCases.firstIndex(of: self) else { preconditionFailure("\(self) is no stage") }
        return place
    }
}

/// What an entry of a case's history tells.
package enum HistoryKind: String, Hashable, Sendable, Codable {
    case contact, notice, placement, payment, promise, `return`, legal
}

/// What a stage is.
package struct StageDescriptor: Sendable {
    /// For people: the heading of its figures.
    package let title: String
    /// What doing a task twice would mean.
    package let effect: Effect
    /// What must be known of a person before a task makes sense.
    package let contactPoint: ContactPoint
    /// Whether it reaches the person themselves, and counts for caps, windows and cool-downs. Placing a case with an
    /// agency and preparing evidence reach nobody.
    package let isContact: Bool
    /// The codes of its own that it may report, and what each says of the step; those of every stage besides.
    package let ownOutcomes: [OutcomeCode: OutcomeMeaning]
    /// The kind of entry that a settled task leaves in the history, one per task. Entries of other kinds under the same
    /// step are later news.
    package let historyKind: HistoryKind
    /// Tasks that one worker holds at once, where nobody says otherwise.
    package let defaultCapacity: Int

    /// What any stage may report.
    package static let commonOutcomes: [OutcomeCode: OutcomeMeaning] = [
        .invalidContent: .notAttempted, .windowClosed: .notAttempted, .madeResultUnknown: .done,
    ]
}

/// A way to reach a person that a stage needs.
package enum ContactPoint: Hashable, Sendable {
    case none
    case phone
}

/// What an outcome says of the step that it ends.
package enum OutcomeMeaning: Hashable, Sendable {
    /// It was done, whatever came of it.
    case done
    /// The outside refused it for good: nothing was attempted, and trying it again would come to the same.
    case refused
    /// The outside had it and gave it back: the step is still to be done.
    case givenBack
    /// Nothing reached the outside: the step is still to be done.
    case notAttempted

    /// The step came to nothing before anybody was reached or any work was done: it does not count as a time.
    package var leavesStepUndone: Bool { self == .givenBack || self == .notAttempted }

    /// Nothing reached the outside.
    package var isWithoutAttempt: Bool { self == .refused || self == .notAttempted }
}

extension Stage {
    /// Whether a task of this stage may end so.
    package func mayReport(_ code: OutcomeCode) -> Bool {
        StageDescriptor.commonOutcomes[code] != nil || descriptor.ownOutcomes[code] != nil
    }

    /// The stages that reach the person themselves.
    package static let contacts = Set(allCases.filter(\.descriptor.isContact))
}

extension OutcomeCode {
    /// What it says of the step; the same in every stage that reports it.
    package var meaning: OutcomeMeaning {
        guard let meaning = Self.meanings[self] else { preconditionFailure("\(self) belongs to no stage") }
        return meaning
    }

    private static let meanings = Stage.allCases.reduce(into: StageDescriptor.commonOutcomes) { all, stage in
        all.merge(stage.descriptor.ownOutcomes) { before, _ in before }
    }
}
