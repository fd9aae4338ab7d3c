// Owns: a small policy, made by hand, that the tests of decisions are about.
@testable import Arrears

func step(
    _ id: String, _ dpd: String, _ action: StepAction, cadence: Cadence = .once(),
    after: [OutcomeCode: Consequence] = [:]
) -> TreatmentStep {
    TreatmentStep(
        id: id, dpd: IntegerRange(dpd)!, cadence: cadence, action: action, priority: 100, after: after)
}

let call = StepAction.call(script: "s", queue: "q", offerPlan: false)
let message = StepAction.sms(template: "t")

func policy(
    _ steps: [TreatmentStep], rules: [SegmentRule] = [], after: [OutcomeCode: Consequence] = [:],
    caps: [ContactCap] = [ContactCap(rule: "ONE", contactsPerDay: 1)],
    windows: [ContactWindow] = [
        ContactWindow(
            rule: "CN-TIME", stages: [.sms, .callQueue], window: LocalWindow(fromMinute: 480, toMinute: 1320))
    ]
) -> Policy {
    Policy(
        name: "test", version: "1", recognition: RecognitionSettings(),
        buckets: [Bucket(name: "M1", from: 1, through: 30), Bucket(name: "M2+", from: 31, through: nil)],
        conduct: ConductRules(timeZone: "Asia/Shanghai", windows: windows, caps: caps),
        agencies: [Agency(id: "north", name: "North")],
        segmentation: Segmentation(rules: rules, defaultSegment: "standard"),
        treatments: [Treatment(segment: "standard", steps: steps)], after: after)
}

/// A story told day by day: the due date is 2026-10-01, so that DPD n is n days later.
struct Story {
    var policy: Policy
    var history: [CaseHistoryEntry] = []
    /// What happened to other cases of the person.
    var elsewhere: [CaseHistoryEntry] = []
    var events: [RegisterEvent] = []
    var contactsToday = 0
    var segment = "standard"
    var change: (inout LoanAccount) -> Void = { _ in }

    static let due = day("2026-10-01")

    static func date(dpd: Int) -> CalendarDate { due.adding(days: dpd) }

    func decision(dpd: Int) -> PlanDecision {
        let asOf = Self.date(dpd: dpd)
        return policy.plan(
            PlanInput(
                overdue: overdueCase(dpd: dpd, asOf: asOf, balance: "9000.00", with: change),
                match: SegmentMatch(segment: segment, rule: "default"), history: history,
                personHistory: history + elsewhere, events: events, asOf: asOf, contactsToday: contactsToday))
    }

    /// The step's id, or the reason why there is none.
    func result(dpd: Int) -> String {
        switch decision(dpd: dpd) {
        case .step(let due): due.step
        case .none(let reason, _): reason.rawValue
        }
    }

    func step(dpd: Int) -> DueStep? {
        if case .step(let due) = decision(dpd: dpd) { return due }
        return nil
    }

    func detail(dpd: Int) -> String {
        if case .none(_, let detail) = decision(dpd: dpd) { return detail }
        return ""
    }

    mutating func happened(
        dpd: Int, _ step: String, _ stage: Stage, _ outcome: OutcomeCode, due: CalendarDate? = nil
    ) {
        history.append(entry(Self.date(dpd: dpd), step, stage, outcome, due: due))
    }
}
