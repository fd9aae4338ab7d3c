// Owns: which step is due, day by day, and why none is.
@testable import Arrears
import Testing

@Suite struct TreatmentTests {
    let ladder = [
        step("gentle", "1..3", message),
        step("call", "4..14", call, cadence: Cadence(everyDays: 3, times: 3)),
        step("place", "20..40", .placement(agency: "north", placement: 1, days: 10, purpose: "p")),
        step("late-call", "20..60", call, cadence: Cadence(everyDays: 5, times: nil)),
    ]

    @Test func `A step is due within its window once`() {
        var story = Story(policy: policy(ladder))
        #expect(story.result(dpd: 1) == "gentle")
        #expect(story.result(dpd: 3) == "gentle")
        #expect(story.result(dpd: 4) == "call")
        story.happened(dpd: 1, "gentle", .sms, .delivered)
        #expect(story.result(dpd: 2) == "noStepDue")
        #expect(story.detail(dpd: 2) == "call is due from DPD 4; place is due from DPD 20")
        #expect(story.result(dpd: 61) == "ladderEnded")
    }

    @Test func `The cadence keeps days apart and ends after its times`() {
        var story = Story(policy: policy(ladder))
        var due: [Int] = []
        for dpd in 4...19 where story.result(dpd: dpd) == "call" {
            #expect(story.step(dpd: dpd)?.occurrence == due.count + 1)
            due.append(dpd)
            story.happened(dpd: dpd, "call", .callQueue, .noAnswer)
        }
        #expect(due == [4, 7, 10])
    }

    @Test func `What was not attempted is made up for under a new occurrence`() {
        var story = Story(policy: policy(ladder))
        story.happened(dpd: 1, "gentle", .sms, .windowClosed)
        #expect(story.result(dpd: 1) == "noStepDue")
        #expect(story.result(dpd: 2) == "gentle")
        // Another task than the first one, which is settled for ever.
        #expect(story.step(dpd: 2)?.occurrence == 2)
        story.happened(dpd: 2, "gentle", .sms, .delivered)
        #expect(story.result(dpd: 3) == "noStepDue")
    }

    @Test func `While an agency holds the case nothing else is due`() {
        var story = Story(policy: policy(ladder))
        #expect(story.result(dpd: 20) == "place")
        story.happened(dpd: 20, "place", .agency, .placed)
        #expect((21...29).allSatisfy { story.result(dpd: $0) == "noStepDue" })
        #expect(story.detail(dpd: 29) == "placed with north on 2026-10-21 until 2026-10-30")
        #expect(mandateLastDay(placedOn: day("2026-10-21"), days: 10) == day("2026-10-30"))
        #expect(story.result(dpd: 30) == "late-call")
    }

    @Test func `A case that the agency gave back is free again`() {
        var story = Story(policy: policy(ladder))
        story.happened(dpd: 20, "place", .agency, .placed)
        story.history.append(
            CaseHistoryEntry(
                date: Story.date(dpd: 22), kind: .return, stage: .agency, step: "place", outcome: .agencyReturn))
        #expect(story.result(dpd: 22) == "late-call")
        #expect(story.result(dpd: 25) == "late-call")
    }

    @Test func `News of a step are not another time of it`() {
        var story = Story(policy: policy(ladder))
        story.happened(dpd: 20, "place", .agency, .rejectedByAgency)
        story.history.append(
            CaseHistoryEntry(
                date: Story.date(dpd: 20), kind: .payment, stage: .agency, step: "place", outcome: .agencyPayment))
        #expect(story.step(dpd: 21)?.occurrence == 2)
    }

    private func noticed(_ requires: Requirement = Requirement(step: "notice", withinDays: 30)) -> [TreatmentStep] {
        var place = step("place", "61..90", .placement(agency: "north", placement: 1, days: 10, purpose: "p"))
        place.requires = requires
        return [step("notice", "55..60", message), place, step("call", "61..90", call)]
    }

    @Test func `A step is not due before the one that it requires, whatever days were missed`() {
        var story = Story(policy: policy(noticed()))
        #expect(story.result(dpd: 75) == "notice", "a first run, long after the notice's own days")
        #expect(story.step(dpd: 75)?.why == "notice: place requires notice within 30 days before")
        story.happened(dpd: 75, "notice", .sms, .delivered)
        #expect(story.result(dpd: 75) == "call", "told today is not told before")
        #expect(story.result(dpd: 76) == "place")
    }

