// Owns: examples of what a worker does about its link and its leases.
@testable import Arrears
@testable import Leasing
import Testing

/// A machine with the sums of what it said, and a coordinator's usual answers.
final class Bench {
    var machine: WorkerMachine
    var now: Int64 = 1_000
    let limits: Limits = {
        var limits = Limits()
        limits.safetyMarginMilliseconds = 3_000
        return limits
    }()

    init(capacity: Int = 8) {
        machine = WorkerMachine(
            WorkerMachine.Settings(worker: "w", incarnation: 7, stage: .sms, capacity: capacity))
    }

    /// Connected and welcome at `now`, with a request open.
    static func serving(capacity: Int = 8) -> Bench {
        let bench = Bench(capacity: capacity)
        _ = bench.welcome()
        return bench
    }

    func connected() -> [WorkerMachine.Directive] { machine.connected(now: now) }
    func disconnected(_ now: Int64) { _ = machine.disconnected(now: now) }
    func drain() -> [WorkerMachine.Directive] { machine.drain(now: now) }
    func returned(_ lease: UInt64 = 1) -> [WorkerMachine.Directive] { machine.handlerReturned(key(lease), now: now) }

    func tick(_ now: Int64) -> [WorkerMachine.Directive] {
        self.now = now
        return machine.tick(now: now)
    }

    func welcome() -> [Message] {
        let hello = connected().sent
        return hello + hear(.welcome(Message.Welcome(version: 1, limits: limits))).sent
    }

    func hear(_ message: Message) -> [WorkerMachine.Directive] { machine.received(message, now: now) }

    /// A grant for the request that is open.
    func grant(
        _ lease: UInt64 = 1, _ tasks: [String], mode: TaskMode = .attempt, within: Int64 = 3_600_000,
        request: UInt64 = 2
    ) -> [WorkerMachine.Directive] {
        let tasks = tasks.map {
            GrantedTask(id: TaskID($0), mode: mode, startWithinMilliseconds: within, delivery: 1, content: [])
        }
        return hear(
            .leaseGranted(
                Message.LeaseGranted(
                    request: request, lease: key(lease), durationMilliseconds: limits.leaseMilliseconds, tasks: tasks)))
    }

    func finish(_ tasks: [TaskID], _ lease: UInt64 = 1, attempt: Attempt = .made) -> [WorkerMachine.Directive] {
        let closing = machine.close(tasks, under: key(lease))
        let outcomes = closing.map { Outcome(task: $0, attempt: attempt, code: .delivered) }
        return machine.finished(outcomes, under: key(lease), now: now)
    }

    func release(_ tasks: [TaskID], _ lease: UInt64 = 1) -> [WorkerMachine.Directive] {
        machine.released(machine.close(tasks, under: key(lease)), under: key(lease), now: now)
    }

    func begin(_ tasks: [TaskID], _ lease: UInt64 = 1) -> [TaskID] {
        machine.begin(tasks, under: key(lease), now: now)
    }

    func acknowledge(_ report: Message.Report) -> [WorkerMachine.Directive] {
        hear(
            .reportAck(
                Message.ReportAck(
                    report: report.id, lease: report.lease.id,
                    verdicts: report.outcomes.map { Message.TaskVerdict(task: $0.task, verdict: .accepted) })))
    }

    func key(_ lease: UInt64) -> LeaseKey { LeaseKey(id: LeaseID(lease), epoch: Epoch(lease)) }
}

extension [WorkerMachine.Directive] {
    var sent: [Message] { compactMap { if case .send(let message) = $0 { message } else { nil } } }
    var reports: [Message.Report] { sent.compactMap { if case .report(let report) = $0 { report } else { nil } } }
    var releases: [Message.Release] { sent.compactMap { if case .release(let release) = $0 { release } else { nil } } }
    var requests: [Message.LeaseRequest] {
        sent.compactMap { if case .leaseRequest(let request) = $0 { request } else { nil } }
    }
    var heartbeats: [Message.Heartbeat] {
        sent.compactMap { if case .heartbeat(let heartbeat) = $0 { heartbeat } else { nil } }
    }
    var taken: [TaskID] {
        flatMap { if case .take(_, let tasks) = $0 { tasks.map(\.id) } else { [TaskID]() } }
    }
    var exits: [WorkerExit] { compactMap { if case .exit(let reason) = $0 { reason } else { nil } } }
    var drops: Bool { contains { if case .disconnect = $0 { true } else { false } } }
}

