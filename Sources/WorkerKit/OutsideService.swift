// Owns: what a stage whose outside takes a task and answers later must be able to say. The loop over it stands in
// SubmitAndPoll.
import Arrears
import Leasing

/// What the outside said about one task.
package enum OutsideAnswer: Hashable, Sendable {
    /// The outside has the task; what comes of it is not known yet. The evidence is such as a message id.
    case underWay(evidence: String)
    case settled(Outcome)
    /// It never saw the task: an answer to a look-up.
    case neverSeen
    /// Provably not looked at; not again before this time has passed, where the outside named one.
    case later(Duration?)
    /// It may have the task or not.
    case unknown
}

extension OutsideAnswer {
    /// One answer for each task, whatever their order: a final one wins over one that is not.
    package static func merged(_ answers: [(TaskID, OutsideAnswer)]) -> [TaskID: OutsideAnswer] {
        answers.reduce(into: [:]) { merged, answer in
            if case .settled? = merged[answer.0] { return }
            merged[answer.0] = answer.1
        }
    }
}

/// Whether a task can be submitted.
package enum Preparation<Order: Sendable>: Sendable {
    /// What is to be submitted, and details for the outcome that can be told beforehand.
    case ready(Order, details: [String: String])
    /// It cannot; nothing was done.
    case refused(Outcome)
}

/// An outside that takes tasks by their id and says later what came of them.
package protocol OutsideService: Sendable {
    /// What is sent for one task.
    associatedtype Order: Sendable

    var stage: Stage { get }
    /// A pure function of the task.
    func prepare(_ task: WorkTask) -> Preparation<Order>
    /// Gives the task to the outside, with its id as the idempotency key. `.neverSeen` is no answer to this.
    func submit(_ order: Order, for task: TaskID) async -> OutsideAnswer
    /// Asks by the task's id what became of it, without doing anything.
    func lookUp(_ task: WorkTask) async -> OutsideAnswer
    /// Asks about many tasks that it has. Those that it says nothing about are still under way; nil: no answer.
    func poll(_ tasks: [WorkTask]) async -> [TaskID: OutsideAnswer]?
    /// Takes a task back that the outside has and has not done yet: `.neverSeen` when nothing will be done for it, `.settled`
    /// when it was done before; nil where an outside takes nothing back.
    func withdraw(_ task: WorkTask) async -> OutsideAnswer?
    /// The outcome of a task that the outside has and said nothing final about in time.
    func unanswered(_ task: TaskID, evidence: String) -> Outcome
}

extension OutsideService {
    package func withdraw(_ task: WorkTask) async -> OutsideAnswer? { nil }
}

extension Outcome {
    /// The content cannot be used, and nothing was done.
    package static func invalidContent(_ task: TaskID, _ reason: String) -> Outcome {
        Outcome(task: task, attempt: .notMade, code: .invalidContent, details: ["reason": reason])
    }
}

package struct SubmitAndPollSettings: Hashable, Sendable {
    /// Tasks that are begun and submitted at once at most.
    package var window = 64
    /// Tasks in one question at most.
    package var pollBatch = 500
    package var pollInterval: Duration = .seconds(1)
    /// How long a final answer is waited for.
    package var answerWait: Duration = .seconds(30)
    /// An attempt that went out of sight may still be under way: the outside is asked only after this, since until then
    /// "never seen" would prove nothing. Longer than the outside takes to accept a task, in the worst case.
    package var inquiryDelay: Duration = .seconds(10)
    /// How long a task that may have been done is asked about, before it is left as unknown.
    package var lookUpWait: Duration = .seconds(20)
    /// Between two attempts when the outside is not there and names no time; doubled each time up to the longest.
    package var shortestPause: Duration = .milliseconds(250)
    package var longestPause: Duration = .seconds(30)
    /// The longest pause that an outside may name.
    package var longestNamedPause: Duration = .seconds(900)
    /// How much longer a final answer is waited for while the outside answers no question: its silence says nothing of a
    /// person.
    package var silenceWait: Duration = .seconds(600)

    package init() {}

    /// The relations that do not hold, in words; empty when all do.
    package var faults: [String] {
        var faults: [String] = []
        if window < 1 { faults.append("window: expected 1 or more, got \(window)") }
        if !(1...1000).contains(pollBatch) { faults.append("pollBatch: expected 1 to 1000, got \(pollBatch)") }
        if inquiryDelay < .zero { faults.append("inquiryDelay: expected 0 or more, got \(inquiryDelay)") }
        if pollInterval <= .zero { faults.append("pollInterval: expected more than 0, got \(pollInterval)") }
        if shortestPause <= .zero || shortestPause > longestPause {
            faults.append("shortestPause: expected more than 0 and at most \(longestPause), got \(shortestPause)")
        }
        return faults
    }
}

/// The time that a handler sees: a clock that never jumps, and waiting. Given, so that tests do not wait.
package struct Pace: Sendable {
    package var now: @Sendable () -> Duration
    /// Returns after this time, or early when the task is cancelled.
    package var sleep: @Sendable (Duration) async -> Void

    package init(now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async -> Void) {
        self.now = now
        self.sleep = sleep
    }

    package static let real: Pace = {
        let clock = ContinuousClock()
        let start = clock.now
        return Pace(now: { clock.now - start }, sleep: { try? await clock.sleep(for: $0) })
    }()
}
