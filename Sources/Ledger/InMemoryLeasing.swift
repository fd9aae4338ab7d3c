// Owns: the verbs on tasks and leases, on plain values. Knows no clock: every moment is an argument.
import Arrears
import Leasing

extension InMemoryTransaction {
    func makeReady(_ run: RunID, at: Timestamp) throws -> Int {
        let planned = state.tasks(.planned).filter { $0.record.task.run == run }
        for task in planned {
            state.change(task.record.task.id, at: at, note: TransitionNote.due) { $0.record.state = .ready }
        }
        return planned.count
    }

    func nextEpoch() throws -> Epoch {
        (state.leases.values.map(\.lease.epoch).max() ?? Epoch(0)).next
    }

    func lease(_ grant: Grant, uncertainBefore: Timestamp, maxDeliveries: Int) throws -> [LeasedTask] {
        precondition(state.leases[grant.lease.id] == nil, "granting lease \(grant.lease.id) twice")
        precondition(
            !state.leases.values.contains { $0.lease.epoch == grant.lease.epoch },
            "granting two leases under epoch \(grant.lease.epoch)")
        var granted: [LeasedTask] = []
        let (redelivered, fresh) = openTasks(of: grant)
        var batch = grant.limit
        for task in redelivered where granted.count < batch {
            let deliveries = task.record.deliveries
            if deliveries >= maxDeliveries {
                let note = TransitionNote.deadLetter(deliveries: deliveries)
                state.change(task.record.task.id, at: grant.now, note: note) { $0.record.state = .deadLetter }
            } else {
                if granted.isEmpty { batch = Limits.batch(of: grant.limit, afterDeliveries: deliveries) }
                granted.append(take(task.record.task.id, under: grant, mode: .attempt))
            }
        }
        if granted.isEmpty {
            var shares = grant.shares
            for task in fresh where granted.count < grant.limit && shares[task.record.task.portfolio, default: 0] > 0 {
                shares[task.record.task.portfolio, default: 0] -= 1
                granted.append(take(task.record.task.id, under: grant, mode: .attempt))
            }
        }
        let due = inUnfinishedRuns(.uncertain) { task in
            task.record.task.stage == grant.stage && task.record.changedAt <= uncertainBefore
                && task.inquiries < Limits.inquiriesPerTask
        }.sorted { ($0.record.changedAt, $0.record.task.id) < ($1.record.changedAt, $1.record.task.id) }
        for task in due.prefix(batch - granted.count) {
            granted.append(take(task.record.task.id, under: grant, mode: .inquire))
        }
        return granted
    }

    func extendIfHeld(_ lease: LeaseKey, at: Timestamp) throws -> Bool { !heldTasks(lease).isEmpty }

    func settleIfHeld(_ outcome: Outcome, under lease: LeaseKey, businessDate: CalendarDate, at: Timestamp) throws
        -> Verdict
    {
        guard let row = state.tasks[outcome.task] else { return .unknownTask }
        let isHeld = row.record.state == .leased && row.record.lease == lease
        guard isHeld || row.isOpenTo(lease) || row.record.lease == lease else { return .leaseLost }
        switch (row.record.state, outcome.attempt) {
        case (.leased, .made), (.leased, .notMade), (.uncertain, .made), (.uncertain, .notMade):
            settle(outcome, note: TransitionNote.settled(outcome, isLate: !isHeld), lease, businessDate, at)
            return isHeld ? .accepted : .late
        case (.leased, .neverSeen), (.uncertain, .neverSeen):
            makeReadyAgain(outcome.task, note: TransitionNote.neverSeen, lease, at)
            return isHeld ? .accepted : .late
        case (.leased, .unknown) where !isHeld:
            return .alreadyKnown
        case (.leased, .unknown):
            state.change(outcome.task, at: at, note: TransitionNote.unknown, names: lease) {
                $0.record.state = $0.stateWithoutAnswer
            }
            return .accepted
        case (.ready, .neverSeen), (.uncertain, .unknown), (.settled, _):
            return .alreadyKnown
        case (.planned, _), (.ready, _), (.withdrawn, _), (.deadLetter, _):
            return .leaseLost
        }
    }