@Suite("A worker: leases and their time") struct WorkerLeaseTests {
    @Test func `Welcomed, a worker speaks at once and asks for as much as it can hold`() {
        let bench = Bench(capacity: 8)
        let said = bench.welcome()
        #expect(said.map(\.name) == ["Hello", "Heartbeat", "LeaseRequest"])
        #expect(said.last == .leaseRequest(Message.LeaseRequest(id: 2, stage: StageName(.sms), credit: 8)))
    }

    @Test func `A task is taken, begun, reported, acknowledged and forgotten, and only then is there room for more`()
        throws
    {
        let bench = Bench.serving(capacity: 2)
        #expect(bench.grant(1, ["a", "b"]).contains { if case .take = $0 { true } else { false } })
        #expect(bench.begin(["a", "b"]) == ["a", "b"])
        let report = try #require(bench.finish(["a", "b"]).reports.first)
        #expect(report.outcomes.map(\.task) == ["a", "b"])
        #expect(bench.returned().requests.isEmpty)
        let answered = bench.acknowledge(report)
        #expect(answered.first == .forget(bench.key(1), ["a", "b"]))
        #expect(answered.requests.map(\.credit) == [2])
    }

    @Test
    func `A lease's time is counted from before its request, and nothing starts within the safety margin of its end`() {
        let bench = Bench.serving()
        bench.now = 5_000
        _ = bench.grant(1, ["a", "b"])
        // Asked at 1,000: 30,000 of lease, 3,000 of margin.
        bench.now = 27_999
        #expect(bench.begin(["a"]) == ["a"])
        bench.now = 28_000
        #expect(bench.begin(["b"]) == [])
        #expect(bench.tick(bench.now).contains(.drain(bench.key(1))))
    }

    @Test
    func `A request that waited long for work: the lease counts from the last heartbeat answered before the grant`()
        throws
    {
        let bench = Bench.serving()
        var sequence: UInt64 = 1
        for moment in stride(from: 1_000, through: 96_000, by: 5_000) as StrideThrough<Int64> {
            bench.now = moment
            let beats = bench.tick(moment).heartbeats
            sequence = beats.first?.sequence ?? sequence
            _ = bench.hear(
                .heartbeatReply(
                    Message.HeartbeatReply(sequence: sequence, durationMilliseconds: 30_000, extended: [])))
        }
        bench.now = 99_000
        _ = bench.grant(1, ["a", "b"])
        // The last heartbeat left at 96,000.
        bench.now = 122_999
        #expect(bench.begin(["a"]) == ["a"])
        bench.now = 123_000
        #expect(bench.begin(["b"]) == [])
    }

    @Test func `An answered heartbeat extends from when it was sent, not from when its answer came`() throws {
        let bench = Bench.serving()
        _ = bench.grant(1, ["a", "b"])
        bench.now = 6_000
        let beat = try #require(bench.tick(6_000).heartbeats.first)
        #expect(beat.leases == [bench.key(1)])
        bench.now = 9_000
        _ = bench.hear(
            .heartbeatReply(
                Message.HeartbeatReply(
                    sequence: beat.sequence, durationMilliseconds: 30_000, extended: [LeaseID(1)])))
        bench.now = 32_999
        #expect(bench.begin(["a"]) == ["a"])
        bench.now = 33_000
        #expect(bench.begin(["b"]) == [])
    }

    @Test func `A task's own contact window ends its attempts earlier`() {
        let bench = Bench.serving()
        _ = bench.grant(1, ["a", "b"], within: 4_000)
        bench.now = 4_999
        #expect(bench.begin(["a"]) == ["a"])
        bench.now = 5_000
        #expect(bench.begin(["b"]) == [])
    }

