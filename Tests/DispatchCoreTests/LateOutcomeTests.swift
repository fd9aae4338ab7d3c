// Owns: the day on which what came of a task is booked when another run is in hand, or none.
import CoreBench
import Testing

@testable import Arrears
@testable import DispatchCore
@testable import Leasing
@testable import Ledger

@Suite("What arrives on a later day")
struct LateOutcomeTests {
    /// The day after the bench's run.
    private static let nextDay = ReadyRun.date.adding(days: 1)

    /// A bench whose task was leased on its own day, and which the next day has reached.
    private func nextMorning() throws -> (bench: CoreBench, session: SessionID, lease: LeaseKey, task: TaskID) {
        let bench = try CoreBench(tasks: 1)
        let (session, _) = try bench.connect("sms-1")
        let granted = try #require(try bench.request(session, credit: 1))
        let wall = bench.now.wall
        try bench.ledger.transaction {
            try $0.insertRun(RunRecord(id: "next-day", asOf: Self.nextDay, order: "{}", startedAt: wall))
        }
        bench.core.beginDispatch("next-day")
        return (bench, session, granted.lease, granted.tasks[0].id)
    }

    @Test func `is booked on the day of the task's own run when it is an outcome`() throws {
        let (bench, session, lease, task) = try nextMorning()
        #expect(try bench.report(session, lease, [delivered(task)]) == [task: .accepted])
        let history = try bench.ledger.transaction { try $0.history(of: $0.task(task)!.task.caseID) }
        #expect(history.map(\.date) == [ReadyRun.date])
    }

    @Test func `is booked there when no run is in hand any more`() throws {
        let (bench, session, lease, task) = try nextMorning()
        bench.core.endDispatch()
        bench.pass(milliseconds: 5_000)
        #expect(try bench.report(session, lease, [delivered(task)]) == [task: .accepted])
        let history = try bench.ledger.transaction { try $0.history(of: $0.task(task)!.task.caseID) }
        #expect(history.map(\.date) == [ReadyRun.date])
    }

    @Test func `is booked there when it is an event that names no day of its own`() throws {
        let (bench, session, lease, task) = try nextMorning()
        _ = try bench.report(session, lease, [delivered(task)])
        let event = CaseEvent(id: "e-1", task: task, kind: .contact)
        let report = Message.EventReport(id: 1, events: [event])
        _ = try bench.turn(.message(session, .eventReport(report)))
        let history = try bench.ledger.transaction { try $0.history(of: $0.task(task)!.task.caseID) }
        #expect(history.count == 2)
        #expect(history.allSatisfy { $0.date == ReadyRun.date })
    }

    @Test func `of a task that nobody knows is answered so, and changes nothing`() throws {
        let (bench, session, lease, _) = try nextMorning()
        #expect(try bench.report(session, lease, [delivered("nobody")]) == ["nobody": .unknownTask])
    }
}
