// Owns: policies as files: what the default one decides for every DPD, and the faults of broken ones.
@testable import Arrears
@testable import Documents
import Foundation
import Testing

private let yuan = Currency("CNY")!

private func defaultPolicyText() throws -> String { try projectFile("policies/cn-consumer.yaml") }

/// A file of the project, by its path from the package's root.
private func projectFile(_ path: String) throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    return try String(contentsOf: root.appending(path: path), encoding: .utf8)
}

private func readPolicy(_ yaml: String) throws -> Policy {
    try Policy(document: readDocument(yaml: yaml, source: "test.yaml"), source: "test.yaml")
}

@Suite struct DefaultPolicyTests {
    let policy: Policy
    let due = CalendarDate(iso: "2026-01-15")!

    init() throws { policy = try readPolicy(defaultPolicyText()) }

    func overdue(dpd: Int, _ change: (inout LoanAccount) -> Void = { _ in }) -> OverdueCase {
        var account = LoanAccount(
            id: "A1", customer: "C1", product: "cash", balance: Money(minorUnits: 800_000, currency: yuan),
            basis: .oldestUnpaidDueDate(due), phone: "+8613800000000",
            documents: ["contract", "statement", "identity"])
        change(&account)
        guard
            case .overdue(let delinquency) = recognise(
                account, asOf: due.adding(days: dpd), settings: policy.recognition)
        else { fatalError("DPD \(dpd) is not overdue") }
        return OverdueCase(
            id: account.caseID, account: account, delinquency: delinquency,
            bucket: policy.bucketName(dpd: delinquency.dpd))
    }

    func decide(
        dpd: Int, history: [CaseHistoryEntry] = [], _ change: (inout LoanAccount) -> Void = { _ in }
    ) -> PlanDecision {
        let overdue = overdue(dpd: dpd, change)
        return policy.plan(
            PlanInput(
                overdue: overdue, match: policy.segmentation.match(overdue, history: history), history: history,
                personHistory: history, asOf: due.adding(days: dpd), contactsToday: 0))
    }

    func result(dpd: Int, history: [CaseHistoryEntry] = [], _ change: (inout LoanAccount) -> Void = { _ in }) -> String
    {
        switch decide(dpd: dpd, history: history, change) {
        case .step(let due): due.step
        case .none(let reason, _): reason.rawValue
        }
    }

    private func notice(dpd: Int) -> CaseHistoryEntry {
        CaseHistoryEntry(
            date: due.adding(days: dpd), kind: .notice, stage: .sms, step: "final-notice", outcome: .delivered)
    }