    @Test func `What was done too long ago is done again, as another time`() {
        var story = Story(policy: policy(noticed()))
        story.happened(dpd: 55, "notice", .sms, .delivered)
        #expect(story.result(dpd: 85) == "place")
        #expect(story.result(dpd: 86) == "notice")
        #expect(story.step(dpd: 86)?.occurrence == 2)
        story.policy = policy(noticed(Requirement(step: "notice")))
        #expect(story.result(dpd: 86) == "place", "at any time of the case")
    }

    @Test(arguments: [OutcomeCode.rejectedByGateway, .windowClosed, .invalidContent])
    func `What did not reach the outside was not done`(code: OutcomeCode) {
        var story = Story(policy: policy(noticed()))
        story.happened(dpd: 60, "notice", .sms, code)
        #expect(story.result(dpd: 61) == "notice")
        story.policy = policy(noticed(), after: [.rejectedByGateway: .stop([.sms])])
        if code == .rejectedByGateway { #expect(story.result(dpd: 61) == "call", "nobody is placed without notice") }
    }

    @Test func `The cadence of what is required is kept`() {
        var steps = noticed()
        steps[0].cadence = Cadence(everyDays: 5, times: 1)
        steps.removeLast()
        var story = Story(policy: policy(steps))
        story.happened(dpd: 60, "notice", .sms, .windowClosed)
        #expect(story.result(dpd: 61) == "noStepDue")
        #expect(
            story.detail(dpd: 61)
                == "place requires notice within 30 days before, which was on 2026-11-30 and is due again on 2026-12-05"
        )
        #expect(story.result(dpd: 65) == "notice")
    }

    @Test func `What happened before the episode does not count`() {
        var story = Story(policy: policy(ladder))
        story.happened(dpd: -5, "gentle", .sms, .delivered)
        story.happened(dpd: -5, "call", .callQueue, .disputes)
        story.happened(dpd: -4, "call", .callQueue, .wrongNumber)
        #expect(story.step(dpd: 1)?.step == "gentle")
        #expect(story.step(dpd: 1)?.occurrence == 1)
    }

