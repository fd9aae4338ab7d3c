// Owns: what the handler may do, and what it did. The journal is written between the question and the statement: first the
// machine is asked what may be done, then the shell makes it durable, then the machine is told.
import Arrears
import Collections

/// What a worker's journal knows about a task when the process starts.
package struct JournalEntry: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// Taken; the world was not touched.
        case granted
        /// The intent is durable, and nobody knows what came of it.
        case begun
        /// The outcome is durable, and not yet acknowledged.
        case finished(Outcome)
    }
    package var lease: LeaseKey
    package var task: GrantedTask
    package var state: State
    package init(lease: LeaseKey, task: GrantedTask, state: State) {
        self.lease = lease
        self.task = task
        self.state = state
    }
}

extension WorkerMachine {
    /// Whether the coordinator can have given the tasks of a lease to nobody else. Of one from before a restart that is known
    /// when it was extended.
    package func holds(_ key: LeaseKey, now: Int64) -> Bool {
        guard let batch = batches[key] else { return false }
        return !batch.isLost && now < batch.deadline
    }

    /// What the journal held at the start, before any connection: outcomes are said again, intents are asked about under
    /// their old lease, what was not begun is given back.
    package mutating func recover(_ entries: [JournalEntry], now: Int64) -> [Directive] {
        precondition(batches.isEmpty, "recovering with \(batches.count) leases in hands")
        var intents: OrderedDictionary<LeaseKey, [GrantedTask]> = [:]
        for entry in entries {
            var batch = batches[entry.lease] ?? WorkerBatch(key: entry.lease, isRecovered: true, deadline: now)
            switch entry.state {
            case .granted: batch.givenBack.append(entry.task.id)
            case .finished(let outcome): batch.outcomes.append(outcome)
            case .begun:
                var task = entry.task
                task.mode = .inquire
                batch.tasks[task.id] = HeldTask(mode: .inquire, startBefore: now, hasBegun: true)
                batch.isRunning = true
                intents[entry.lease, default: []].append(task)
            }
            batches[entry.lease] = batch
        }
        return intents.map { .resume($0, $1) } + advance(now: now)
    }

    /// The tasks whose attempt may start, marked as begun. The shell makes their intent durable and asks `mayStart`.
    package mutating func begin(_ ids: [TaskID], under key: LeaseKey, now: Int64) -> [TaskID] {
        guard let batch = batches[key], !isStopping else { return [] }
        var begun: [TaskID] = []
        for id in ids {
            guard let task = batches[key]?.tasks[id], !task.hasBegun, !task.isClosing,
                batch.mayAttempt(task, now: now, margin: margin)
            else { continue }
            batches[key]?.tasks[id]?.hasBegun = true
            begun.append(id)
        }
        return begun
    }

    /// Of tasks whose intent is durable now, those that may still start: writing took time, and the lease may be over.
    package func mayStart(_ ids: [TaskID], under key: LeaseKey, now: Int64) -> Set<TaskID> {
        guard let batch = batches[key], !hasExited else { return [] }
        return Set(
            ids.filter { id in batch.tasks[id].map { batch.mayAttempt($0, now: now, margin: margin) } ?? false })
    }

    /// Their intent was taken out of the journal again: they were never started.
    package mutating func putBack(_ ids: [TaskID], under key: LeaseKey, now: Int64) -> [Directive] {
        for id in ids { batches[key]?.tasks[id]?.hasBegun = false }
        // A drain that came meanwhile has passed them over.
        return ending == .releaseRest ? drain(now: now) : []
    }

    /// Of these tasks, those in hands: from now on nobody else finishes them or gives them back. The others were given
    /// back or finished before, and what is said about them has no effect.
    package mutating func close(_ ids: [TaskID], under key: LeaseKey) -> [TaskID] {
        var closing: [TaskID] = []
        for id in ids {
            guard let task = batches[key]?.tasks[id], !task.isClosing else { continue }
            batches[key]?.tasks[id]?.isClosing = true
            closing.append(id)
        }
        return closing
    }

    /// Whether what a handler gives back under this lease must be reported as unknown instead: an intent from before a
    /// restart that could not be asked about is not proved untouched, and a release would have it done again.
    package func mustAnswer(_ key: LeaseKey) -> Bool { batches[key]?.isRecovered ?? false }

    /// Outcomes of closed tasks are durable in the journal.
    package mutating func finished(_ outcomes: [Outcome], under key: LeaseKey, now: Int64) -> [Directive] {
        for outcome in outcomes {
            guard let task = batches[key]?.tasks.removeValue(forKey: outcome.task) else {
                preconditionFailure("task \(outcome.task) of lease \(key.id) was finished but is not in hands")
            }
            precondition(
                task.isClosing && (task.hasBegun || task.mode == .inquire || outcome.attempt == .notMade),
                "task \(outcome.task) of lease \(key.id): \(outcome.attempt) without an intent: \(task)")
            batches[key]?.outcomes.append(outcome)
        }
        return advance(now: now)
    }

    /// Closed tasks were not attempted, and the journal holds no intent of theirs.
    package mutating func released(_ ids: [TaskID], under key: LeaseKey, now: Int64) -> [Directive] {
        precondition(!mustAnswer(key), "lease \(key.id): intents from before a restart cannot be given back")
        batches[key]?.giveBack(ids)
        return advance(now: now)
    }

    /// Tasks that were begun and that the handler has left without an outcome.
    package func leftBegun(under key: LeaseKey) -> [TaskID] {
        Array(batches[key]?.tasks.filter { $1.hasBegun && !$1.isClosing }.keys ?? [])
    }

    /// The handler has returned, and what it left begun was finished as unknown: the rest is given back.
    package mutating func handlerReturned(_ key: LeaseKey, now: Int64) -> [Directive] {
        precondition(leftBegun(under: key).isEmpty, "lease \(key.id): tasks were left begun")
        batches[key]?.isRunning = false
        batches[key]?.giveBack { !$0.isClosing }
        return advance(now: now)
    }

    /// News about tasks that were settled before, at most a few hundred; `eventsKnown` answers with the id.
    package mutating func report(_ news: [CaseEvent], now: Int64) -> (id: UInt64, directives: [Directive]) {
        let id = newID()
        events[id] = Open(id: id, content: news)
        return (id, advance(now: now))
    }
}