    /// A case that is seen for the first time at this DPD, but for the notice that comes before any placement.
    @Test(arguments: 1...400) func `Every DPD has the step that is meant for it`(_ dpd: Int) throws {
        let history = dpd > 60 ? [notice(dpd: dpd - 1)] : []
        guard case .step(let step) = decide(dpd: dpd, history: history) else {
            Issue.record("\(decide(dpd: dpd, history: history))")
            return
        }
        switch dpd {
        case 1...3: #expect(step.action == .sms(template: "gentle-reminder"))
        case 4...14: #expect(step.action == .call(script: "courtesy-call", queue: "standard", offerPlan: false))
        case 15...30: #expect(step.action == .call(script: "standard-call", queue: "standard", offerPlan: false))
        case 31...60: #expect(step.action == .call(script: "senior-plan-call", queue: "senior", offerPlan: true))
        case 61...90:
            #expect(
                step.action
                    == .placement(
                        agency: "agency-north", placement: 1, days: 30,
                        purpose: "amicable collection, first placement"))
        case 91...180:
            #expect(
                step.action
                    == .placement(
                        agency: "agency-south", placement: 2, days: 90,
                        purpose: "amicable collection, second placement"))
        default:
            #expect(
                step.action
                    == .legal(
                        minimumBalance: try DecimalAmount("5000"),
                        requiredDocuments: ["contract", "statement", "identity"], limitationYears: 3))
            #expect(step.limitationEndsOn == CalendarDate(iso: "2029-01-15"))
        }
        #expect(step.window == (dpd <= 60 ? LocalWindow(fromMinute: 480, toMinute: 1320) : .wholeDay))
        #expect(step.timeZone == "Asia/Shanghai")
    }

    @Test(arguments: [61, 75, 90, 91, 180])
    func `Nobody is placed without the notice before, however late the case is seen first`(dpd: Int) {
        #expect(result(dpd: dpd) == "final-notice")
        #expect(result(dpd: dpd, history: [notice(dpd: dpd)]) == "noStepDue")
        let placement = dpd <= 90 ? "first-placement" : "second-placement"
        #expect(result(dpd: dpd, history: [notice(dpd: dpd - 1)]) == placement)
        #expect(result(dpd: dpd, history: [notice(dpd: -9)]) == "final-notice", "of an earlier case")
    }

    /// Somebody who never answers, day by day from the first to the last: what they get, and never more than that.
    @Test func `The whole ladder of one case`() {
        var history: [CaseHistoryEntry] = []
        var told: [String] = []
        for dpd in 1...400 {
            guard case .step(let step) = decide(dpd: dpd, history: history) else { continue }
            told.append("\(dpd) \(step.step)")
            let outcome: OutcomeCode =
                switch step.stage {
                case .sms: .delivered
                case .callQueue: .noAnswer
                case .agency: .placed
                case .legal: .evidencePrepared
                }
            history.append(
                CaseHistoryEntry(
                    date: due.adding(days: dpd), kind: step.stage.descriptor.historyKind, stage: step.stage,
                    step: step.step,
                    outcome: outcome))
        }
        #expect(
            told == [
                "1 gentle-sms", "4 courtesy-call", "7 courtesy-call", "8 reminder-sms", "10 courtesy-call",
                "13 courtesy-call", "15 standard-call", "18 reminder-sms", "19 standard-call", "23 standard-call",
                "27 standard-call", "31 senior-plan-call", "32 plan-offer-sms", "36 senior-plan-call",
                "41 senior-plan-call", "46 senior-plan-call", "47 plan-offer-sms", "51 senior-plan-call",
                "55 final-notice", "56 senior-plan-call", "61 first-placement", "91 second-placement",
                "181 legal-review",
            ])
        #expect(result(dpd: 400, history: history) == "ladderEnded")
    }

    @Test func `The law comes only where it may`() {
        #expect(result(dpd: 181) { $0.balance.minorUnits = 499_999 } == "legalGate")
        #expect(result(dpd: 181) { $0.documents = ["contract", "statement"] } == "legalGate")
        // Three years from 2026-01-15 end on 2029-01-15, DPD 1,096.
        #expect(result(dpd: 1096) == "legal-review")
        #expect(result(dpd: 1097) == "legalGate")
    }

    @Test func `Every segment covers every DPD`() {
        let people: [(String, (inout LoanAccount) -> Void)] = [
            ("tiny-balance", { $0.balance.minorUnits = 1_999 }),
            ("care", { $0.previousOutcomes = ["illness"] }),
            ("first-time-early", { $0.isFirstTime = true }),
            ("high-risk-early", { $0.riskScore = 800 }),
            ("standard", { _ in }),
        ]
        for (segment, change) in people {
            for dpd in 1...400 {
                let match = policy.segmentation.match(overdue(dpd: dpd, change), history: [])
                let expected =
                    switch (segment, dpd) {
                    case ("first-time-early", 31...), ("high-risk-early", 61...): "standard"
                    default: segment
                    }
                #expect(match.segment == expected, "\(segment) at DPD \(dpd)")
                let result = result(dpd: dpd, change)
                let isLeftAlone = segment == "tiny-balance" && dpd <= 30
                #expect(isLeftAlone == (result == "noStepDue"), "\(segment) at DPD \(dpd): \(result)")
            }
        }
    }

    @Test func `Who told of hardship sees no agency and no court`() {
        for dpd in 1...400 {
            guard case .step(let step) = decide(dpd: dpd, { $0.previousOutcomes = ["hardship"] }) else { continue }
            #expect(step.stage == .sms || step.stage == .callQueue)
        }
    }

    @Test func `Buckets are months past due`() {
        let names = [0, 1, 30, 31, 60, 61, 90, 91, 120, 121, 150, 151, 180, 181, 9999].map(policy.bucketName)
        #expect(
            names == [
                "current", "M1", "M1", "M2", "M2", "M3", "M3", "M4", "M4", "M5", "M5", "M6", "M6", "M7+", "M7+",
            ])
    }
}

