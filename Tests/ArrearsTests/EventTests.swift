import Testing

@testable import Arrears

@Suite("What is told between books")
struct EventTests {
    private let ladder = [
        step("gentle", "1..10", message, cadence: Cadence(everyDays: 1, times: nil)), step("call", "11..", call),
    ]
    private let account = CaseID("A-1")

    private func event(
        _ fact: RegisterEvent.Fact, dpd: Int, id: String = "1", source: String = "bank",
        about subject: RegisterEvent.Subject? = nil
    ) -> RegisterEvent {
        RegisterEvent(
            source: source, id: id, subject: subject ?? .account(account), date: Story.date(dpd: dpd), fact: fact)
    }

    private func story(_ events: RegisterEvent...) -> Story {
        var story = Story(policy: policy(ladder))
        story.events = events
        return story
    }

    private func results(_ story: Story, dpd: ClosedRange<Int>) -> [String] { dpd.map { story.result(dpd: $0) } }

    @Test func `A hold holds from its day to its last, and for ever where it has none`() {
        let short = story(event(.hold(.dispute, until: Story.date(dpd: 4)), dpd: 3))
        #expect(results(short, dpd: 2...5) == ["gentle", "hold", "hold", "gentle"])
        #expect(
            short.detail(dpd: 3)
                == "bank told of hold dispute from \(Story.date(dpd: 3)) until \(Story.date(dpd: 4))")
        let long = story(event(.hold(.bereavement, until: nil), dpd: 3))
        #expect(results(long, dpd: 2...4) == ["gentle", "hold", "hold"])
        #expect(long.result(dpd: 400) == "hold")
    }

    @Test func `What is revoked counts no more, whichever of the two came first, and only by its own source`() {
        let hold = event(.hold(.dispute, until: nil), dpd: 3, id: "h")
        let revoked = event(.revoke("h"), dpd: 5, id: "r")
        for events in [[hold, revoked], [revoked, hold]] {
            var story = story()
            story.events = events
            #expect(results(story, dpd: 3...5) == ["hold", "hold", "gentle"])
        }
        #expect(story(hold, event(.revoke("h"), dpd: 5, source: "crm")).result(dpd: 5) == "hold")
        #expect(story(hold, event(.revoke("other"), dpd: 5, id: "r")).result(dpd: 5) == "hold")
    }

    @Test func `Money that the book cannot know yet leaves the person in peace; the next book tells what is left`() {
        let paid = story(event(.payment(cny("1.00")), dpd: 3))
        #expect(results(paid, dpd: 2...4) == ["gentle", "paidSinceBook", "gentle"])
        let late = story(event(.payment(cny("1.00")), dpd: 3), event(.revoke("1"), dpd: 3, id: "2"))
        #expect(late.result(dpd: 3) == "gentle", "a payment that was reversed is none")
    }

    @Test(arguments: RegisterEvent.Closing.allCases)
    func `Of a closed account nothing is collected`(closing: RegisterEvent.Closing) {
        let closed = story(event(.closed(closing), dpd: 3))
        #expect(results(closed, dpd: 2...4) == ["gentle", "accountClosed", "accountClosed"])
        // Of an earlier case of the same account.
        let before = story(event(.closed(closing), dpd: -40))
        #expect(before.result(dpd: 3) == (closing == .settled ? "gentle" : "accountClosed"))
    }

    @Test func `What is learnt of a number counts like what our own people learn of it`() {
        let number = "+8613800000000"
        let customer = RegisterEvent.Subject.customer("C-1")
        let wrong = event(.number(number, .wrongNumber), dpd: 3, about: customer)
        #expect(results(story(wrong), dpd: 2...4) == ["gentle", "noContactPoint", "noContactPoint"])
        let right = event(.number(number, .rightParty), dpd: 4, id: "2", about: customer)
        #expect(results(story(right, wrong), dpd: 3...4) == ["noContactPoint", "gentle"], "by date, not by arrival")
        let other = event(.number("+8613900000001", .wrongNumber), dpd: 3, about: customer)
        #expect(story(other).result(dpd: 3) == "gentle")
        let refused = event(.number(number, .optedOut), dpd: 3, about: customer)
        #expect(story(refused).result(dpd: 12) == "noContactPoint", "told by nobody's stage: it counts for all")
    }

    @Test func `Contacts by others are counted on their day`() {
        let events = [
            event(.contact, dpd: 3, id: "1"), event(.contact, dpd: 3, id: "2"), event(.contact, dpd: 4, id: "3"),
            event(.revoke("2"), dpd: 3, id: "4"),
        ]
        #expect((2...5).map { events.contacts(on: Story.date(dpd: $0)) } == [0, 1, 1, 0])
    }

    @Test func `No word of an event shows a whole number`() {
        #expect(event(.number("+8613800000000", .blocked), dpd: 3).words.hasPrefix("••••••••••••00 blocked"))
    }
}
