// Owns: what a person's decision on an uncertain task changes, and what it needs.
@testable import Arrears
@testable import Leasing
@testable import Ledger
import CoreBench
import Testing

@testable import BusinessDay

@Suite("A person's decision")
struct DecisionTests {
    /// A contact that became uncertain, of a run that contacts people the day after the book's date.
    private func uncertain() throws -> (ledger: InMemoryLedger, record: TaskRecord, contactDate: CalendarDate) {
        let contactDate = ReadyRun.date.adding(days: 1)
        let order = RunOrder(
            run: ReadyRun.run, asOf: ReadyRun.date, contactDate: contactDate,
            book: SourceFile(path: "book.csv", sha256: "", bytes: 0),
            policy: RunOrder.NamedText(source: "policy.yaml", text: ""), rejectLimit: .count(0),
            institution: Institution(name: "Bank", contact: "+86"))
        let ledger = try ReadyRun.ledger(tasks: 1, order: try order.json())
        try ledger.makeUncertain()
        let record = try #require(try ledger.transaction { try $0.task(ReadyRun.taskID(1)) })
        return (ledger, record, contactDate)
    }

    @Test func `Settled days later, the contact counts on the day on which its run contacted people`() throws {
        let (ledger, record, contactDate) = try uncertain()
        let decision = try Decision(on: record, outcome: .delivered, reason: "on the invoice", person: "li")
        let later = ReadyRun.wall.adding(milliseconds: 5 * 86_400_000)
        var days = RunOrder.businessDays
        let (verdict, history) = try ledger.transaction { ledger in
            (try decision.apply(to: ledger, businessDays: &days, at: later), try ledger.history(of: record.task.caseID))
        }
        #expect(verdict == .accepted)
        #expect(history.map(\.date) == [contactDate])
    }

    @Test func `The order of a run that cannot be read is a damaged ledger, and no day is guessed`() throws {
        let ledger = try ReadyRun.ledger(tasks: 1, order: "{}")
        var days = RunOrder.businessDays
        #expect(throws: LedgerError.self) {
            try ledger.transaction { try days.day(of: ReadyRun.taskID(1), in: $0) }
        }
    }

    @Test func `It needs a reason, an uncertain task, and an outcome of the task's stage`() throws {
        let (_, record, _) = try uncertain()
        var held = record
        held.state = .leased
        #expect(throws: DecisionFault.self) { try Decision(on: held, outcome: nil, reason: "x", person: "li") }
        #expect(throws: DecisionFault.self) { try Decision(on: record, outcome: nil, reason: " ", person: "li") }
        let wrong = #expect(throws: DecisionFault.self) {
            try Decision(on: record, outcome: .placed, reason: "x", person: "li")
        }
        #expect(wrong?.description.contains("delivered") == true)
    }
}