@Suite struct PolicyFaultTests {
    func faults(_ yaml: String) -> [String] {
        do {
            _ = try readPolicy(yaml)
            return []
        } catch let error as DocumentFaults {
            return error.faults.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    /// The faults of the default policy after a change of its text.
    func faults(replacing text: String, with other: String) throws -> [String] {
        let policy = try defaultPolicyText()
        let changed = policy.replacingOccurrences(of: text, with: other)
        try #require(changed != policy, "\(text) is not in the policy")
        return faults(changed)
    }

    @Test func `Steps that require each other in a circle are a fault`() throws {
        let circle = try defaultPolicyText()
            .replacingOccurrences(of: "{ step: final-notice, within: 60 }", with: "second-placement")
            .replacingOccurrences(of: "{ step: final-notice, within: 180 }", with: "first-placement")
        #expect(
            faults(circle).map { $0.components(separatedBy: ": ").dropFirst().joined(separator: ": ") } == [
                "treatments.standard: expected steps that do not require each other in a circle, "
                    + "got first-placement requires second-placement requires first-placement"
            ])
    }

    @Test func `Five faults are reported together with their lines`() {
        let yaml = """
            policy: five
            version: "1"
            buckets:
              - { name: M1, dpd: 1..30 }
              - { name: M2, dpd: 32.. }
            conduct:
              timeZone: Asia/Shanghai
              windows:
                - { rule: CN-TIME, stages: [sms, callQueue], from: "08:00", to: "25:00" }
              caps:
                - { rule: ONE, contactsPerDay: 1 }
            agencies:
              - { id: north, name: North }
            segments:
              rules: []
              default: standard
            treatments:
              standard:
                - step: gentle
                  stage: sms
                  dpd: 1..3
                  tempalte: gentle-reminder
                - step: place
                  stage: agency
                  dpd: 61..
                  agency: nroth
                  placement: 1
                  days: 30
                  purpose: amicable
                  after:
                    delivered: end
            """
        #expect(faults(yaml).count == 5)
        #expect(
            faults(yaml) == [
                "line 5: buckets[2]: expected a bucket from DPD 31 on, without gap or overlap, got \"32..\"",
                "line 9: conduct.windows[1].to: expected a time HH:MM from 00:00 to 24:00, got \"25:00\"",
                "line 22: treatments.standard[1].tempalte: expected \"template\" perhaps, got \"tempalte\"",
                "line 26: treatments.standard[2].agency: expected an agency of this policy: \"north\" perhaps, got \"nroth\"",
                "line 31: treatments.standard[2].after.delivered: expected an outcome of agency: one of agencyContact, agencyPayment, agencyReturn, invalidContent, madeResultUnknown, placed, placedUnacknowledged, rejectedByAgency, windowClosed, got \"delivered\"",
            ])
    }