    @Test func `What the coordinator withdrew or took back is not begun`() throws {
        let bench = Bench.serving()
        _ = bench.grant(1, ["a", "b"])
        _ = bench.grant(2, ["c"], request: 0)
        bench.now = 6_000
        let beat = try #require(bench.tick(6_000).heartbeats.first)
        let directives = bench.hear(
            .heartbeatReply(
                Message.HeartbeatReply(
                    sequence: beat.sequence, durationMilliseconds: 30_000, extended: [LeaseID(1)], lost: [LeaseID(2)],
                    cancelled: ["a"])))
        #expect(directives.contains(.drain(bench.key(2))))
        #expect(directives.contains(.cancel(bench.key(1), ["a"])), "the handler takes it back")
        #expect(bench.begin(["a", "b"]) == ["b"])
        #expect(bench.begin(["c"], 2) == [])
    }

    @Test func `A lease is held while the coordinator can have given its tasks to nobody else`() throws {
        let bench = Bench.serving()
        _ = bench.grant(1, ["a"])
        #expect(bench.machine.holds(bench.key(1), now: bench.now))
        #expect(!bench.machine.holds(bench.key(1), now: bench.now + 30_000))
        #expect(!bench.machine.holds(bench.key(9), now: bench.now))
        bench.now = 6_000
        let beat = try #require(bench.tick(6_000).heartbeats.first)
        _ = bench.hear(
            .heartbeatReply(
                Message.HeartbeatReply(
                    sequence: beat.sequence, durationMilliseconds: 30_000, extended: [], lost: [LeaseID(1)])))
        #expect(!bench.machine.holds(bench.key(1), now: bench.now))
    }

    @Test func `An intent that took too long to write does not start`() {
        let bench = Bench.serving()
        _ = bench.hear(
            .heartbeatReply(Message.HeartbeatReply(sequence: 1, durationMilliseconds: 30_000, extended: [])))
        _ = bench.grant(1, ["a", "b"])
        bench.now = 27_000
        let begun = bench.begin(["a", "b"])
        #expect(bench.machine.mayStart(begun, under: bench.key(1), now: 27_500) == ["a", "b"])
        #expect(bench.machine.mayStart(begun, under: bench.key(1), now: 28_000) == [])
        _ = bench.machine.putBack(begun, under: bench.key(1), now: 28_000)
        #expect(bench.returned().releases.map(\.tasks) == [["a", "b"]])
    }

    @Test func `A task is begun once, however often it is asked for; an inquiry never`() {
        let bench = Bench.serving()
        _ = bench.grant(1, ["a"])
        #expect(bench.begin(["a", "a"]) == ["a"])
        #expect(bench.begin(["a"]) == [])
        _ = bench.grant(2, ["q"], mode: .inquire, request: 0)
        #expect(bench.begin(["q"], 2) == [])
    }

    @Test func `A task still in hands is not taken again under a newer lease, nor is more than fits`() {
        let bench = Bench.serving(capacity: 3)
        _ = bench.grant(1, ["a", "b"])
        _ = bench.begin(["a"])
        let directives = bench.grant(2, ["a", "c", "d"], mode: .inquire, request: 0)
        #expect(directives.taken == ["c"])
        #expect(directives.releases.map(\.tasks) == [["a", "d"]])
        #expect(directives.releases.first?.lease == bench.key(2))
    }
}

@Suite("A worker: what it says, and says again") struct WorkerReportTests {
    @Test func `Outcomes gather while a report is on its way`() throws {
        let bench = Bench.serving()
        _ = bench.grant(1, ["a", "b", "c"])
        _ = bench.begin(["a", "b", "c"])
        let first = try #require(bench.finish(["a"]).reports.first)
        #expect(bench.finish(["b"]).reports.isEmpty)
        #expect(bench.finish(["c"]).reports.isEmpty)
        #expect(bench.acknowledge(first).reports.map { $0.outcomes.map(\.task) } == [["b", "c"]])
    }

    @Test func `A report is said again on a new connection, and when no answer comes, always under the same number`()
        throws
    {
        let bench = Bench.serving()
        _ = bench.grant(1, ["a"])
        _ = bench.begin(["a"])
        let report = try #require(bench.finish(["a"]).reports.first)
        #expect(bench.tick(5_000).reports.isEmpty)
        bench.disconnected(5_000)
        bench.now = 6_000
        let again = bench.welcome()
        #expect(again.contains(.report(report)))
        #expect(bench.tick(15_999).reports.isEmpty)
        // Heartbeats were answered meanwhile, or the link would have been dropped.
        _ = bench.hear(
            .heartbeatReply(Message.HeartbeatReply(sequence: 3, durationMilliseconds: 30_000, extended: [])))
        #expect(bench.tick(16_000).reports == [report])
    }

