// Owns: what a welcome worker's messages change. Knows nothing of handshakes and of who else is connected.
import Arrears
import Leasing
import Ledger
import Wire

extension Core {
    mutating func handle(
        _ message: Message, from worker: WorkerSession, in session: SessionID, _ ledger: any LedgerTransaction, now: Now
    ) throws -> [Directive] {
        switch message {
        case .leaseRequest(let request):
            guard let stage = request.stage.stage, worker.stages.contains(stage) else {
                return fail(
                    session, .unknownStage,
                    "expected a stage named in Hello, got \"\(request.stage.text)\"")
            }
            guard request.credit >= 1 else {
                return fail(session, .invalidField, "credit: expected 1 or more, got \(request.credit)")
            }
            sessions.add(
                OpenRequest(session: session, requestID: request.id, stage: stage, credit: request.credit))
            lookAgain.insert(stage)
            return []
        case .heartbeat(let heartbeat):
            return [.send(session, .heartbeatReply(try extend(heartbeat, of: worker.worker, ledger, now: now)))]
        case .report(let report):
            return [.send(session, .reportAck(try settle(report, of: worker.worker, ledger, now: now)))]
        case .release(let release):
            return [.send(session, .releaseAck(try give(back: release, of: worker.worker, ledger, now: now)))]
        case .eventReport(let report):
            return [.send(session, .eventAck(try record(report, of: worker, ledger, now: now)))]
        case .goodbye:
            sessions.close(session)
            notices.append(WorkerNotice(kind: .left, worker: worker.worker.text, detail: "said goodbye"))
            return [.close(session)]
        case .error(let error):
            guard error.isFatal else { return [] }
            sessions.close(session)
            notices.append(WorkerNotice(kind: .left, worker: worker.worker.text, detail: error.message))
            return [.close(session)]
        case .hello, .welcome, .refused, .leaseGranted, .heartbeatReply, .reportAck, .releaseAck, .eventAck:
            return fail(session, .unexpectedMessage, "expected a worker's message, got \(message.name)")
        }
    }

    /// Whether another worker was granted this lease: its number says nothing of who holds it, and is easily guessed.
    private mutating func isForeign(
        _ key: LeaseKey, to worker: WorkerID, _ verb: String, _ ledger: any LedgerTransaction
    ) throws -> Bool {
        let live = leases[key.id]
        let holder = live?.key == key ? live?.worker : try ledger.holder(of: key)
        guard let holder, holder != worker else { return false }
        refused(worker, "\(verb) lease \(key.id), which is another worker's")
        return true
    }

    /// A word of a worker that changes nothing; whoever reads the log sees it.
    private mutating func refused(_ worker: WorkerID, _ detail: String) {
        notices.append(WorkerNotice(kind: .refused, worker: worker.text, detail: detail))
    }

    private mutating func extend(
        _ heartbeat: Message.Heartbeat, of worker: WorkerID, _ ledger: any LedgerTransaction, now: Now
    ) throws -> Message.HeartbeatReply {
        var reply = Message.HeartbeatReply(
            sequence: heartbeat.sequence, durationMilliseconds: limits.leaseMilliseconds, extended: [], lost: [],
            cancelled: [], drain: isEnding)
        for key in heartbeat.leases {
            if leases[key.id]?.key == key, try !isForeign(key, to: worker, "asked for", ledger),
                try ledger.extendIfHeld(key, at: now.wall),
                leases.extend(key, to: now.uptime + limits.leaseMilliseconds)
            {
                reply.extended.append(key.id)
                // What waits with the outside is taken back: nobody is called when the window has closed.
                reply.cancelled += try ledger.closedTasks(under: key, at: now.wall, limit: Limits.cancelledPerLease)
            } else {
                reply.lost.append(key.id)
            }
        }
        return reply
    }

    private mutating func settle(
        _ report: Message.Report, of worker: WorkerID, _ ledger: any LedgerTransaction, now: Now
    ) throws -> Message.ReportAck {
        let lease = leases[report.lease.id]
        let isForeign = try isForeign(report.lease, to: worker, "reported under", ledger)
        var verdicts: [Message.TaskVerdict] = []
        for outcome in report.outcomes {
            let verdict: Verdict =
                try isForeign ? .leaseLost : settle(outcome, under: report.lease, of: worker, ledger, now: now)
            verdicts.append(Message.TaskVerdict(task: outcome.task, verdict: verdict))
            if verdict == .accepted { try took(report.lease, ledger, now: now) }
            guard !isForeign, outcome.attempt == .neverSeen || outcome.attempt == .unknown else { continue }
            if outcome.attempt == .unknown { inquiryDelay.becameUncertain(lastPossibleAttempt: now.uptime) }
            if let stage = lease?.stage { lookAgain.insert(stage) } else { lookEverywhere() }
        }
        return Message.ReportAck(report: report.id, lease: report.lease.id, verdicts: verdicts)
    }

