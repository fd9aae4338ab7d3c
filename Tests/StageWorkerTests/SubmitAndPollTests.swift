// The loop of submission and look-up against an outside that takes its time, on a clock that the test turns.
@testable import Arrears
@testable import Leasing
import Synchronization
import Testing
@testable import WorkerKit

/// An outside that gives no answer to a submission, and knows of the task only some seconds later.
private struct SlowOutside: OutsideService {
    let stage: Stage
    let clock: TurnedClock
    let seenAfter: Duration

    func prepare(_ task: WorkTask) -> Preparation<String> { .ready(task.id.text, details: [:]) }
    func submit(_ order: String, for task: TaskID) async -> OutsideAnswer { .unknown }
    func lookUp(_ task: WorkTask) async -> OutsideAnswer {
        clock.now < seenAfter
            ? .neverSeen : .settled(Outcome(task: task.id, attempt: .made, code: .delivered, evidence: "m-1"))
    }
    func poll(_ tasks: [WorkTask]) async -> [TaskID: OutsideAnswer]? { [:] }
    func unanswered(_ task: TaskID, evidence: String) -> Outcome {
        Outcome(task: task, attempt: .made, code: .sentUnconfirmed, evidence: evidence)
    }
}

private final class TurnedClock: Sendable {
    private let time = Mutex(Duration.zero)
    var now: Duration { time.withLock { $0 } }
    var pace: Pace { Pace(now: { self.now }, sleep: { span in self.time.withLock { $0 += span } }) }
}

/// An outside that takes everything, and answers no question until some time has passed.
private final class DeafOutside: OutsideService {
    let stage: Stage
    let clock: TurnedClock
    let deafUntil: Duration
    private let asked = Mutex<[Duration]>([])
    private let takenBack = Mutex<[TaskID]>([])

    init(_ stage: Stage, _ clock: TurnedClock, deafUntil: Duration) {
        self.stage = stage
        self.clock = clock
        self.deafUntil = deafUntil
    }

    var polls: [Duration] { asked.withLock { $0 } }
    var withdrawn: [TaskID] { takenBack.withLock { $0 } }

    func prepare(_ task: WorkTask) -> Preparation<String> { .ready(task.id.text, details: [:]) }
    func submit(_ order: String, for task: TaskID) async -> OutsideAnswer { .underWay(evidence: "m-1") }
    func lookUp(_ task: WorkTask) async -> OutsideAnswer { .unknown }
    func poll(_ tasks: [WorkTask]) async -> [TaskID: OutsideAnswer]? {
        asked.withLock { $0.append(clock.now) }
        guard clock.now >= deafUntil else { return nil }
        return tasks.reduce(into: [:]) { $0[$1.id] = .settled(Outcome(task: $1.id, attempt: .made, code: .delivered)) }
    }
    func withdraw(_ task: WorkTask) async -> OutsideAnswer? {
        takenBack.withLock { $0.append(task.id) }
        return .neverSeen
    }
    func unanswered(_ task: TaskID, evidence: String) -> Outcome {
        Outcome(task: task, attempt: .made, code: .sentUnconfirmed, evidence: evidence)
    }
}

@Suite("Waiting for an outside that answers nothing")
struct DeafOutsideTests {
    private func work(deafUntil: Duration, isHeld: Bool = true) async throws -> (DeafOutside, ScriptedLease, Duration) {
        let clock = TurnedClock()
        let outside = DeafOutside(.sms, clock, deafUntil: deafUntil)
        let lease = ScriptedLease(isHeld: isHeld)
        try await SubmitAndPoll(outside, settings: SubmitAndPollSettings(), pace: clock.pace).work(
            [smsTask(1), smsTask(2)], under: lease)
        return (outside, lease, clock.now)
    }

    @Test func `Its silence is no answer: it is waited for beyond the time for an answer`() async throws {
        let (_, lease, _) = try await work(deafUntil: .seconds(130))
        #expect(lease.codes == ["sms-1": .delivered, "sms-2": .delivered])
    }