    @Test func `An outcome without a verdict stays open`() throws {
        let bench = Bench.serving()
        _ = bench.grant(1, ["a", "b"])
        _ = bench.begin(["a", "b"])
        let report = try #require(bench.finish(["a", "b"]).reports.first)
        let answer = Message.ReportAck(
            report: report.id, lease: LeaseID(1), verdicts: [Message.TaskVerdict(task: "a", verdict: .accepted)])
        #expect(bench.hear(.reportAck(answer)).first == .forget(bench.key(1), ["a"]))
        #expect(bench.tick(11_000).reports.map { $0.outcomes.map(\.task) } == [["b"]])
    }

    @Test func `What the handler leaves is given back when it was not begun; what was begun must have an outcome`() {
        let bench = Bench.serving()
        _ = bench.grant(1, ["a", "b", "c"])
        _ = bench.begin(["a"])
        #expect(bench.machine.leftBegun(under: bench.key(1)) == ["a"])
        _ = bench.finish(["a"], attempt: .unknown)
        #expect(bench.returned().releases.map(\.tasks) == [["b", "c"]])
    }

    @Test func `News about earlier tasks is said until it is known`() {
        let bench = Bench()
        let event = CaseEvent(id: "file:1", task: "a", kind: .payment)
        let (id, directives) = bench.machine.report([event], now: bench.now)
        #expect(directives.sent.isEmpty)
        #expect(bench.welcome().contains(.eventReport(Message.EventReport(id: id, events: [event]))))
        #expect(bench.hear(.eventAck(Message.EventAck(report: id))).contains(.eventsKnown(id)))
        #expect(bench.tick(20_000).sent.allSatisfy { $0.name != "EventReport" })
    }
}

@Suite("A worker: the end, and after a restart") struct WorkerEndTests {
    @Test func `Draining gives back what was not begun at once, finishes the rest, says goodbye and ends`() throws {
        let bench = Bench.serving()
        _ = bench.grant(1, ["a", "b"])
        _ = bench.begin(["a"])
        let draining = bench.drain()
        #expect(draining.releases.map(\.tasks) == [["b"]])
        #expect(draining.contains(.drain(bench.key(1))))
        #expect(bench.begin(["b"]) == [])
        let report = try #require(bench.finish(["a"]).reports.first)
        #expect(bench.returned().exits.isEmpty)
        #expect(bench.acknowledge(report).exits.isEmpty)
        let release = try #require(draining.releases.first)
        let end = bench.hear(.releaseAck(Message.ReleaseAck(release: release.id, verdicts: [])))
        #expect(end.sent.last == .goodbye(reason: "drained"))
        #expect(end.exits == [.drained])
    }

    @Test func `A drained worker whose coordinator is away waits for it only so long`() {
        let bench = Bench.serving()
        _ = bench.grant(1, ["a"])
        _ = bench.begin(["a"])
        _ = bench.finish(["a"])
        bench.now = 2_000
        bench.disconnected(2_000)
        _ = bench.returned()
        bench.now = 3_000
        #expect(bench.drain().exits.isEmpty)
        #expect(bench.machine.nextDeadline() == 18_000)
        #expect(bench.tick(17_999).exits.isEmpty)
        #expect(bench.tick(18_000).exits == [.drained])
    }

    @Test func `The coordinator's wish to drain lets what is held be begun, and asks for no more`() throws {
        let bench = Bench.serving(capacity: 2)
        _ = bench.grant(1, ["a"])
        _ = bench.hear(
            .heartbeatReply(
                Message.HeartbeatReply(
                    sequence: 1, durationMilliseconds: 30_000, extended: [LeaseID(1)], drain: true)))
        #expect(bench.begin(["a"]) == ["a"])
        let report = try #require(bench.finish(["a"]).reports.first)
        _ = bench.returned()
        let end = bench.acknowledge(report)
        #expect(end.requests.isEmpty)
        #expect(end.exits == [.drained])
    }