    /// Books what came of a task on its own run's day, whatever run is in hand now.
    private mutating func settle(
        _ outcome: Outcome, under lease: LeaseKey, of worker: WorkerID, _ ledger: any LedgerTransaction, now: Now
    ) throws -> Verdict {
        guard let record = try ledger.task(outcome.task), let date = try day(of: record, ledger) else {
            return .unknownTask
        }
        var outcome = outcome
        if let fault = try fault(of: outcome, on: record.task, day: date, ledger, now: now) {
            refused(worker, "outcome of task \(outcome.task): \(fault)")
            outcome = outcome.withoutWhatCannotBe(because: fault)
        }
        return try ledger.settleIfHeld(outcome, under: lease, businessDate: date, at: now.wall)
    }

    /// Most outcomes name neither an amount nor a day: they are measured by their stage alone.
    private func fault(
        of outcome: Outcome, on task: StageTask, day: CalendarDate, _ ledger: any LedgerTransaction, now: Now
    ) throws -> String? {
        guard outcome.attempt == .made || outcome.attempt == .notMade else { return nil }
        if let fault = outcome.fault(in: task.stage) { return fault }
        guard outcome.amount != nil || outcome.date != nil, let scale = try scale(of: task, day: day, ledger, now: now)
        else { return nil }
        return outcome.fault(by: scale)
    }

    private func scale(
        of task: StageTask, day: CalendarDate, _ ledger: any LedgerTransaction, now: Now
    ) throws -> NewsScale? {
        guard let account = try ledger.accountMark(task.caseID, in: task.run)?.stored.account else { return nil }
        return NewsScale(stage: task.stage, balance: account.balance, day: day, today: CalendarDate(utc: now.wall))
    }

    private mutating func give(
        back release: Message.Release, of worker: WorkerID, _ ledger: any LedgerTransaction, now: Now
    ) throws -> Message.ReleaseAck {
        let stage = leases[release.lease.id]?.stage
        var verdicts: [Message.TaskVerdict] = []
        guard try !isForeign(release.lease, to: worker, "gave back", ledger) else {
            return Message.ReleaseAck(
                release: release.id, verdicts: release.tasks.map { Message.TaskVerdict(task: $0, verdict: .leaseLost) })
        }
        // An inquiry that is given back is uncertain again.
        if !release.tasks.isEmpty { inquiryDelay.becameUncertain(lastPossibleAttempt: now.uptime) }
        for task in release.tasks {
            let verdict = try ledger.releaseIfHeld(
                task, under: release.lease, isCounted: release.isAfterRestart, at: now.wall)
            verdicts.append(Message.TaskVerdict(task: task, verdict: verdict))
            if verdict == .accepted { try took(release.lease, ledger, now: now) }
        }
        if let stage { lookAgain.insert(stage) } else { lookEverywhere() }
        return Message.ReleaseAck(release: release.id, verdicts: verdicts)
    }

    /// One task less in a lease; a lease without tasks ends.
    private mutating func took(_ key: LeaseKey, _ ledger: any LedgerTransaction, now: Now) throws {
        guard leases.takeTask(from: key) else { return }
        leases.end(key)
        let left = try ledger.expireIfHeld(key, at: now.wall)
        precondition(left == 0, "lease \(key.id) ended with \(left) tasks that were not counted")
    }

    /// News comes from whoever had the task; what cannot be is told to the log, and the rest is taken.
    private mutating func record(
        _ report: Message.EventReport, of worker: WorkerSession, _ ledger: any LedgerTransaction, now: Now
    ) throws -> Message.EventAck {
        var unknown: [TaskID] = []
        for event in report.events {
            guard let record = try ledger.task(event.task), let day = try day(of: record, ledger) else {
                unknown.append(event.task)
                continue
            }
            if let fault = try fault(of: event, on: record.task, from: worker, day: day, ledger, now: now) {
                refused(worker.worker, "event of task \(event.task): \(fault)")
                unknown.append(event.task)
                continue
            }
            _ = try ledger.recordEvent(event, businessDate: event.date ?? day, at: now.wall)
        }
        return Message.EventAck(report: report.id, unknownTasks: unknown)
    }

    private func fault(
        of event: CaseEvent, on task: StageTask, from worker: WorkerSession, day: CalendarDate,
        _ ledger: any LedgerTransaction, now: Now
    ) throws -> String? {
        guard worker.stages.contains(task.stage) else {
            return "expected one of a stage named in Hello, got \(task.stage.rawValue)"
        }
        guard try ledger.transitions(of: task.id).contains(where: { $0.worker == worker.worker }) else {
            return "expected a task that this worker had, got another"
        }
        return try scale(of: task, day: day, ledger, now: now).flatMap { event.fault(by: $0) }
    }

    private mutating func day(of record: TaskRecord, _ ledger: any LedgerTransaction) throws -> CalendarDate? {
        try businessDays.day(ofRun: record.task.run, in: ledger)
    }
}
