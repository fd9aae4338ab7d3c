@testable import Arrears
import Testing

@testable import BusinessDay

@Suite("A file of events")
struct EventFileTests {
    private func read(_ lines: String...) throws(DocumentFaults) -> [RegisterEvent] {
        try EventFile(Array(lines.joined(separator: "\n").utf8), name: "f.jsonl").events
    }

    private func faults(_ lines: String...) -> [String] {
        do throws(DocumentFaults) {
            _ = try EventFile(Array(lines.joined(separator: "\n").utf8), name: "f.jsonl")
            return []
        } catch {
            return error.faults.map(\.description)
        }
    }

    /// An event of one kind with whatever else is said.
    private func line(_ kind: String, _ rest: String, id: String = "7") -> String {
        #"{"source":"crm","id":"\#(id)","date":"2026-11-20","kind":"\#(kind)",\#(rest)}"#
    }

    @Test func `Every kind is read, whatever stands around its keys`() throws {
        let events = try read(
            line("hold", #""customer":"C1","hold":"dispute","until":"2026-11-30","why":"a \"letter\""# + "\""), "",
            "  " + line("payment", #""account":"A/1","portfolio":"cards","amount":"12.50","currency":"CNY""#, id: "8"),
            line("closed", #""account":"A2","closed":"writtenOff""#, id: "9"),
            line("contact", #""customer":"张""#, id: "10"),
            line("number", #""customer":"C1","phone":"+8613800000000","fact":"optedOut""#, id: "11"),
            line("revoke", #""account":"A2","event":"9""#, id: "12") + "\r")
        let day = try #require(CalendarDate(iso: "2026-11-20"))
        let cny = try #require(Currency("CNY"))
        let facts: [RegisterEvent.Fact] = [
            .hold(.dispute, until: day.adding(days: 10)), .payment(Money(minorUnits: 1250, currency: cny)),
            .closed(.writtenOff), .contact, .number("+8613800000000", .optedOut), .revoke("9"),
        ]
        #expect(events.map(\.fact) == facts)
        let subjects: [RegisterEvent.Subject] = [
            .customer("C1"), .account("cards/A/1"), .account("A2"), .customer("张"), .customer("C1"), .account("A2"),
        ]
        #expect(events.map(\.subject) == subjects)
        #expect(events.map(\.id) == ["7", "8", "9", "10", "11", "12"])
        #expect(events[0].why == #"a "letter""#)
        #expect(Set(events.map(\.date)) == [day])
    }

    private static let bad: [(rest: String, kind: String, fault: String)] = [
        (#""customer":"C1""#, "hold", "hold: expected the key \"hold\""),
        (#""customer":"C1","hold":"disputed""#, "hold", "expected \"dispute\" perhaps, got \"disputed\""),
        (#""customer":"C1","hold":"dispute","until":"2026-11-19""#, "hold", "expected until on 2026-11-20 or later"),
        (#""customer":"C1","account":"A1","hold":"dispute""#, "hold", "got account and customer"),
        (#""hold":"dispute""#, "hold", "one of account, customer, got none of them"),
        (#""customer":"C1","portfolio":"cards","hold":"dispute""#, "hold", "a portfolio only beside an account"),
        (#""customer":"C1","amount":"5","currency":"CNY""#, "payment", "expected payment with an account"),
        (#""account":"A1","amount":"-5","currency":"CNY""#, "payment", "expected an amount above 0 in CNY"),
        (#""account":"A1","amount":"0","currency":"CNY""#, "payment", "expected an amount above 0 in CNY"),
        (#""account":"A1","amount":"0.001","currency":"CNY""#, "payment", "with 2 decimals at most"),
        (#""account":"A1","amount":"5","currency":"XYZZY""#, "payment", "expected an ISO 4217 code"),
        (#""account":"A1""#, "contact", "expected contact with a customer"),
        (#""customer":"C1","phone":"13800000000","fact":"wrongNumber""#, "number", "expected a phone number in E.164"),
        (#""customer":"C1","phone":"+8613800000000","fact":"wrong""#, "number", "fact: expected"),
        (#""customer":"C1","phone":"+8613800000000""#, "contact", "phone: expected one of"),
        (#""customer":"C\u0007""#, "contact", "without control characters, got 2 bytes"),
        (#""customer":"C\u202e1""#, "contact", "without control characters, got 5 bytes"),
        (#""customer":["C1"]"#, "contact", "customer: expected an id, got a list of 1"),
        (#""customer":"C1""#, "visit", "kind: expected"),
    ]

    @Test(arguments: bad.indices)
    func `What is wrong with a line is said with its number, and nothing is taken`(index: Int) {
        let bad = Self.bad[index]
        let faults = faults(line("contact", #""customer":"C9""#, id: "1"), line(bad.kind, bad.rest))
        #expect(faults.count == 1, "\(faults)")
        #expect(faults.first?.hasPrefix("line 2: ") == true && faults.first?.contains(bad.fault) == true, "\(faults)")
    }

    @Test func `No fault shows a number, a name or a reason`() {
        let secret = "+86139#secret"
        for rest in [
            #""customer":"C1","phone":"\#(secret)","fact":"wrongNumber""#,
            #""customer":"C1","why":"\#(String(repeating: secret, count: 99))","phone":"+8613800000000","fact":"blocked""#,
            #""customer":"\#(String(repeating: secret, count: 99))","phone":"+8613800000000","fact":"blocked""#,
            #""account":"\#(secret)","phone":"+8613800000000","fact":"blocked""#,
        ] {
            let faults = faults(line("number", rest))
            #expect(!faults.isEmpty && !faults.contains { $0.contains("secret") }, "\(faults)")
        }
    }

    @Test func `What is no JSON, no object or nothing is refused`() {
        for text in ["kind: hold", "[1]", "\"hold\"", "{\"a\":1} # words", "{", "{'a':1}"] {
            #expect(faults(text).first?.contains("expected an object of JSON") == true, "\(text)")
        }
        #expect(faults("", "  ").first?.contains("at least one event") == true)
        #expect(throws: DocumentFaults.self) { try EventFile([0xFF, 0xFE], name: "f") }
    }

    @Test func `One id is one event, and so many are enough for a file`() {
        let one = line("contact", #""customer":"C1""#)
        #expect(faults(one, one) == [])
        #expect(faults(one, line("contact", #""customer":"C2""#)).first?.contains("another under crm 7") == true)
        let many = (0...EventFile.mostEvents).map { line("contact", #""customer":"C1""#, id: "\($0)") }
        #expect(throws: DocumentFaults.self) { try EventFile(Array(many.joined(separator: "\n").utf8), name: "f") }
        let enough = many.dropLast().joined(separator: "\n")
        #expect((try? EventFile(Array(enough.utf8), name: "f"))?.events.count == EventFile.mostEvents)
    }
}