    @Test func `After a restart results are told again, intents are asked about, and the rest is given back`() throws {
        let bench = Bench(capacity: 4)
        let outcome = Outcome(task: "done", attempt: .made, code: .delivered)
        func entry(_ id: TaskID, _ state: JournalEntry.State) -> JournalEntry {
            let task = GrantedTask(id: id, mode: .attempt, startWithinMilliseconds: 0, delivery: 1, content: [])
            return JournalEntry(lease: bench.key(9), task: task, state: state)
        }
        let resumed = bench.machine.recover(
            [entry("done", .finished(outcome)), entry("half", .begun), entry("new", .granted)], now: bench.now)
        guard case .resume(let key, let tasks) = resumed.first else {
            Issue.record("expected a batch to ask about, got \(resumed)")
            return
        }
        #expect(key == bench.key(9))
        #expect(tasks.map(\.id) == ["half"])
        #expect(tasks.map(\.mode) == [.inquire])
        #expect(bench.begin(["half"], 9) == [])
        #expect(bench.machine.mustAnswer(key))

        let said = bench.welcome()
        #expect(said.map(\.name) == ["Hello", "Report", "Release", "Heartbeat"])
        #expect(bench.finish(["half"], 9, attempt: .neverSeen).reports.isEmpty)
        let first = try #require(said.map { WorkerMachine.Directive.send($0) }.reports.first)
        let second = try #require(bench.acknowledge(first).reports.first)
        #expect(second.outcomes.map(\.attempt) == [.neverSeen])
        _ = bench.returned(9)
        let release = try #require(said.map { WorkerMachine.Directive.send($0) }.releases.first)
        #expect(release.tasks == ["new"])
        #expect(bench.hear(.releaseAck(Message.ReleaseAck(release: release.id, verdicts: []))).requests.isEmpty)
        #expect(bench.acknowledge(second).requests.map(\.credit) == [4])
    }

    @Test(arguments: [ErrorCode.versionUnsupported, .unknownStage, .badMagic, .invalidField])
    func `What would be refused again ends the worker`(code: ErrorCode) {
        let bench = Bench()
        _ = bench.connected()
        let directives = bench.hear(.refused(Message.Refused(code: code, message: "expected sms, got fax")))
        #expect(directives.exits == [.refused(code, "expected sms, got fax")])
    }

    @Test(arguments: [ErrorCode.ledgerUnavailable, .shuttingDown, .slowConsumer, .unspecified])
    func `Passing troubles only drop the link`(code: ErrorCode) {
        let bench = Bench.serving()
        let directives = bench.hear(.error(Message.Failure(code: code, isFatal: true, message: "")))
        #expect(directives.drops)
        #expect(directives.exits.isEmpty)
        #expect(!bench.machine.isServing)
    }

    @Test func `The same worker connected elsewhere may be its own shadow for a while, and then is not`() {
        let bench = Bench()
        let refusal = Message.refused(Message.Refused(code: .duplicateWorker, message: "connected"))
        for moment in [0, 20_000, 44_999] as [Int64] {
            bench.now = moment
            _ = bench.connected()
            #expect(bench.hear(refusal).exits.isEmpty)
        }
        bench.now = 45_000
        _ = bench.connected()
        #expect(bench.hear(refusal).exits == [.refused(.duplicateWorker, "connected")])
    }

    @Test func `A coordinator that does not answer three heartbeats, or the Hello, is not there`() {
        let bench = Bench.serving()
        #expect(!bench.tick(15_999).drops)
        #expect(bench.tick(16_000).drops)
        let greeting = Bench()
        greeting.now = 0
        _ = greeting.connected()
        #expect(!greeting.tick(9_999).drops)
        #expect(greeting.tick(10_000).drops)
    }

    @Test func `A message out of turn is answered with an error and the link is dropped`() {
        let bench = Bench.serving()
        let directives = bench.hear(.welcome(Message.Welcome(version: 1, limits: bench.limits)))
        guard case .error(let failure) = directives.sent.first else {
            Issue.record("expected an Error, got \(directives)")
            return
        }
        #expect(failure.code == .unexpectedMessage && failure.isFatal)
        #expect(directives.drops)
    }
}
