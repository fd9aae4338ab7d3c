// Owns: one lease in a worker's hands: its tasks, its time, and what is still to be said about it. Knows no connection.
import Arrears
import Collections

/// A task in hands.
struct HeldTask: Hashable, Sendable {
    var mode: TaskMode
    /// No attempt starts at or after this moment: the contact window.
    var startBefore: Int64
    /// Its intent is durable, or being made so: the world may have been touched.
    var hasBegun = false
    /// Being finished or given back: nobody else may do either.
    var isClosing = false
    /// The coordinator withdrew it.
    var isCancelled = false
}

/// Something said that waits for its answer.
struct Open<Content: Hashable & Sendable>: Hashable, Sendable {
    var id: UInt64
    var content: Content
    /// nil: not yet said on this connection.
    var sentAt: Int64?
}

/// ```
/// granted ─ handler works ─▶ finished, given back ─ Report, Release ─▶ acknowledged ─▶ gone
/// ```
struct WorkerBatch: Hashable, Sendable {
    let key: LeaseKey
    /// From before a restart: its intents are only asked about, and nobody knows how much of its time is left.
    let isRecovered: Bool
    /// The lease's end, counted from before the coordinator granted it.
    var deadline: Int64
    var isLost = false
    /// The handler was told to begin nothing more.
    var isDraining = false
    /// The handler is at work on it.
    var isRunning = false
    var tasks: OrderedDictionary<TaskID, HeldTask> = [:]

    /// Outcomes not yet said. At most one report per lease is open, so that outcomes gather while it is on its way.
    var outcomes: [Outcome] = []
    var report: Open<[Outcome]>?
    var givenBack: [TaskID] = []
    var release: Open<[TaskID]>?

    init(key: LeaseKey, isRecovered: Bool, deadline: Int64) {
        self.key = key
        self.isRecovered = isRecovered
        self.deadline = deadline
    }

    var hasUnanswered: Bool { !outcomes.isEmpty || report != nil || !givenBack.isEmpty || release != nil }
    var isDone: Bool { !isRunning && tasks.isEmpty && !hasUnanswered }
    /// What counts against the worker's capacity.
    var load: Int { tasks.count + outcomes.count + (report?.content.count ?? 0) }

    /// Whether an attempt at a task may start now.
    func mayAttempt(_ task: HeldTask, now: Int64, margin: Int64) -> Bool {
        !isRecovered && !isLost && !task.isCancelled && task.mode == .attempt && now < deadline - margin
            && now < task.startBefore
    }

    mutating func extend(to moment: Int64) { deadline = max(deadline, moment) }

    mutating func giveBack(where isGivenBack: (HeldTask) -> Bool) {
        giveBack(tasks.filter { isGivenBack($1) }.map(\.key))
    }

    mutating func giveBack(_ ids: [TaskID]) {
        for id in ids { tasks[id] = nil }
        givenBack += ids
    }
}
