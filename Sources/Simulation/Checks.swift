// Owns: the invariants, checked while a simulation runs and when it is over.
import DispatchCore
import Arrears
import Leasing
import Ledger

extension Play {
    // MARK: While it runs

    /// The coordinator has said this to a worker.
    func acknowledged(_ report: Message.Report, _ verdicts: [Message.TaskVerdict]) {
        let outcomes = Dictionary(report.outcomes.map { ($0.task, $0) }, uniquingKeysWith: { first, _ in first })
        for verdict in verdicts {
            guard let outcome = outcomes[verdict.task], outcome.attempt == .made || outcome.attempt == .notMade else {
                continue
            }
            let isKept =
                switch verdict.verdict {
                case .accepted, .late, .alreadyKnown: true
                case .leaseLost, .unknownTask: false
                }
            let said = Promises.Said(lease: report.lease, task: outcome.task, attempt: outcome.attempt)
            if let first = promises.answers[said], first != isKept {
                violate(
                    .reportIdempotent,
                    "\(outcome.task) under epoch \(report.lease.epoch): expected the answer from before, "
                        + "got \(verdict.verdict)")
            }
            promises.answers[said] = isKept
            // What a person settled is known, whatever a worker says of it later.
            if isKept, !promises.settledByHand.contains(outcome.task) { promises.kept[outcome.task] = outcome }
        }
    }

    func journaled(_ write: SimulatedJournal.Write, by worker: Int) {
        guard case .finish(let outcomes, let lease) = write else { return }
        for outcome in outcomes {
            promises.unanswered.insert(Promises.Journaled(lease: lease.id, task: outcome.task))
        }
    }

    func answered(_ ack: Message.ReportAck, to worker: Int) {
        for verdict in ack.verdicts {
            promises.unanswered.remove(Promises.Journaled(lease: ack.lease, task: verdict.task))
        }
    }

    /// An attempt leaves a worker for the world.
    func checkDeparture(of task: TaskID, under lease: LeaseKey, by worker: WorkerID) {
        let record = inLedger { try $0.task(task) }
        guard record?.state != .leased || record?.lease != lease else { return }
        let holder = record?.lease.map { "epoch \($0.epoch)" } ?? "no lease"
        violate(
            .attemptWithinLease,
            "\(task) leaves \(worker): expected it to be leased under epoch \(lease.epoch), "
                + "got \(record?.state.rawValue ?? "unknown") under \(holder)")
    }

    /// A worker has looked at the clock for the last time before an attempt.
    func checkWindow(of task: TaskID) {
        // Nobody keeps a window by a clock that is wrong.
        guard wallJumpedAt == nil, let window = windows[task], !window.contains(wallNow.wall) else { return }
        violate(
            .attemptInWindow,
            "\(task): expected an attempt from \(window.lowerBound) until \(window.upperBound), got \(wallNow.wall)")
    }

    /// A task's transitions, the oldest first.
    func checkStory(of task: TaskID, _ story: [TaskTransition]) {
        var last: (state: TaskState, epoch: Epoch)?
        for change in story {
            if change.to == .leased, let epoch = change.lease?.epoch {
                if let last, last.state == .leased {
                    violate(
                        .oneLiveLeasePerTask,
                        "\(task): expected it free at the grant of epoch \(epoch), got leased under \(last.epoch)")
                }
                if let last, last.epoch >= epoch {
                    violate(.epochsStrictlyGrow, "\(task): expected an epoch after \(last.epoch), got \(epoch)")
                }
                last = (.leased, epoch)
            } else {
                last = (change.to, last?.epoch ?? Epoch(0))
            }
        }
    }

    func checkAcknowledged() {
        for (task, outcome) in promises.kept.sorted(by: { $0.key < $1.key }) {
            let record = inLedger { try $0.task(task) }
            if record?.state != .settled || record?.outcome != outcome {
                violate(
                    .acknowledgedIsDurable,
                    "\(task): expected the acknowledged \(outcome.code.rawValue), got "
                        + "\(record?.state.rawValue ?? "no task") \(record?.outcome?.code.rawValue ?? "without outcome")"
                )
            }
        }
        checkSum()
    }

    private func checkSum() {
        let sum = inLedger { try $0.taskCounts(of: Play.run) }.reduce(0) { $0 + $1.count }
        if sum != tasks.count {
            violate(.everyTaskAccounted, "expected \(tasks.count) tasks over all states, got \(sum)")
        }
    }

    // MARK: At the end

    /// The tasks that have not come to an end.
    func openTasks() -> [TaskRecord] {
        inLedger { ledger in
            try tasks.compactMap { id in
                guard let record = try ledger.task(id) else { return nil }
                switch record.state {
                case .settled, .withdrawn: return nil
                case .deadLetter: return record.deliveries >= limits.deliveriesPerTask ? nil : record
                case .uncertain:
                    return inquiries(in: try ledger.transitions(of: id)) >= Limits.inquiriesPerTask ? nil : record
                case .planned, .ready, .leased: return record
                }
            }
        }
    }

    /// How often the outside was asked since the last attempt.
    private func inquiries(in story: [TaskTransition]) -> Int {
        var count = 0
        for change in story {
            switch (change.to, change.note) {
            case (.leased, TransitionNote.attempt), (.ready, _): count = 0
            case (.leased, TransitionNote.inquiry): count += 1
            case (.uncertain, TransitionNote.released): count -= 1
            default: break
            }
        }
        return count
    }

    /// A task is granted in the smaller a batch the more often it was delivered without an outcome: alone, long before it is
    /// set aside.
    private func checkDeadLetters() {
        let stories = tasks.map { id in inLedger { try $0.transitions(of: id) } }
        var sizes: [LeaseID: Int] = [:]
        for change in stories.joined() where change.to == .leased {
            if let lease = change.lease { sizes[lease.id, default: 0] += 1 }
        }
        for story in stories {
            var deliveries = 0
            for change in story {
                if change.note == TransitionNote.released { deliveries -= 1 }
                guard change.to == .leased, let lease = change.lease else { continue }
                defer { deliveries += 1 }
                let most = Limits.batch(of: limits.tasksPerLease, afterDeliveries: deliveries)
                guard change.note == TransitionNote.attempt, let size = sizes[lease.id], size > most else { continue }
                violate(
                    .deadLetterAlone,
                    "\(change.task): expected \(most) or fewer tasks in a lease after \(deliveries) deliveries, got "
                        + "\(size) in lease \(lease.id)")
            }
        }
    }

    func checkTheEnd(_ world: World) {
        checkAcknowledged()
        let open = openTasks()
        if let first = open.first {
            violate(
                .everyTaskEnds,
                "expected every task to end, got \(open.count) open, the first \(first.task.id) \(first.state.rawValue) "
                    + "after \(first.deliveries) deliveries")
        }
        checkDeadLetters()
        for id in tasks {
            let (record, story) = inLedger { (try $0.task(id), try $0.transitions(of: id)) }
            checkStory(of: id, story)
            if record?.state == .settled, record?.outcome?.attempt == .made, world.count(id) == 0 {
                violate(.settledWasDone, "\(id): expected the world to have seen it, got no attempt")
            }
        }
        if let lost = promises.unanswered.min(by: { ($0.lease, $0.task) < ($1.lease, $1.task) }) {
            violate(
                .journaledIsReported,
                "expected every outcome of a worker's journal to be answered, got \(promises.unanswered.count) that "
                    + "were not, such as \(lost.task) of lease \(lost.lease)")
        }
    }
}
