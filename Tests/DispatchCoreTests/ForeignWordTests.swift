// Owns: the proof that a worker's word counts only for what it was given, and only as far as it can be. One row a refusal.
import Arrears
import CoreBench
import DispatchCore
import Leasing
import Testing

@testable import Ledger

@Suite("A worker's word")
struct ForeignWordTests {
    private let task = ReadyRun.taskID(1)

    /// One worker holds the task, another is connected too.
    private func held(stage: Stage = .agency) throws -> (
        bench: CoreBench, lease: LeaseKey, thief: SessionID, holder: SessionID
    ) {
        let bench = try CoreBench(tasks: 1, stage: stage)
        let (holder, _) = try bench.connect("holder", stages: [stage.rawValue])
        let (thief, _) = try bench.connect("thief", stages: Stage.allCases.map(\.rawValue))
        let granted = try #require(try bench.request(holder, credit: 1, stage: stage.rawValue))
        _ = bench.notices()
        return (bench, granted.lease, thief, holder)
    }

    @Test func `settles, gives back and keeps alive nothing that another was given`() throws {
        let (bench, lease, thief, holder) = try held()
        #expect(
            try bench.report(thief, lease, [Outcome(task: task, attempt: .made, code: .placed)]) == [task: .leaseLost])
        let release = Message.Release(id: 2, lease: lease, tasks: [task])
        guard case .send(_, .releaseAck(let ack))? = try bench.turn(.message(thief, .release(release))).first else {
            Issue.record("expected a ReleaseAck")
            return
        }
        #expect(ack.verdicts.map(\.verdict) == [.leaseLost])
        let heartbeat = Message.Heartbeat(sequence: 1, leases: [lease])
        guard case .send(_, .heartbeatReply(let reply))? = try bench.turn(.message(thief, .heartbeat(heartbeat))).first
        else {
            Issue.record("expected a HeartbeatReply")
            return
        }
        #expect(reply.lost == [lease.id] && reply.extended == [])
        #expect(try bench.state(task) == .leased)
        #expect(
            bench.notices().map { "\($0.kind.rawValue) \($0.worker): \($0.detail)" } == [
                "refused thief: reported under lease \(lease.id), which is another worker's",
                "refused thief: gave back lease \(lease.id), which is another worker's",
                "refused thief: asked for lease \(lease.id), which is another worker's",
            ])
        #expect(
            try bench.report(holder, lease, [Outcome(task: task, attempt: .made, code: .placed)]) == [task: .accepted])
    }

    @Test func `says nothing under a lease of another that has ended, though the holder still may`() throws {
        let (bench, lease, _, _) = try held(stage: .sms)
        bench.pass(milliseconds: ReadyRun.limits.leaseMilliseconds + 1)
        try bench.turn()
        #expect(try bench.state(task) == .uncertain)
        // Both were silent for as long, and come back.
        let (thief, _) = try bench.connect("thief", incarnation: 2)
        let (holder, _) = try bench.connect("holder", incarnation: 2)
        for attempt in [Attempt.made, .neverSeen, .unknown] {
            let outcome = Outcome(task: task, attempt: attempt, code: .delivered)
            #expect(try bench.report(thief, lease, [outcome]) == [task: .leaseLost])
        }
        #expect(try bench.state(task) == .uncertain)
        #expect(try bench.report(holder, lease, [delivered(task)]) == [task: .late])
    }

    private static let day = ReadyRun.date
    private static let dollars = Money(minorUnits: 100, currency: Currency("USD")!)

    private static func payment(_ amount: Money?, _ date: CalendarDate? = day) -> CaseEvent {
        CaseEvent(id: "e", task: ReadyRun.taskID(1), kind: .payment, amount: amount, date: date)
    }

    private static let refusedEvents: [(CaseEvent, String)] = [
        (payment(ReadyRun.yuan(101)), "amount: expected more than 0 and at most the balance, got more"),
        (payment(ReadyRun.yuan(0)), "amount: expected more than 0 and at most the balance, got none"),
        (payment(ReadyRun.yuan(-50)), "amount: expected more than 0 and at most the balance, got none"),
        (payment(dollars), "amount: expected CNY, as the account has, got USD"),
        (payment(nil), "amount: expected one of a payment, got none"),
        (
            payment(ReadyRun.yuan(1), CalendarDate(iso: "1950-01-01")),
            "date: expected 2026-11-18 to 2026-11-21, got 1950-01-01"
        ),
        (
            payment(ReadyRun.yuan(1), CalendarDate(iso: "2199-01-01")),
            "date: expected 2026-11-18 to 2026-11-21, got 2199-01-01"
        ),
        (
            CaseEvent(id: "e", task: ReadyRun.taskID(1), kind: .contact, amount: ReadyRun.yuan(1)),
            "amount: expected none of a contact, got one"
        ),
    ]

    @Test(arguments: refusedEvents.indices)
    func `is no news where it cannot be`(index: Int) throws {
        let (bench, lease, _, holder) = try held()
        _ = try bench.report(holder, lease, [Outcome(task: task, attempt: .made, code: .placed)])
        let (event, reason) = Self.refusedEvents[index]
        #expect(try tell(bench, holder, event) == [task])
        #expect(bench.notices().map(\.detail) == ["event of task \(task): \(reason)"])
        #expect(try bench.ledger.transaction { try $0.events(of: ReadyRun.run) } == [])
    }

    @Test func `is news of tasks that it had, and of its own stages`() throws {
        let (bench, lease, thief, holder) = try held()
        _ = try bench.report(holder, lease, [Outcome(task: task, attempt: .made, code: .placed)])
        let paid = Self.payment(ReadyRun.yuan(100), Self.day)
        #expect(try tell(bench, thief, paid) == [task])
        #expect(
            bench.notices().map(\.detail) == [
                "event of task \(task): expected a task that this worker had, got another"
            ])
        let (again, _) = try bench.connect("holder", incarnation: 2, stages: ["sms"])
        try bench.turn(.closed(holder))
        #expect(try tell(bench, again, paid) == [task])
        #expect(
            bench.notices().map(\.detail).last
                == "event of task \(task): expected one of a stage named in Hello, got agency")
        try bench.turn(.closed(again))
        let (back, _) = try bench.connect("holder", incarnation: 3, stages: ["agency"])
        #expect(try tell(bench, back, paid) == [])
        #expect(try bench.ledger.transaction { try $0.events(of: ReadyRun.run) } == [paid])
    }

    @Test func `of a task that nobody was ever given is no news`() throws {
        let bench = try CoreBench(tasks: 1, stage: .agency)
        let (session, _) = try bench.connect("holder", stages: ["agency"])
        #expect(try tell(bench, session, Self.payment(ReadyRun.yuan(1))) == [task])
    }

    private static let strange: [(Outcome, String)] = [
        (
            Outcome(task: ReadyRun.taskID(1), attempt: .made, code: .delivered),
            "outcome code: expected one of stage callQueue, got delivered"
        ),
        (
            Outcome(
                task: ReadyRun.taskID(1), attempt: .made, code: .promiseToPay, amount: ReadyRun.yuan(101), date: day),
            "amount: expected more than 0 and at most the balance, got more"
        ),
        (
            Outcome(task: ReadyRun.taskID(1), attempt: .made, code: .promiseToPay, amount: dollars),
            "amount: expected CNY, as the account has, got USD"
        ),
        (
            Outcome(
                task: ReadyRun.taskID(1), attempt: .made, code: .promiseToPay, amount: ReadyRun.yuan(1),
                date: CalendarDate(iso: "2027-11-22")),
            "date: expected 2026-11-18 to 2027-11-21, got 2027-11-22"
        ),
    ]

    @Test(arguments: strange.indices)
    func `that cannot be is kept as an attempt, with why, and the rest of the report is taken`(index: Int) throws {
        let bench = try CoreBench(tasks: 2, stage: .callQueue)
        let (session, _) = try bench.connect("calls", stages: ["callQueue"])
        let lease = try #require(try bench.request(session, credit: 2, stage: "callQueue")).lease
        _ = bench.notices()
        let (outcome, reason) = Self.strange[index]
        let other = Outcome(task: ReadyRun.taskID(2), attempt: .made, code: .noAnswer)
        #expect(
            try bench.report(session, lease, [outcome, other]) == [task: .accepted, ReadyRun.taskID(2): .accepted])
        #expect(bench.notices().map(\.detail) == ["outcome of task \(task): \(reason)"])
        let kept = try #require(try bench.ledger.transaction { try $0.task(task)?.outcome })
        #expect(kept.attempt == .made && kept.code == .madeResultUnknown)
        #expect(kept.amount == nil && kept.date == nil && kept.details == ["refused": reason])
    }

    /// - Returns: the tasks of which nothing was taken.
    private func tell(_ bench: CoreBench, _ session: SessionID, _ event: CaseEvent) throws -> [TaskID] {
        let report = Message.EventReport(id: 1, events: [event])
        for case .send(session, .eventAck(let ack)) in try bench.turn(.message(session, .eventReport(report))) {
            return ack.unknownTasks
        }
        throw CancellationError()
    }
}
