// Owns: what events between books mean for a case today. Knows nothing of ladders.

/// What is known of a case from events, read once.
struct KnownEvents {
    /// The account's end, in words.
    private(set) var closed: String?
    /// The hold in force, in words.
    private(set) var hold: String?
    /// Money of which the book cannot know yet, in words.
    private(set) var payment: String?

    /// - Parameter historyStart: the first day of the case; an account that was settled and falls overdue again is another.
    init(_ events: [RegisterEvent], asOf: CalendarDate, historyStart: CalendarDate) {
        for event in events.inForce(on: asOf) {
            let told = "\(event.source) told of \(event.words)"
            switch event.fact {
            case .closed(.settled): if event.date >= historyStart { closed = closed ?? told }
            case .closed(.sold), .closed(.writtenOff): closed = closed ?? told
            case .hold(_, let until): if until.map({ asOf <= $0 }) ?? true { hold = hold ?? told }
            // A book of an earlier day knows nothing of it. One of a later day has what is left.
            case .payment: if event.date >= asOf { payment = payment ?? told + ", which the book of \(asOf) has not" }
            case .contact, .number, .revoke: break
            }
        }
    }
}
