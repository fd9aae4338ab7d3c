// Owns: the one loop of every stage whose outside takes a task and answers later: intent, submission, look-up when it is
// unknown, waiting for the answer, giving back. That nobody is contacted twice is decided here. Knows no outside.
import Arrears
import Leasing

/// ```
/// prepare ─ refused ─▶ finished (notMade)
///    │ begin, submit
///    ├─ settled ───────────────────────▶ finished
///    ├─ underWay ──▶ waiting ─ poll ───▶ finished; in time no final answer: the service's `unanswered`
///    ├─ later ─────────────────────────▶ given back: provably not looked at
///    └─ unknown ─ delay ─▶ look up ─ seen ────▶ as above;  never seen ─▶ given back;  no answer ─▶ finished (unknown)
/// inquire: (from before a restart: delay) look up ─ seen ─▶ as above;  never seen ─▶ finished (neverSeen)
/// ```
package final class SubmitAndPoll<Service: OutsideService>: Sendable {
    private let service: Service
    private let settings: SubmitAndPollSettings
    private let pace: Pace
    private let throttle: Throttle

    package init(_ service: Service, settings: SubmitAndPollSettings, pace: Pace = .real) {
        precondition(settings.faults.isEmpty, "SubmitAndPoll: \(settings.faults)")
        self.service = service
        self.settings = settings
        self.pace = pace
        self.throttle = Throttle(settings)
    }

    /// Works through the tasks of one lease; see `StageHandler.work`.
    package func work(_ tasks: [WorkTask], under lease: any HeldLease) async throws {
        let work = LeaseWork(service, settings, pace, throttle, lease)
        try await work.run(tasks)
    }
}

/// One lease in work.
private final class LeaseWork<Service: OutsideService> {
    private enum Phase {
        case toSubmit(Service.Order)
        case toLookUp(notBefore: Duration, since: Duration)
        /// The outside has it.
        case waiting(evidence: String, since: Duration)
    }

    private struct Item {
        var task: WorkTask
        var details: [String: String]
        var phase: Phase
    }

    private let service: Service
    private let settings: SubmitAndPollSettings
    private let pace: Pace
    private let throttle: Throttle
    private let lease: any HeldLease

    private var items: [TaskID: Item] = [:]
    /// The coordinator's order; ids that are done are skipped.
    private var order: [TaskID] = []
    private var nextPoll: Duration
    private var pollPause: Duration
    private var nextTakeBack = Duration.zero
    /// What the present round came to, said in one go.
    private var outcomes: [Outcome] = []
    private var givenBack: [TaskID] = []

    /// Where a second attempt harms nobody, it does not matter that "never seen" may come too early.
    private var delay: Duration { service.stage.descriptor.effect == .atMostOnce ? settings.inquiryDelay : .zero }

    /// Longest sleep before looking again whether the lease is ending.
    private static var slice: Duration { .milliseconds(200) }

    init(
        _ service: Service, _ settings: SubmitAndPollSettings, _ pace: Pace, _ throttle: Throttle,
        _ lease: any HeldLease
    ) {
        self.service = service
        self.settings = settings
        self.pace = pace
        self.throttle = throttle
        self.lease = lease
        nextPoll = pace.now()
        pollPause = settings.pollInterval
    }

    func run(_ tasks: [WorkTask]) async throws {
        take(tasks)
        try await reportOutcomes()
        while !items.isEmpty {
            if lease.isEnding { return try await drain() }
            if try await takeBackCancelled() { continue }
            if try await submitSome() { continue }
            if try await lookUpSome() { continue }
            if try await pollAll() { continue }
            await pace.sleep(max(.milliseconds(1), nextMoment() - pace.now()))
        }
    }

    private func take(_ tasks: [WorkTask]) {
        let now = pace.now()
        for task in tasks {
            let preparation = service.prepare(task)
            switch (task.mode, preparation) {
            case (.attempt, .ready(let order, let details)):
                items[task.id] = Item(task: task, details: details, phase: .toSubmit(order))
            case (.attempt, .refused(let outcome)):
                outcomes.append(outcome)
            case (.inquire, let preparation):
                // Whatever can be said of it now, it may have been done.
                var details: [String: String] = [:]
                if case .ready(_, let known) = preparation { details = known }
                let start = task.isFromJournal ? now + delay : now
                items[task.id] = Item(
                    task: task, details: details, phase: .toLookUp(notBefore: start, since: start))
            }
            if items[task.id] != nil { order.append(task.id) }
        }
    }