    @Test func `A promise is given its day`() {
        var story = Story(policy: policy(ladder))
        story.happened(dpd: 4, "call", .callQueue, .promiseToPay, due: Story.date(dpd: 9))
        for dpd in 4...9 { #expect(story.result(dpd: dpd) == "promiseOpen", "DPD \(dpd)") }
        #expect(story.detail(dpd: 5) == "promised on 2026-10-05 for 2026-10-10; nothing before 2026-10-11")
        #expect(story.result(dpd: 10) == "call")
    }

    @Test func `A promise of an earlier episode is still kept`() {
        var story = Story(policy: policy(ladder))
        story.happened(dpd: -2, "call", .callQueue, .promiseToPay, due: Story.date(dpd: 3))
        #expect(story.result(dpd: 3) == "promiseOpen")
        #expect(story.result(dpd: 4) == "call")
    }

    @Test func `Who named a day is called on it`() {
        var story = Story(policy: policy(ladder))
        story.happened(dpd: 4, "call", .callQueue, .callBack, due: Story.date(dpd: 8))
        #expect(story.result(dpd: 7) == "noStepDue")
        #expect(story.result(dpd: 8) == "call")
    }

    @Test func `A dispute holds everything`() {
        var story = Story(policy: policy(ladder))
        story.happened(dpd: 4, "call", .callQueue, .disputes)
        #expect([4, 7, 20, 60].map { story.result(dpd: $0) } == ["hold", "hold", "hold", "hold"])
        #expect(story.detail(dpd: 7) == "disputes on 2026-10-05: hold dispute until it is settled")
    }

    @Test func `A hold may have an end`() {
        var story = Story(policy: policy(ladder, after: [.disputes: .hold(.dispute, days: 5)]))
        story.happened(dpd: 4, "call", .callQueue, .disputes)
        #expect(story.result(dpd: 8) == "hold")
        #expect(story.result(dpd: 9) == "call")
    }

    @Test func `The books hold comes before all else`() {
        var story = Story(policy: policy(ladder))
        story.happened(dpd: 4, "call", .callQueue, .promiseToPay, due: Story.date(dpd: 9))
        story.change = { $0.holds = [Hold(kind: .hardship, until: Story.date(dpd: 6))] }
        #expect(story.result(dpd: 6) == "hold")
        #expect(story.detail(dpd: 6) == "the book states a hold: hardship until 2026-10-07")
        #expect(story.result(dpd: 7) == "promiseOpen")
    }

    @Test func `A wrong number ends messages and calls but not the rest`() {
        var story = Story(policy: policy(ladder))
        story.happened(dpd: 4, "call", .callQueue, .wrongNumber)
        #expect(story.result(dpd: 7) == "noStepDue")
        #expect(story.result(dpd: 20) == "place")
        #expect(story.result(dpd: 45) == "ladderEnded")
        #expect(story.detail(dpd: 45) == "late-call: no more after wrongNumber on 2026-10-05")
    }

    @Test func `A steps own consequence comes before the policys`() {
        var steps = ladder
        steps[1].after = [.rightParty: .wait(days: 9)]
        var story = Story(policy: policy(steps, after: [.rightParty: .wait(days: 4), .noAnswer: .wait(days: 6)]))
        story.happened(dpd: 4, "call", .callQueue, .rightParty)
        #expect(story.result(dpd: 12) == "noStepDue")
        #expect(story.result(dpd: 13) == "call")
        story.history = []
        story.happened(dpd: 4, "call", .callQueue, .noAnswer)
        #expect(story.result(dpd: 9) == "noStepDue")
        #expect(story.result(dpd: 10) == "call")
    }

    @Test func `An outcome may send the case ahead`() {
        var steps = ladder
        steps[1].after = [.refusesToPay: .goTo(step: "place")]
        var story = Story(policy: policy(steps))
        story.happened(dpd: 4, "call", .callQueue, .refusesToPay)
        #expect(story.result(dpd: 5) == "place")
        story.happened(dpd: 5, "place", .agency, .placed)
        // Steps before it are over, those after it wait for their windows.
        #expect(story.result(dpd: 15) == "noStepDue")
        #expect(story.result(dpd: 20) == "late-call")
    }

    @Test func `An outcome may end the ladder`() {
        var story = Story(policy: policy(ladder, after: [.refusesToPay: .end]))
        story.happened(dpd: 4, "call", .callQueue, .refusesToPay)
        #expect(story.result(dpd: 20) == "ladderEnded")
    }

    @Test func `Without a phone nobody is reached`() {
        var story = Story(policy: policy(ladder))
        story.change = { $0.phone = nil }
        #expect([1, 4, 20].map { story.result(dpd: $0) } == ["noContactPoint", "noContactPoint", "noContactPoint"])
        // Not being due comes first.
        #expect(story.result(dpd: 15) == "noStepDue")
    }

    @Test func `A customer is contacted once a day over all accounts`() {
        var story = Story(policy: policy(ladder))
        story.contactsToday = 1
        #expect(story.result(dpd: 4) == "customerContactedToday")
        #expect(story.detail(dpd: 4) == "call: ONE allows 1 a day; 1 made or planned today")
        // A placement reaches nobody.
        #expect(story.result(dpd: 20) == "place")
    }

    @Test func `Hours that do not exist deny`() {
        let nights = [
            ContactWindow(rule: "A", stages: [.sms], window: LocalWindow(fromMinute: 480, toMinute: 600)),
            ContactWindow(rule: "B", stages: [.sms], window: LocalWindow(fromMinute: 600, toMinute: 700)),
        ]
        #expect(Story(policy: policy(ladder, windows: nights)).result(dpd: 1) == "conduct")
    }

    @Test func `A segment without a treatment is left alone`() {
        var story = Story(policy: policy(ladder))
        story.segment = "nobody"
        #expect(story.result(dpd: 4) == "noTreatment")
    }

    @Test func `The step carries all that a task needs`() throws {
        var story = Story(policy: policy(ladder))
        var due = try #require(story.step(dpd: 4))
        #expect(due.window == LocalWindow(fromMinute: 480, toMinute: 1320))
        #expect(due.timeZone == "Asia/Shanghai")
        #expect(due.why == "call: DPD 4 is in 4..14")
        #expect(due.action == .call(script: "s", queue: "q", offerPlan: false))
        story.change = { $0.timeZone = "Asia/Urumqi" }
        due = try #require(story.step(dpd: 4))
        #expect(due.timeZone == "Asia/Urumqi")
    }

    @Test func `The same input gives the same decision`() {
        var story = Story(policy: policy(ladder))
        for dpd in 1...60 {
            #expect(story.decision(dpd: dpd) == story.decision(dpd: dpd))
            if let due = story.step(dpd: dpd) {
                story.happened(dpd: dpd, due.step, due.stage, .noAnswer)
                // With today's outcome in the history nothing is due a second time today.
                #expect(story.step(dpd: dpd)?.step != due.step)
            }
        }
    }

    /// A card book states 1 cycle for a whole month: the days are not known, but the step is still not due twice.
    @Test func `Cycles do not forget what was done this cycle`() {
        let policy = policy(ladder)
        let start = day("2026-11-01")
        var done: [Int] = []
        var history: [CaseHistoryEntry] = []
        for offset in 0..<30 {
            let asOf = start.adding(days: offset)
            let account = account(.cyclesPastDue(1))
            guard case .overdue(let delinquency) = recognise(account, asOf: asOf, settings: policy.recognition) else {
                Issue.record("not overdue")
                return
            }
            let decision = policy.plan(
                PlanInput(
                    overdue: OverdueCase(id: "A1", account: account, delinquency: delinquency, bucket: "M1"),
                    match: SegmentMatch(segment: "standard", rule: "default"), history: history,
                    personHistory: history, asOf: asOf, contactsToday: 0))
            if case .step(let due) = decision {
                done.append(offset)
                history.append(entry(asOf, due.step, due.stage, .delivered))
            }
        }
        #expect(done == [0])
    }
}

@Suite struct LegalGateTests {
    func story(
        balance: String = "9000.00", documents: [String] = ["contract", "identity"],
        with change: @escaping (inout LoanAccount) -> Void = { _ in }
    ) -> Story {
        let legal = StepAction.legal(
            minimumBalance: try! DecimalAmount("5000"), requiredDocuments: ["contract", "identity"],
            limitationYears: 3)
        var story = Story(policy: policy([step("review", "181..", legal)]))
        story.change = {
            $0.documents = documents
            $0.balance = cny(balance)
            // The courts need no phone number.
            $0.phone = nil
            change(&$0)
        }
        return story
    }

