// Owns: the road of a batch through journal and handler, and the news that a handler finds. The machine decides; here its
// decisions are made durable before they are acted on.
import Arrears
import Leasing
import Wire

extension WorkerRuntime: LeaseKeeper {
    func take(_ tasks: [GrantedTask], under key: LeaseKey) async {
        do {
            try await journal.take(tasks, under: key)
        } catch {
            return fail(error)
        }
        work(tasks, under: key)
    }

    func work(_ tasks: [GrantedTask], under key: LeaseKey, isFromJournal: Bool = false) {
        let lease = BatchLease(key: key, keeper: self)
        if exit != nil || machine.isStopping { lease.drain() }
        leases[key] = lease
        var (work, unusable): ([WorkTask], [Outcome]) = ([], [])
        for task in tasks {
            do {
                work.append(try WorkTask(task, stage: handler.stage, isFromJournal: isFromJournal))
            } catch {
                // Nothing can be done, or asked about, with it.
                unusable.append(
                    Outcome(
                        task: task.id, attempt: task.mode == .attempt ? .notMade : .unknown, code: .invalidContent,
                        details: ["fault": error.message]))
            }
        }
        Task {
            do {
                try await finish(unusable, under: key)
                if !work.isEmpty { try await handler.work(work, under: lease) }
                // What was begun and left: nobody knows here; the coordinator will have it asked about.
                let left = machine.leftBegun(under: key)
                try await finish(
                    left.map { Outcome(task: $0, attempt: .unknown, code: .madeResultUnknown) }, under: key)
                perform(machine.handlerReturned(key, now: now))
            } catch {
                fail(error)
            }
            leases[key] = nil
            endIfQuiet()
        }
    }

    /// See `HeldLease.begin`.
    func begin(_ tasks: [TaskID], under key: LeaseKey) async throws -> Set<TaskID> {
        let begun = machine.begin(tasks, under: key, now: now)
        guard !begun.isEmpty else { return [] }
        try await keeping { try await journal.begin(begun, under: key) }
        let go = machine.mayStart(begun, under: key, now: now)
        let back = begun.filter { !go.contains($0) }
        if !back.isEmpty {
            try await keeping { try await journal.putBack(back, under: key) }
            perform(machine.putBack(back, under: key, now: now))
        }
        return go
    }

    /// See `HeldLease.finish`.
    func finish(_ outcomes: [Outcome], under key: LeaseKey) async throws {
        var closing = Set(machine.close(outcomes.map(\.task), under: key))
        let kept = outcomes.filter { closing.remove($0.task) != nil }.map { $0.cutToFit() }
        guard !kept.isEmpty else { return }
        try await keeping { try await journal.finish(kept, under: key) }
        perform(machine.finished(kept, under: key, now: now))
    }

    /// See `HeldLease.release`.
    func release(_ tasks: [TaskID], under key: LeaseKey) async throws {
        if machine.mustAnswer(key) {
            let unknown = tasks.map { Outcome(task: $0, attempt: .unknown, code: .madeResultUnknown) }
            return try await finish(unknown, under: key)
        }
        let closing = machine.close(tasks, under: key)
        guard !closing.isEmpty else { return }
        try await keeping { try await journal.putBack(closing, under: key) }
        perform(machine.released(closing, under: key, now: now))
    }

    /// See `HeldLease.isHeld`.
    func holds(_ key: LeaseKey) -> Bool { machine.holds(key, now: now) }

    /// A journal that fails once ends the worker: the world must not be touched without it.
    private func keeping(_ write: () async throws -> Void) async throws {
        do {
            try await write()
        } catch {
            fail(error)
            throw error
        }
    }

}

// MARK: News about earlier tasks

extension WorkerRuntime {

    func tend() {
        isTending = true
        Task {
            while exit == nil, !machine.isEnding {
                do {
                    try await handler.tend { try await self.report($0) }
                    await sleep()
                } catch is WorkerEnding {
                    break
                } catch {
                    fail(error)
                }
            }
            isTending = false
            endIfQuiet()
        }
    }

    /// Until the next time to tend, or the end.
    private func sleep() async {
        guard exit == nil, !machine.isEnding else { return }
        await withCheckedContinuation { continuation in
            sleeper = continuation
            eventLoop.scheduleTask(in: .milliseconds(configuration.tendMilliseconds)) {
                self.assumeIsolated { $0.wake() }
            }
        }
    }

    func wake() {
        sleeper?.resume()
        sleeper = nil
    }

    private func report(_ events: [CaseEvent]) async throws {
        var left = events.map { $0.cutToFit() }[...]
        while !left.isEmpty {
            guard exit == nil else { throw WorkerEnding() }
            let (id, directives) = machine.report(Array(left.prefix(200)), now: now)
            left = left.dropFirst(200)
            try await withCheckedThrowingContinuation { continuation in
                eventWaiters[id] = continuation
                perform(directives)
            }
        }
    }
}

extension WorkTask {
    fileprivate init(_ task: GrantedTask, stage: Stage, isFromJournal: Bool) throws(WireError) {
        let content = try StageContent(encoded: task.content)
        guard content.stage == stage else {
            throw WireError(.invalidField, "content: expected one of stage \(stage), got one of \(content.stage)")
        }
        self.init(
            id: task.id, mode: task.mode, delivery: task.delivery, content: content, isFromJournal: isFromJournal)
    }
}