    /// Begins and submits as many as the outside takes at once. False: there is nothing to submit now.
    private func submitSome() async throws -> Bool {
        let room = throttle.room(at: pace.now())
        guard room > 0 else { return false }
        var orders: [TaskID: Service.Order] = [:]
        for id in order where orders.count < room {
            if case .toSubmit(let order)? = items[id]?.phase { orders[id] = order }
        }
        guard !orders.isEmpty else { return false }

        let allowed = try await lease.begin(order.filter { orders[$0] != nil })
        for id in orders.keys where !allowed.contains(id) {
            orders[id] = nil
            giveBack(id)
        }
        let service = self.service
        let answers = await each(orders) { id, order in await service.submit(order, for: id) }
        let now = pace.now()
        if !answers.isEmpty, answers.values.allSatisfy(\.isTaken) { throttle.succeeded() }
        // Where nothing is known of all that was sent, the next ones wait until something is.
        if !answers.isEmpty, answers.values.allSatisfy({ $0 == .unknown }) {
            throttle.failed(at: now, comeAgainAfter: nil)
        }
        for (id, answer) in answers {
            switch answer {
            case .settled(let outcome): finish(id, outcome)
            case .underWay(let evidence): items[id]?.phase = .waiting(evidence: evidence, since: now)
            case .later(let named):
                throttle.failed(at: now, comeAgainAfter: named)
                giveBack(id)
            // Submitted and not known: the outside is asked before anything else is done.
            case .unknown, .neverSeen: items[id]?.phase = .toLookUp(notBefore: now + delay, since: now + delay)
            }
        }
        try await reportOutcomes()
        return true
    }

    /// Asks about tasks that may have been done. False: there is nothing to ask now.
    private func lookUpSome() async throws -> Bool {
        let now = pace.now()
        guard throttle.room(at: now) > 0 else { return try await giveUpLookUps(now) }
        var asked: [TaskID: WorkTask] = [:]
        for id in order where asked.count < settings.window {
            if let item = items[id], case .toLookUp(let notBefore, _) = item.phase, notBefore <= now {
                asked[id] = item.task
            }
        }
        guard !asked.isEmpty else { return false }

        let service = self.service
        let answers = await each(asked) { _, task in await service.lookUp(task) }
        let later = pace.now()
        if answers.values.allSatisfy({ $0.isTaken || $0 == .neverSeen }) { throttle.succeeded() }
        for (id, answer) in answers {
            switch answer {
            case .settled(let outcome): finish(id, outcome)
            case .underWay(let evidence): items[id]?.phase = .waiting(evidence: evidence, since: later)
            case .neverSeen: neverSeen(id)
            case .later(let named):
                throttle.failed(at: later, comeAgainAfter: named)
                askAgain(id, later)
            case .unknown: askAgain(id, later)
            }
        }
        try await reportOutcomes()
        return true
    }

    /// Nobody contacted: an inquiry says so, an attempt of ours is given back to be made again.
    private func neverSeen(_ id: TaskID) {
        guard let item = items[id] else { return }
        switch item.task.mode {
        case .inquire: finish(id, Outcome(task: id, attempt: .neverSeen, code: .madeResultUnknown))
        case .attempt: giveBack(id)
        }
    }

    private func askAgain(_ id: TaskID, _ now: Duration) {
        guard case .toLookUp(_, let since)? = items[id]?.phase else { return }
        if now - since >= settings.lookUpWait {
            finish(id, Outcome(task: id, attempt: .unknown, code: .madeResultUnknown))
        } else {
            items[id]?.phase = .toLookUp(notBefore: now + settings.pollInterval, since: since)
        }
    }

    /// While the outside is not there, those that were asked about long enough are left as unknown.
    private func giveUpLookUps(_ now: Duration) async throws -> Bool {
        for id in order {
            if case .toLookUp(_, let since)? = items[id]?.phase, now - since >= settings.lookUpWait {
                askAgain(id, now)
            }
        }
        guard !outcomes.isEmpty else { return false }
        try await reportOutcomes()
        return true
    }

    /// Asks what came of those that the outside has. False: it is not time yet.
    private func pollAll() async throws -> Bool {
        let now = pace.now()
        let waiting = order.compactMap { id -> WorkTask? in
            guard let item = items[id], case .waiting = item.phase else { return nil }
            return item.task
        }
        guard !waiting.isEmpty, now >= nextPoll else { return false }
        var isAnswered = true
        for start in stride(from: 0, to: waiting.count, by: settings.pollBatch) {
            let batch = Array(waiting[start..<min(start + settings.pollBatch, waiting.count)])
            guard let answers = await service.poll(batch) else {
                isAnswered = false
                continue
            }
            for (id, answer) in answers {
                if case .settled(let outcome) = answer { finish(id, outcome) }
            }
        }
        // What nobody answers is asked less and less often.
        pollPause =
            isAnswered ? settings.pollInterval : min(pollPause * 2, max(settings.longestPause, settings.pollInterval))
        nextPoll = pace.now() + pollPause
        try await giveUp(waiting, after: settings.answerWait + (isAnswered ? .zero : settings.silenceWait))
        try await reportOutcomes()
        return true
    }