    @Test(
        arguments: [
            ("policy: cn-consumer", "polcy: cn-consumer", ["polcy"]),
            ("dpd: 181.. }", "dpd: 181..200 }", ["buckets"]),
            ("dpd: 181.. }", "dpd: 181..9223372036854775807 }", ["buckets"]),
            ("from: \"08:00\"", "from: \"23:00\"", ["conduct.windows[1]"]),
            ("stages: [sms, callQueue]", "stages: [sms]", ["conduct"]),
            ("contactsPerDay: 1 ", "contactsPerDay: none ", ["conduct.caps[1].contactsPerDay"]),
            ("parts: [fees, interest, principal]", "parts: [fees, fees, principal]", ["recognition.allocation.parts"]),
            ("balance: \"< 20.00\"", "balance: 20", ["segments.rules[1].when.balance"]),
            ("{ firstTime: true, dpd: 1..30 }", "{}", ["segments.rules[3].when"]),
            ("- rule: told-of-hardship", "- rule: tiny-balance", ["segments.rules[2]"]),
            ("  default: standard", "  default: standrad", ["treatments.standard", "treatments"]),
            ("disputes: { hold: dispute }", "disputes: { wait: 3 }", ["after.disputes"]),
            (
                "requires: { step: final-notice, within: 60 }", "requires: final-notise",
                ["treatments.standard[8].requires"]
            ),
            (
                "requires: { step: final-notice, within: 60 }", "requires: { step: first-placement, within: 60 }",
                ["treatments.standard[8].requires.step"]
            ),
            (
                "requires: { step: final-notice, within: 60 }", "requires: { step: final-notice, within: 0 }",
                ["treatments.standard[8].requires.within"]
            ),
            (
                "requires: { step: final-notice, within: 60 }", "requires: second-placement", []
            ),
            ("disputes: { hold: dispute }", "disputes: { hold: dispute, goTo: x }", ["after.disputes"]),
            ("rightParty: { wait: 5 }", "rightParty: { goTo: final-notice }", ["after.rightParty.goTo"]),
            ("- step: standard-call", "- step: courtesy-call", ["treatments.standard[3]"]),
            ("limitationYears: 3", "limitationYears: many", ["treatments.standard[10].limitationYears"]),
            ("dpd: 91..180\n", "dpd: ..180\n", ["treatments.standard[9].dpd"]),
            ("  tiny-balance:\n", "  tiny-balance: none\n  tiny:\n", ["treatments.tiny"]),
        ] as [(String, String, [String])])
    func `A fault names its place`(_ text: String, _ other: String, _ paths: [String]) throws {
        let found = try faults(replacing: text, with: other)
        #expect(found.count == paths.count, "\(found)")
        for path in paths {
            #expect(found.contains { $0.contains(": \(path): ") }, "\(path) is not in \(found)")
        }
    }

    @Test func `A stage that is not known is one fault`() throws {
        let yaml = try defaultPolicyText().replacingOccurrences(of: "stage: legal", with: "stage: leagl")
        #expect(faults(yaml).count == 1)
        #expect(faults(yaml).first?.hasSuffix("expected \"legal\" perhaps, got \"leagl\"") == true)
    }

    @Test func `The references example is a policy`() throws {
        let reference = try projectFile("docs/policy-format.md")
        let blocks = reference.components(separatedBy: "```")
        // Text and code alternate; the first block is the whole example.
        let example = try #require(blocks.count > 2 ? blocks[1] : nil)
        try #require(example.hasPrefix("yaml\n"))
        let policy = try readPolicy(String(example.dropFirst("yaml\n".count)))
        #expect(policy.treatments.map(\.segment) == ["standard"])
        #expect(Set(policy.treatments[0].steps.map(\.stage)) == Set(Stage.allCases))
    }

    @Test func `A segment may be left alone`() throws {
        let policy = try readPolicy(
            """
            policy: quiet
            version: "1"
            buckets: [{ name: late, dpd: 1.. }]
            conduct:
              timeZone: Asia/Shanghai
              windows: [{ rule: T, stages: [sms, callQueue], from: "08:00", to: "22:00" }]
              caps: [{ rule: ONE, contactsPerDay: 1 }]
            segments: { rules: [], default: nobody }
            treatments: { nobody: none }
            """)
        #expect(policy.treatments.isEmpty)
        #expect(policy.recognition == RecognitionSettings())
    }
}
