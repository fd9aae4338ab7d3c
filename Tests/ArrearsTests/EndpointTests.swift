import Testing

@testable import Arrears

@Suite("What is known of a number")
struct EndpointTests {
    private let number = "+8613800000000"
    private let ladder = [
        step("gentle", "1..10", message), step("call", "2..", call),
        step("place", "30..", .placement(agency: "north", placement: 1, days: 30, purpose: "collection")),
    ]

    private func learnt(
        _ fact: EndpointFact, of number: String? = nil, by stage: Stage = .callQueue, dpd: Int = 0,
        _ outcome: OutcomeCode = .wrongNumber
    ) -> CaseHistoryEntry {
        var entry = entry(Story.date(dpd: dpd), "elsewhere", stage, outcome)
        entry.endpoint = number ?? self.number
        entry.endpointFact = fact
        return entry
    }

    private func story(_ elsewhere: CaseHistoryEntry...) -> Story {
        var story = Story(policy: policy(ladder))
        story.elsewhere = elsewhere
        return story
    }

    @Test(arguments: [EndpointFact.wrongNumber, .notInService])
    func `A number that is not the person's is used for none of their accounts, though it was learnt long ago`(
        fact: EndpointFact
    ) {
        let story = story(learnt(fact, dpd: -400))
        #expect([1, 2, 9].map { story.result(dpd: $0) } == ["noContactPoint", "noContactPoint", "noContactPoint"])
        let words = fact == .wrongNumber ? "found to be somebody else's" : "found not in service"
        #expect(
            story.detail(dpd: 1) == "gentle is due, but the only phone is ••••••••••••00, \(words) on 2025-08-27")
    }

    @Test func `A corrected number is used at once`() {
        var story = story(learnt(.wrongNumber, dpd: 0))
        story.history = [learnt(.wrongNumber, dpd: 0)]
        story.change = { $0.phone = "+8613900000001" }
        #expect(story.result(dpd: 1) == "gentle")
        #expect(story.step(dpd: 1)?.endpoint == "+8613900000001")
    }

    @Test func `A policy's rule for a wrong number counts while the book has that number`() {
        var story = Story(policy: policy(ladder, after: [.wrongNumber: .stop([.sms, .callQueue])]))
        story.history = [learnt(.wrongNumber, dpd: 0)]
        #expect(story.result(dpd: 1) == "noStepDue")
        story.change = { $0.phone = "+8613900000001" }
        #expect(story.result(dpd: 1) == "gentle")
    }

    @Test func `Whoever is reached there later makes it right again`() {
        let story = story(learnt(.wrongNumber, dpd: -9), learnt(.rightParty, dpd: -5, .rightParty))
        #expect(story.step(dpd: 1)?.endpoint == number)
        let again = self.story(learnt(.rightParty, dpd: -9, .rightParty), learnt(.wrongNumber, dpd: -5))
        #expect(again.result(dpd: 1) == "noContactPoint")
    }

    @Test(arguments: [EndpointFact.optedOut, .blocked])
    func `What was refused to messages is not refused to calls`(fact: EndpointFact) {
        let story = story(
            learnt(fact, by: .sms, dpd: -3, .rejectedByGateway), learnt(.rightParty, dpd: -1, .rightParty))
        #expect(story.result(dpd: 1) == "noContactPoint")
        #expect(story.result(dpd: 2) == "call")
    }

    @Test func `An agency has the case without the number that is wrong`() {
        var story = story(learnt(.wrongNumber))
        #expect(story.result(dpd: 30) == "place")
        #expect(story.step(dpd: 30)?.stage == .agency)
        #expect(story.step(dpd: 30)?.endpoint == nil)
        story.elsewhere = []
        story.history = [entry(Story.date(dpd: 1), "call", .callQueue, .noAnswer)]
        #expect(story.step(dpd: 30)?.endpoint == number)
    }

    @Test(arguments: OutcomeCode.allCases)
    func `An outcome tells of a number only where it is about the number`(code: OutcomeCode) {
        let facts = ["not_in_service", "blocked", "opted_out", "unknown_queue", ""].map { reason in
            Outcome(task: "t", attempt: .made, code: code, details: ["reason": reason]).endpointFact
        }
        switch code {
        case .rejectedByGateway, .rejectedByDialer: #expect(facts == [.notInService, .blocked, .optedOut, nil, nil])
        case .wrongNumber: #expect(facts == Array(repeating: .wrongNumber, count: 5))
        case .rightParty, .promiseToPay, .refusesToPay, .disputes, .callBack:
            #expect(facts == Array(repeating: .rightParty, count: 5))
        default: #expect(facts == Array(repeating: nil, count: 5))
        }
    }
}