    @Test func `It is asked less and less often, and not for ever`() async throws {
        let (outside, lease, end) = try await work(deafUntil: .seconds(1_000_000))
        #expect(lease.codes == ["sms-1": .sentUnconfirmed, "sms-2": .sentUnconfirmed])
        #expect(end >= .seconds(630) && end < .seconds(700), "got \(end)")
        #expect(outside.polls.count < 30, "got \(outside.polls.count)")
        #expect(outside.withdrawn.sorted() == ["sms-1", "sms-2"])
    }

    @Test func `What the coordinator wants undone is taken back, and answered as never seen; the rest is waited for`()
        async throws
    {
        let clock = TurnedClock()
        let outside = DeafOutside(.callQueue, clock, deafUntil: .seconds(20))
        let lease = ScriptedLease(onBegin: {})
        let pace = Pace(
            now: { clock.now },
            sleep: { span in
                await clock.pace.sleep(span)
                if clock.now > .seconds(5) { lease.cancel(["sms-1", "sms-9"]) }
            })
        try await SubmitAndPoll(outside, settings: SubmitAndPollSettings(), pace: pace).work(
            [smsTask(1), smsTask(2)], under: lease)
        #expect(lease.outcomes["sms-1"]?.attempt == .neverSeen)
        #expect(lease.codes["sms-2"] == .delivered)
        #expect(outside.withdrawn == ["sms-1"])
    }

    @Test func `Nothing is taken back that another worker may have put there by now`() async throws {
        let (outside, _, _) = try await work(deafUntil: .seconds(1_000_000), isHeld: false)
        #expect(outside.withdrawn == [])
    }
}

@Suite("Submission without an answer")
struct SubmitAndPollTests {
    private func work(_ stage: Stage, _ task: WorkTask, seenAfter: Duration) async throws -> (ScriptedLease, Duration) {
        let clock = TurnedClock()
        let loop = SubmitAndPoll(
            SlowOutside(stage: stage, clock: clock, seenAfter: seenAfter), settings: SubmitAndPollSettings(),
            pace: clock.pace)
        let lease = ScriptedLease()
        try await loop.work([task], under: lease)
        return (lease, clock.now)
    }

    @Test func `While nothing is known of what was sent, little more is sent`() async throws {
        let clock = TurnedClock()
        let outside = SlowOutside(stage: .sms, clock: clock, seenAfter: .seconds(1_000_000))
        let early = Mutex(0)
        let lease = ScriptedLease()
        let pace = Pace(
            now: { clock.now },
            sleep: { span in
                await clock.pace.sleep(span)
                if clock.now < .seconds(9) { early.withLock { $0 = lease.log.begun.count } }
            })
        try await SubmitAndPoll(outside, settings: SubmitAndPollSettings(), pace: pace).work(
            (1...150).map { smsTask($0) }, under: lease)
        #expect((64...75).contains(early.withLock { $0 }), "got \(early.withLock { $0 }) before anything was known")
        #expect(Set(lease.log.begun).count == 150)
    }

    @Test func `A contact whose submission brought no answer rests before the outside is asked`() async throws {
        let (lease, _) = try await work(.sms, smsTask(1), seenAfter: .seconds(9))
        #expect(lease.codes == ["sms-1": .delivered])
        #expect(lease.log.released.isEmpty, "given back, it would have been sent a second time")
    }

    @Test func `So does an intent from before a restart; what the coordinator has asked about has rested already`()
        async throws
    {
        var task = smsTask(1, mode: .inquire)
        let (asked, _) = try await work(.sms, task, seenAfter: .seconds(9))
        #expect(asked.outcomes["sms-1"]?.attempt == .neverSeen)
        task.isFromJournal = true
        let (resumed, _) = try await work(.sms, task, seenAfter: .seconds(9))
        #expect(resumed.codes == ["sms-1": .delivered])
    }

    @Test func `Where a second attempt harms nobody, nobody waits`() async throws {
        let (lease, took) = try await work(.callQueue, callTask(1), seenAfter: .seconds(9))
        #expect(lease.log.released.count == 1)
        #expect(took < .seconds(1))
    }
}
