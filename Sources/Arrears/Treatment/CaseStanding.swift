// Owns: what a case's history means for today: holds, open promises, waits, stages that are over, how often each step
// was due. Knows nothing of the ladder's own windows.

/// What follows, where neither step nor policy says: a promise is given its day, a dispute stops everything. Of a wrong
/// number, what is known of the number tells more (`KnownEndpoints`); where it was not kept, messages and calls stop.
package let consequencesByDefault: [OutcomeCode: Consequence] = [
    .promiseToPay: .waitPastDate(days: 1),
    .callBack: .waitPastDate(days: 0),
    .disputes: .hold(.dispute, days: nil),
    .wrongNumber: .stop(Stage.contacts.filter { $0.descriptor.contactPoint == .phone }),
]

extension CaseHistoryEntry {
    fileprivate var consequenceByDefault: Consequence? {
        outcome == .wrongNumber && endpoint != nil ? nil : consequencesByDefault[outcome]
    }

    /// Whether it told that a number cannot be used which the book has no longer.
    fileprivate func isOfAnotherNumber(than phone: String?) -> Bool {
        guard let endpointFact, endpointFact != .rightParty else { return false }
        return endpoint != phone
    }
}

/// A case's history, read once.
///
/// What is bound to dates (promises, waits, holds with an end, mandates) counts whenever it was said. The rest counts
/// within the case, from its first day (`OverdueCase.historyStart`). Effects add up; none undoes another.
struct CaseStanding {
    let asOf: CalendarDate
    /// The hold in force, in words.
    private(set) var hold: String?
    private(set) var openPromise: String?
    private(set) var wait: String?
    private(set) var end: String?
    /// Stages that are over, with the reason.
    private(set) var stopped: [Stage: String] = [:]
    /// Steps that outcomes have sent the case to.
    private(set) var goTo: Set<String> = []
    private let inEpisode: [CaseHistoryEntry]

    init(_ input: PlanInput, policy: Policy) {
        asOf = input.asOf
        let start = input.overdue.historyStart(asOf: input.asOf, settings: policy.recognition)
        inEpisode = input.history.filter { $0.date >= start }
        if let stated = input.overdue.account.holds.first(where: { $0.isInForce(on: input.asOf) }) {
            let until = stated.until.map { " until \($0)" } ?? ""
            hold = "the book states a hold: \(stated.kind.rawValue)\(until)"
        }
        // What follows from a number that is not the person's follows while the book has it: a corrected one is used at once.
        for entry in input.history where !entry.isOfAnotherNumber(than: input.overdue.account.phone) {
            let isInEpisode = entry.date >= start
            let own = policy.step(entry.step, preferring: input.match.segment)?.after[entry.outcome]
            if let consequence = own ?? policy.after[entry.outcome] ?? entry.consequenceByDefault {
                apply(consequence, of: entry, isInEpisode: isInEpisode)
            }
        }
        applyMandates(of: input, policy: policy)
    }

    private mutating func apply(_ consequence: Consequence, of entry: CaseHistoryEntry, isInEpisode: Bool) {
        let told = "\(entry.outcome.rawValue) on \(entry.date)"
        switch consequence {
        case .wait(let days):
            rest(until: entry.date.adding(days: days), after: entry, told)
        case .waitPastDate(let days):
            rest(until: (entry.due ?? entry.date).adding(days: days), after: entry, told)
        case .hold(let kind, let days?):
            if asOf < entry.date.adding(days: days) {
                hold = hold ?? "\(told): hold \(kind.rawValue) until \(entry.date.adding(days: days - 1))"
            }
        case .hold(let kind, nil):
            if isInEpisode { hold = hold ?? "\(told): hold \(kind.rawValue) until it is settled" }
        case .goTo(let step):
            if isInEpisode { goTo.insert(step) }
        case .stop(let stages):
            guard isInEpisode else { return }
            for stage in stages where stopped[stage] == nil { stopped[stage] = "no more after \(told)" }
        case .end:
            if isInEpisode { end = end ?? "\(told) ended the ladder" }
        }
    }

    /// Nothing before `day`.
    private mutating func rest(until day: CalendarDate, after entry: CaseHistoryEntry, _ told: String) {
        guard asOf < day else { return }
        if entry.outcome == .promiseToPay {
            let amount = entry.amount.map { " \($0)" } ?? ""
            let due = entry.due.map { " for \($0)" } ?? ""
            openPromise = "promised on \(entry.date)\(amount)\(due); nothing before \(day)"
        } else {
            wait = "\(told): nothing before \(day)"
        }
    }

    /// While an agency holds the case nothing else is due: the person hears from one side only.
    private mutating func applyMandates(of input: PlanInput, policy: Policy) {
        for placement in input.history where placement.kind == .placement && placement.stage == .agency {
            guard !placement.outcome.meaning.leavesStepUndone, placement.outcome != .agencyReturn,
                case .placement(let agency, _, let days, _)? = policy.step(
                    placement.step, preferring: input.match.segment)?.action
            else { continue }
            let lastDay = mandateLastDay(placedOn: placement.date, days: days)
            let isReturned = input.history.contains {
                $0.kind == .return && $0.step == placement.step && $0.date >= placement.date
            }
            if asOf <= lastDay && !isReturned {
                wait = "placed with \(agency) on \(placement.date) until \(lastDay)"
            }
        }
    }

    /// Whether what a step requires was done on an earlier day. What the outside refused was not.
    func meets(_ requirement: Requirement) -> Bool {
        inEpisode.contains { entry in
            entry.step == requirement.step && entry.kind == entry.stage.descriptor.historyKind
                && entry.outcome.meaning == .done && entry.date < asOf
                && (requirement.withinDays.map { asOf.days(since: entry.date) <= $0 } ?? true)
        }
    }

    /// How often a step was planned and settled in this episode (`planned`), how often that counts as done, and when it
    /// last was.
    func occurrences(of step: TreatmentStep) -> (planned: Int, done: Int, last: CalendarDate?) {
        var planned = 0
        var done = 0
        var last: CalendarDate?
        for entry in inEpisode where entry.step == step.id && entry.kind == entry.stage.descriptor.historyKind {
            planned += 1
            if !entry.outcome.meaning.leavesStepUndone { done += 1 }
            last = max(last ?? entry.date, entry.date)
        }
        return (planned, done, last)
    }
}

extension Policy {
    /// The step of this id: the segment's own where it has one, else that of the first treatment that has.
    func step(_ id: String, preferring segment: String) -> TreatmentStep? {
        if let own = treatment(of: segment)?.steps.first(where: { $0.id == id }) { return own }
        for treatment in treatments {
            if let step = treatment.steps.first(where: { $0.id == id }) { return step }
        }
        return nil
    }
}