    func releaseIfHeld(_ task: TaskID, under lease: LeaseKey, isCounted: Bool, at: Timestamp) throws -> Verdict {
        guard let row = state.tasks[task] else { return .unknownTask }
        if row.attempt == lease, row.isOpenTo(lease) {
            makeReadyAgain(task, note: TransitionNote.releasedLate, lease, at)
            return .late
        }
        guard row.record.lease == lease else { return .leaseLost }
        switch (row.record.state, row.mode) {
        case (.leased, let mode):
            state.change(task, at: at, note: TransitionNote.released(isCounted: isCounted), names: lease) {
                $0.record.state = mode == .attempt ? .ready : .uncertain
                guard !isCounted else { return }
                $0.record.deliveries -= 1
                if mode == .inquire { $0.inquiries -= 1 }
            }
            return .accepted
        case (.ready, .attempt), (.uncertain, .inquire):
            return .alreadyKnown
        case (.planned, _), (.ready, _), (.uncertain, _), (.settled, _), (.withdrawn, _), (.deadLetter, _):
            return .leaseLost
        }
    }

    func expireIfHeld(_ lease: LeaseKey, at: Timestamp, lastPossibleAttempt: Timestamp) throws -> Int {
        let held = heldTasks(lease)
        for task in held {
            state.change(task.record.task.id, at: at, note: TransitionNote.leaseEnded, names: lease) {
                $0.record.state = $0.stateWithoutAnswer
                if $0.record.state == .uncertain { $0.record.changedAt = lastPossibleAttempt }
            }
        }
        return held.count
    }

    func withdrawClosed(_ run: RunID, now: Timestamp) throws -> Int {
        let closed = (state.tasks(.planned) + state.tasks(.ready)).filter {
            $0.record.task.run == run && $0.record.task.notAfter <= now
        }
        for task in closed {
            state.change(task.record.task.id, at: now, note: TransitionNote.windowClosed) {
                $0.record.state = .withdrawn
            }
        }
        return closed.count
    }

    func settleUncertain(_ outcome: Outcome, by hand: ByHand, businessDate: CalendarDate, at: Timestamp) throws
        -> Verdict
    {
        precondition(
            outcome.attempt == .made || outcome.attempt == .notMade,
            "settling task \(outcome.task) by hand with an attempt that is \(outcome.attempt)")
        guard let row = state.tasks[outcome.task] else { return .unknownTask }
        guard row.record.state == .uncertain, row.record.lease == hand.lease else { return .leaseLost }
        settle(outcome, note: TransitionNote.settled(outcome, by: hand), hand.lease, businessDate, at)
        return .accepted
    }

    func releaseUncertain(_ task: TaskID, by hand: ByHand, at: Timestamp) throws -> Verdict {
        guard let row = state.tasks[task] else { return .unknownTask }
        guard row.record.state == .uncertain, row.record.lease == hand.lease else { return .leaseLost }
        let run = row.record.task.run
        let isReconciled = state.checkpoints[run]?[.reconcile]?.isComplete ?? false
        let isDispatching = state.runs[run]?.isFinished == false && !isReconciled
        state.change(task, at: at, note: TransitionNote.released(by: hand), names: hand.lease) {
            $0.record.state = isDispatching ? .ready : .withdrawn
            $0.mode = .attempt
            $0.inquiries = 0
        }
        return .accepted
    }

    func insertRegisterEvent(_ event: RegisterEvent, at: Timestamp) throws -> Bool {
        guard state.registerEventIDs[[event.source, event.id]] == nil else { return false }
        let number = state.registerEventIDs.values.count
        state.registerEventIDs[[event.source, event.id]] = event
        state.registerEvents[event.subject, default: []].append(
            InMemoryState.NumberedEvent(number: number, event: event))
        return true
    }

    func stop(_ task: TaskID, why: String, at: Timestamp) throws {
        switch state.tasks[task]?.record.state {
        case .planned?, .ready?: state.change(task, at: at, note: why) { $0.record.state = .withdrawn }
        case .leased?, .uncertain?: state.mark(task, stop: why)
        case .settled?, .withdrawn?, .deadLetter?, nil: break
        }
    }

    func recordEvent(_ event: CaseEvent, businessDate: CalendarDate, at: Timestamp) throws -> Bool? {
        guard let task = state.tasks[event.task]?.record.task else { return nil }
        guard state.eventIDs[event.id] == nil else { return false }
        state.eventIDs[event.id] = event.task
        state.events[task.run, default: []].append(event)
        state.tell(
            CaseHistoryEntry(event: event, stage: task.stage, step: task.step, businessDate: businessDate), of: task)
        return true
    }

    // MARK: - Parts of the verbs

