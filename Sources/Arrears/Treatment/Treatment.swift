// Owns: which step of its ladder is due for a case today, or why none is. Knows nothing of tasks, leases or how a step
// is carried out.

extension Policy {
    /// The step that is due for the case today, or why there is none.
    ///
    /// A function of its input alone: the same input gives the same decision, whenever and however often it is asked.
    /// The checks, in order: whether the account is closed, holds, money that came since the book, open promises, whether there is a treatment, whether a step is due, whether the
    /// step can be carried out (contact point, legal gates), and whether conduct allows it. Where several steps are
    /// due, the first that can be carried out is taken; where none can, the first one's reason is given.
    package func plan(_ input: PlanInput) -> PlanDecision {
        let standing = CaseStanding(input, policy: self)
        let events = KnownEvents(
            input.events, asOf: input.asOf,
            historyStart: input.overdue.historyStart(asOf: input.asOf, settings: recognition))
        if let closed = events.closed { return .none(.accountClosed, detail: closed) }
        if let hold = events.hold ?? standing.hold { return .none(.hold, detail: hold) }
        if let payment = events.payment { return .none(.paidSinceBook, detail: payment) }
        if let promise = standing.openPromise { return .none(.promiseOpen, detail: promise) }
        guard let treatment = treatment(of: input.match.segment) else {
            return .none(.noTreatment, detail: "segment \(input.match.segment) is left alone by policy")
        }
        if let end = standing.end { return .none(.ladderEnded, detail: end) }
        if let wait = standing.wait { return .none(.noStepDue, detail: wait) }

        let ladder = Ladder(treatment: treatment, standing: standing, dpd: input.overdue.delinquency.dpd)
        guard !ladder.due.isEmpty else { return .none(ladder.isOver ? .ladderEnded : .noStepDue, detail: ladder.why) }
        var firstRefusal: PlanDecision?
        for due in ladder.due {
            let decision = decide(due, input: input, standing: standing)
            if case .step = decision { return decision }
            firstRefusal = firstRefusal ?? decision
        }
        return firstRefusal ?? .none(.noStepDue, detail: ladder.why)
    }

    /// A due step's own gates.
    private func decide(_ due: Ladder.Due, input: PlanInput, standing: CaseStanding) -> PlanDecision {
        let step = due.step
        var limitationEndsOn: CalendarDate?
        if case .legal(let minimum, let documents, let years) = step.action {
            let gates = LegalGates(
                input.overdue, asOf: input.asOf, minimumBalance: minimum, requiredDocuments: documents,
                limitationYears: years, settings: recognition)
            if let refusal = gates.refusal { return .none(.legalGate, detail: "\(step.id): \(refusal)") }
            limitationEndsOn = gates.limitationEndsOn
        }
        let endpoint: String?
        switch usableEndpoint(for: step.stage, input) {
        case .use(let number): endpoint = number
        case .refused(let why): return .none(.noContactPoint, detail: "\(step.id) is due, but \(why)")
        }
        let window: LocalWindow
        do {
            window = try conduct.window(for: step.stage)
        } catch {
            return .none(.conduct, detail: "\(step.id): \(error.detail)")
        }
        if let denial = conduct.capDenial(for: step.stage, contactsToday: input.contactsToday) {
            return .none(.customerContactedToday, detail: "\(step.id): \(denial.detail)")
        }
        return .step(
            DueStep(
                step: step.id, occurrence: standing.occurrences(of: step).planned + 1, action: step.action,
                limitationEndsOn: limitationEndsOn, priority: step.priority, window: window,
                timeZone: input.overdue.account.timeZone ?? input.defaultTimeZone ?? conduct.timeZone,
                why: due.why, endpoint: endpoint))
    }

    private enum Endpoint {
        case use(String?)
        case refused(String)
    }

    /// The number that a stage is to use.
    private func usableEndpoint(for stage: Stage, _ input: PlanInput) -> Endpoint {
        let descriptor = stage.descriptor
        guard descriptor.contactPoint == .phone else { return .use(nil) }
        guard let number = input.overdue.account.phone else { return .refused("no phone is known") }
        guard
            let refusal = KnownEndpoints(input.personHistory, input.events, asOf: input.asOf).refusal(
                of: number, for: stage)
        else {
            return .use(number)
        }
        // Whoever reaches nobody themselves can do without it, and is not told a number that is wrong.
        return descriptor.isContact ? .refused("the only phone is \(refusal)") : .use(nil)
    }
}

/// The last day of an agency's mandate, the day of placement being the first.
package func mandateLastDay(placedOn day: CalendarDate, days: Int) -> CalendarDate {
    day.adding(days: max(1, days) - 1)
}

/// Which steps of a treatment are due at a DPD, in the ladder's order, before their own gates.
private struct Ladder {
    struct Due {
        var step: TreatmentStep
        var why: String
    }

