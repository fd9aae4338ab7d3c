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
