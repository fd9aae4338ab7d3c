// Owns: conduct rules: hours, and contacts a day, each denial with the rules that deny.
@testable import Arrears
import Testing

@Suite struct ConductTests {
    let rules = ConductRules(
        timeZone: "Asia/Shanghai",
        windows: [
            ContactWindow(
                rule: "CN-TIME", stages: [.sms, .callQueue], window: LocalWindow(fromMinute: 480, toMinute: 1320)),
            ContactWindow(
                rule: "HOUSE-OFFICE", stages: [.callQueue], window: LocalWindow(fromMinute: 540, toMinute: 1440)),
        ],
        caps: [ContactCap(rule: "HOUSE", contactsPerDay: 2), ContactCap(rule: "CN-TALK", contactsPerDay: 3)])

    @Test func `The hours are those that every rule allows`() throws {
        #expect(try rules.window(for: .sms) == LocalWindow(fromMinute: 480, toMinute: 1320))
        #expect(try rules.window(for: .callQueue) == LocalWindow(fromMinute: 540, toMinute: 1320))
        #expect(try rules.window(for: .agency) == .wholeDay)
    }

    @Test func `Rules that leave no hour deny by name`() {
        var rules = rules
        rules.windows.append(
            ContactWindow(rule: "NONE", stages: [.callQueue], window: LocalWindow(fromMinute: 0, toMinute: 500)))
        #expect(
            throws: ConductDenial(
                rules: ["CN-TIME", "HOUSE-OFFICE", "NONE"],
                detail: "CN-TIME and HOUSE-OFFICE and NONE leave no hour of the day for callQueue")
        ) { try rules.window(for: .callQueue) }
    }

    @Test func `The cap counts contacts and names the rules that deny`() {
        #expect(rules.capDenial(for: .sms, contactsToday: 1) == nil)
        #expect(
            rules.capDenial(for: .sms, contactsToday: 2)
                == ConductDenial(rules: ["HOUSE"], detail: "HOUSE allows 2 a day; 2 made or planned today"))
        #expect(rules.capDenial(for: .callQueue, contactsToday: 3)?.rules == ["HOUSE", "CN-TALK"])
    }

    @Test func `Placing and preparing reach nobody`() {
        #expect(rules.capDenial(for: .agency, contactsToday: 99) == nil)
        #expect(rules.capDenial(for: .legal, contactsToday: 99) == nil)
    }
}
