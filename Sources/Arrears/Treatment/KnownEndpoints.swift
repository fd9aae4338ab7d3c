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

    /// - Parameter history: of all the person's cases, the oldest first.
    init(_ history: [CaseHistoryEntry]) {
        for entry in history {
            guard let number = entry.endpoint, let fact = entry.endpointFact else { continue }
            learn(fact, of: number, from: entry)
        }
    }

    private mutating func learn(_ fact: EndpointFact, of number: String, from entry: CaseHistoryEntry) {
        let words = "\(masked(phone: number)), \(fact.words) on \(entry.date)"
        switch fact {
        case .wrongNumber, .notInService: bars[number, default: [:]][fact] = Bar(words: words)
        case .blocked, .optedOut: bars[number, default: [:]][fact] = Bar(words: words, stage: entry.stage)
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
    fileprivate var words: String {
        switch self {
        case .rightParty: "the person's"
        case .wrongNumber: "found to be somebody else's"
        case .notInService: "found not in service"
        case .blocked: "blocked by its network"
        case .optedOut: "opted out"
        }
    }
}