    /// Ends the wait for a final answer. Nothing is left with the outside that it might still do another day.
    private func giveUp(_ waiting: [WorkTask], after wait: Duration) async throws {
        let now = pace.now()
        let overdue = waiting.filter { task in
            guard case .waiting(_, let since)? = items[task.id]?.phase else { return false }
            return now - since >= wait
        }
        let answers = await takeBack(overdue)
        for task in overdue {
            guard case .waiting(let evidence, _)? = items[task.id]?.phase else { continue }
            if case .settled(let outcome)? = answers[task.id] {
                finish(task.id, outcome)
            } else {
                finish(task.id, service.unanswered(task.id, evidence: evidence))
            }
        }
    }

    /// Takes back what the coordinator wants undone. What the outside does not give back is waited for. False: there is nothing
    /// to take back now.
    private func takeBackCancelled() async throws -> Bool {
        let cancelled = lease.cancelled
        guard !cancelled.isEmpty, pace.now() >= nextTakeBack else { return false }
        var outside: [WorkTask] = []
        for id in order where cancelled.contains(id) {
            guard let item = items[id] else { continue }
            if case .toSubmit = item.phase { giveBack(id) } else { outside.append(item.task) }
        }
        guard !outside.isEmpty || !givenBack.isEmpty else { return false }
        for (id, answer) in await takeBack(outside) {
            switch answer {
            case .settled(let outcome): finish(id, outcome)
            case .neverSeen: finish(id, Outcome(task: id, attempt: .neverSeen, code: .madeResultUnknown))
            case .underWay, .later, .unknown: break
            }
        }
        nextTakeBack = pace.now() + settings.longestPause
        try await reportOutcomes()
        return true
    }

    /// Takes tasks back from the outside, as far as nobody else can have put them there by now.
    private func takeBack(_ tasks: [WorkTask]) async -> [TaskID: OutsideAnswer] {
        guard !tasks.isEmpty, await lease.isHeld else { return [:] }
        let service = self.service
        var answers: [TaskID: OutsideAnswer] = [:]
        for start in stride(from: 0, to: tasks.count, by: settings.window) {
            let part = tasks[start..<min(start + settings.window, tasks.count)]
            await withTaskGroup(of: (TaskID, OutsideAnswer?).self) { group in
                for task in part { group.addTask { (task.id, await service.withdraw(task)) } }
                for await (id, answer) in group { answers[id] = answer }
            }
        }
        return answers
    }

    /// The lease is ending: one last question, and what was not begun is given back. What the outside has is taken back where
    /// it can be; else it is left, to be asked about later, unless doing it again is harmless.
    private func drain() async throws {
        nextPoll = pace.now()
        _ = try await pollAll()
        let outside = order.compactMap { id -> WorkTask? in
            guard let item = items[id] else { return nil }
            if case .toSubmit = item.phase { return nil }
            return item.task
        }
        let answers = await takeBack(outside)
        for id in order {
            guard let item = items[id] else { continue }
            switch (item.phase, answers[id]) {
            case (.toSubmit, _): giveBack(id)
            case (_, .settled(let outcome)?): finish(id, outcome)
            case (.toLookUp, _), (.waiting, _):
                if service.stage.descriptor.effect == .idempotent { giveBack(id) }
            }
        }
        try await reportOutcomes()
    }

    /// The next moment at which there may be something to do, soon enough to see that the lease is ending.
    private func nextMoment() -> Duration {
        var next = pace.now() + Self.slice
        let paused = throttle.pausedUntil
        for item in items.values {
            switch item.phase {
            case .toSubmit: next = min(next, paused)
            case .toLookUp(let notBefore, _): next = min(next, max(notBefore, paused))
            case .waiting: next = min(next, nextPoll)
            }
        }
        return next
    }

    private func finish(_ id: TaskID, _ outcome: Outcome) {
        guard let item = items.removeValue(forKey: id) else { return }
        var outcome = outcome
        outcome.details.merge(item.details) { said, _ in said }
        outcomes.append(outcome)
    }

    private func giveBack(_ id: TaskID) {
        if items.removeValue(forKey: id) != nil { givenBack.append(id) }
    }

    private func reportOutcomes() async throws {
        let (finished, returned) = (outcomes, givenBack)
        outcomes = []
        givenBack = []
        if !finished.isEmpty { try await lease.finish(finished) }
        if !returned.isEmpty { try await lease.release(returned) }
        order.removeAll { items[$0] == nil }
    }

    private func each<Input: Sendable>(
        _ inputs: [TaskID: Input], _ ask: @escaping @Sendable (TaskID, Input) async -> OutsideAnswer
    ) async -> [TaskID: OutsideAnswer] {
        await withTaskGroup(of: (TaskID, OutsideAnswer).self) { group in
            for (id, input) in inputs { group.addTask { (id, await ask(id, input)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }
}

extension OutsideAnswer {
    /// The outside looked at it.
    fileprivate var isTaken: Bool {
        switch self {
        case .underWay, .settled: true
        case .neverSeen, .later, .unknown: false
        }
    }
}