    private(set) var due: [Due] = []
    /// Nothing of the ladder lies ahead any more.
    private(set) var isOver = true
    /// Why nothing is due.
    private(set) var why = ""

    init(treatment: Treatment, standing: CaseStanding, dpd: Int) {
        var reasons: [String] = []
        var firstIndex = 0
        var wasSentAhead = false
        for (index, step) in treatment.steps.enumerated() where standing.goTo.contains(step.id) {
            firstIndex = index
            wasSentAhead = true
        }
        for (index, step) in treatment.steps.enumerated() where index >= firstIndex {
            let windowIsOver = step.dpd.through.map { dpd > $0 } ?? false
            if windowIsOver || standing.stopped.keys.contains(step.stage) {
                if !windowIsOver, let told = standing.stopped[step.stage] { reasons.append("\(step.id): \(told)") }
                continue
            }
            let past = standing.occurrences(of: step)
            if let times = step.cadence.times, past.done >= times { continue }
            // From here on the step is due now or later.
            isOver = false
            let isAhead = step.dpd.from.map { dpd < $0 } ?? false
            if isAhead && !(wasSentAhead && index == firstIndex) {
                reasons.append("\(step.id) is due from DPD \(step.dpd.from ?? 0)")
                continue
            }
            if let last = past.last {
                let next = last.adding(days: step.cadence.everyDays)
                if standing.asOf < next {
                    reasons.append("\(step.id) was on \(last) and is due again on \(next)")
                    continue
                }
            }
            let occurrence = past.planned == 0 ? "" : ", time \(past.planned + 1)"
            let reason = isAhead ? "sent ahead by an earlier outcome" : "DPD \(dpd) is in \(step.dpd)"
            let own = Due(step: step, why: "\(step.id): \(reason)\(occurrence)")
            switch Ladder.first(of: own, in: treatment, standing) {
            case .success(let first): if !due.contains(where: { $0.step.id == first.step.id }) { due.append(first) }
            case .failure(let wait): reasons.append(wait.why)
            }
        }
        // The nearest two tell enough: the ladder is in the policy.
        why =
            reasons.isEmpty
            ? "every step of \(treatment.segment) is done or over" : reasons.prefix(2).joined(separator: "; ")
    }

    private struct Wait: Error {
        var why: String
    }

    /// The step itself, or what it requires and has not been done: that is due in its place, whatever its own window.
    private static func first(of due: Due, in treatment: Treatment, _ standing: CaseStanding) -> Result<Due, Wait> {
        guard let requirement = due.step.requires, !standing.meets(requirement) else { return .success(due) }
        guard let earlier = treatment.steps.first(where: { $0.id == requirement.step }) else {
            return .failure(Wait(why: "\(due.step.id) requires \(requirement.step), which this treatment has not"))
        }
        let wants = "\(due.step.id) requires \(requirement.words)"
        if let told = standing.stopped[earlier.stage] { return .failure(Wait(why: "\(wants): \(told)")) }
        if let last = standing.occurrences(of: earlier).last {
            let next = last.adding(days: earlier.cadence.everyDays)
            if standing.asOf < next {
                return .failure(Wait(why: "\(wants), which was on \(last) and is due again on \(next)"))
            }
        }
        return first(of: Due(step: earlier, why: "\(earlier.id): \(wants)"), in: treatment, standing)
    }
}

extension Requirement {
    fileprivate var words: String {
        step + (withinDays.map { " within \($0) day\($0 == 1 ? "" : "s") before" } ?? " before")
    }
}

/// Whether a case may go to law, and why not: every gate that refuses.
struct LegalGates {
    /// nil: it cannot be computed.
    let limitationEndsOn: CalendarDate?
    let refusal: String?

    /// Limitation runs from the last instalment's due date where that is known, else from the episode's earliest start,
    /// and again from its restart (payment, acknowledgement, demand), whichever is later.
    init(
        _ overdue: OverdueCase, asOf: CalendarDate, minimumBalance minimum: DecimalAmount,
        requiredDocuments: [String], limitationYears: Int, settings: RecognitionSettings
    ) {
        let account = overdue.account
        let due = account.finalDueDate ?? overdue.earliestStart(asOf: asOf, settings: settings)
        let from = account.limitationRestart.map { max($0, due) } ?? due
        let end = from.adding(months: 12 * limitationYears)
        limitationEndsOn = end
        let minimumBalance = minimum.limit(in: account.balance.currency)

        var refusals: [String] = []
        if asOf > end {
            refusals.append("limitation of \(limitationYears) years from \(from) ended on \(end)")
        }
        if account.balance.minorUnits < minimumBalance.minorUnits {
            refusals.append("balance \(account.balance) is less than \(minimumBalance)")
        }
        let missing = requiredDocuments.filter { !account.documents.contains($0) }
        if !missing.isEmpty { refusals.append("documents missing: \(missing.joined(separator: ", "))") }
        refusal = refusals.isEmpty ? nil : refusals.joined(separator: "; ")
    }
}