    private func inUnfinishedRuns(
        _ taskState: TaskState, where matches: (InMemoryState.TaskRow) -> Bool
    ) -> [InMemoryState.TaskRow] {
        state.tasks(taskState).filter { matches($0) && state.runs[$0.record.task.run]?.isFinished == false }
    }

    /// Ready tasks of the grant's stage whose window is open, the run that was started first, then by priority and id:
    /// those that were leased before, the most often first, and the others.
    private func openTasks(of grant: Grant) -> (redelivered: [InMemoryState.TaskRow], fresh: [InMemoryState.TaskRow]) {
        let open = openTasks(of: grant.stage, at: grant.now)
        let order = state.runs.values.sorted { ($0.startedAt, $0.id) < ($1.startedAt, $1.id) }.map(\.id)
        let sorted = order.flatMap { run in
            open.filter { $0.record.task.run == run }.sorted {
                ($0.record.task.priority, $0.record.task.id) < ($1.record.task.priority, $1.record.task.id)
            }
        }
        let redelivered = sorted.filter { $0.record.deliveries > 0 }.enumerated().sorted {
            (-$0.element.record.deliveries, $0.offset) < (-$1.element.record.deliveries, $1.offset)
        }
        return (redelivered.map(\.element), sorted.filter { $0.record.deliveries == 0 })
    }

    private func take(_ id: TaskID, under grant: Grant, mode: TaskMode) -> LeasedTask {
        state.leases[grant.lease.id] = LiveLease(
            lease: grant.lease, worker: grant.worker, incarnation: grant.incarnation, stage: grant.stage)
        let note = mode == .attempt ? TransitionNote.attempt : TransitionNote.inquiry
        state.change(id, at: grant.now, note: note, names: grant.lease) {
            $0.record.state = .leased
            if mode == .attempt { $0.attempt = grant.lease }
            $0.record.deliveries += 1
            $0.mode = mode
            if mode == .inquire { $0.inquiries += 1 }
        }
        guard let record = state.tasks[id]?.record else { preconditionFailure("task \(id) vanished in a grant") }
        return LeasedTask(
            id: id, portfolio: record.task.portfolio, mode: mode, notAfter: record.task.notAfter,
            delivery: record.deliveries, content: record.task.content)
    }

    /// It is proved that nothing was attempted.
    private func makeReadyAgain(_ task: TaskID, note: String, _ lease: LeaseKey, _ at: Timestamp) {
        let worker = state.leases[lease.id]?.worker
        state.change(task, at: at, note: note, names: lease) {
            $0.record.state = .ready
            $0.mode = .attempt
            $0.inquiries = 0
            $0.nameLast(lease, of: worker)
        }
    }

    private func heldTasks(_ lease: LeaseKey) -> [InMemoryState.TaskRow] {
        state.tasks(.leased).filter { $0.record.lease == lease }
    }

    private func settle(
        _ outcome: Outcome, note: String, _ lease: LeaseKey, _ businessDate: CalendarDate, _ at: Timestamp
    ) {
        let worker = state.leases[lease.id]?.worker
        state.change(outcome.task, at: at, note: note, names: lease) {
            $0.record.state = .settled
            $0.record.outcome = outcome
            $0.nameLast(lease, of: worker)
        }
        guard let task = state.tasks[outcome.task]?.record.task else { return }
        let entry = CaseHistoryEntry(
            settling: outcome, stage: task.stage, step: task.step, endpoint: task.endpoint, businessDate: businessDate)
        state.tell(entry, of: task)
    }
}

extension InMemoryState.TaskRow {
    /// Whether a lease that ended may still say what came of the task: it was the last, or the last to attempt it, and
    /// nobody knows better by now.
    func isOpenTo(_ lease: LeaseKey) -> Bool {
        switch record.state {
        case .uncertain: record.lease == lease || attempt == lease
        case .leased: mode == .inquire && attempt == lease
        case .planned, .ready, .settled, .withdrawn, .deadLetter: false
        }
    }

    /// An earlier lease had the last word: from now on it is the task's last.
    mutating func nameLast(_ lease: LeaseKey, of worker: WorkerID?) {
        record.lease = lease
        record.worker = worker
    }

    /// Where a task goes whose lease brought no answer: back to ready only where a second attempt harms nobody.
    var stateWithoutAnswer: TaskState {
        guard mode == .attempt else { return .uncertain }
        switch record.task.stage.descriptor.effect {
        case .idempotent: return .ready
        case .atMostOnce: return .uncertain
        }
    }
}
