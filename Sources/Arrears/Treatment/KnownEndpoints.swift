// Owns: which of a person's numbers may be used, and by which stage: what was learnt of a number holds for all of the
// person's accounts, until something newer says otherwise. Knows nothing of ladders.

/// What is known of one person's numbers.
struct KnownEndpoints {
    private struct Bar {
        var words: String
        /// nil: every stage that needs a number.
        var stage: Stage?
    }
    private var bars: [String: [EndpointFact: Bar]] = [:]

    /// - Parameters:
    ///   - history: of all the person's cases, the oldest first.
    ///   - events: about the person; of those of one day the history's come first.
    init(_ history: [CaseHistoryEntry], _ events: [RegisterEvent], asOf: CalendarDate) {
        let learnt: [(date: CalendarDate, number: String, fact: EndpointFact, stage: Stage?)] =
            history.compactMap { entry in
                guard let number = entry.endpoint, let fact = entry.endpointFact else { return nil }
                return (entry.date, number, fact, entry.stage)
            }
            + events.inForce(on: asOf).compactMap { event in
                guard case .number(let number, let fact) = event.fact else { return nil }
                return (event.date, number, fact, nil)
            }
        for (_, next) in learnt.enumerated().sorted(by: { ($0.1.date, $0.0) < ($1.1.date, $1.0) }) {
            learn(next.fact, of: next.number, on: next.date, by: next.stage)
        }
    }

    /// - Parameter stage: who learnt it; nil: nobody of ours.
    private mutating func learn(_ fact: EndpointFact, of number: String, on date: CalendarDate, by stage: Stage?) {
        let words = "\(masked(phone: number)), \(fact.words) on \(date)"
        switch fact {
        case .wrongNumber, .notInService: bars[number, default: [:]][fact] = Bar(words: words)
        case .blocked, .optedOut: bars[number, default: [:]][fact] = Bar(words: words, stage: stage)
        case .rightParty:
            // Whoever spoke there is reached there. What the person or the network refused is another matter.
            bars[number]?[.wrongNumber] = nil
            bars[number]?[.notInService] = nil
        }
    }

    /// Why a stage may not use the number, in words; nil: it may.
    func refusal(of number: String, for stage: Stage) -> String? {
        (bars[number] ?? [:]).values.filter { $0.stage == nil || $0.stage == stage }.map(\.words).min()
    }
}

extension EndpointFact {
    var words: String {
        switch self {
        case .rightParty: "the person's"
        case .wrongNumber: "found to be somebody else's"
        case .notInService: "found not in service"
        case .blocked: "blocked by its network"
        case .optedOut: "opted out"
        }
    }
}