    @Test func `All gates open`() throws {
        let due = try #require(story().step(dpd: 181))
        #expect(
            due.action
                == .legal(
                    minimumBalance: try DecimalAmount("5000.00"), requiredDocuments: ["contract", "identity"],
                    limitationYears: 3))
        #expect(due.limitationEndsOn == day("2029-10-01"))
        #expect(due.window == .wholeDay)
    }

    @Test func `Limitation ends three years after the oldest due date`() {
        // 2026-10-01 and 1,096 days: three years with one leap day.
        #expect(story().result(dpd: 1096) == "review")
        #expect(story().result(dpd: 1097) == "legalGate")
        #expect(story().detail(dpd: 1097) == "review: limitation of 3 years from 2026-10-01 ended on 2029-10-01")
    }

    @Test func `The last instalment and a restart move it`() {
        let byFinal = story { $0.finalDueDate = day("2027-03-01") }
        #expect(byFinal.result(dpd: 1100) == "review")
        let restarted = story { $0.limitationRestart = day("2028-01-15") }
        #expect(restarted.result(dpd: 1500) == "review")
        let earlier = story { $0.limitationRestart = day("2020-01-15") }
        #expect(earlier.result(dpd: 1097) == "legalGate")
    }

    @Test func `Where the first step cannot be carried out the next one is`() {
        var refused = story(balance: "4999.99") { $0.phone = "+8613800000000" }
        refused.policy.treatments[0].steps.append(
            step("offer", "181..", message, cadence: Cadence(everyDays: 30, times: nil)))
        #expect(refused.result(dpd: 200) == "offer")
        // Where none can, the first one's reason is given.
        refused.contactsToday = 1
        #expect(refused.result(dpd: 200) == "legalGate")
    }

    @Test func `Every gate that refuses is named`() {
        let refused = story(balance: "4999.99", documents: ["contract"])
        #expect(refused.result(dpd: 200) == "legalGate")
        #expect(
            refused.detail(dpd: 200)
                == "review: balance 4999.99 CNY is less than 5000.00 CNY; documents missing: identity")
        #expect(story(balance: "5000.00").result(dpd: 200) == "review")
    }
}
