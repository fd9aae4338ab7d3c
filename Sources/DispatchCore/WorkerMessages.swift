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
            return [.send(session, .heartbeatReply(try extend(heartbeat, ledger, now: now)))]
        case .report(let report):
            return try settle(report, in: session, ledger, now: now)
        case .release(let release):
            return [.send(session, .releaseAck(try give(back: release, ledger, now: now)))]
        case .eventReport(let report):
            return [.send(session, .eventAck(try record(report, ledger, now: now)))]
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

    private mutating func extend(
        _ heartbeat: Message.Heartbeat, _ ledger: any LedgerTransaction, now: Now
    ) throws -> Message.HeartbeatReply {
        var reply = Message.HeartbeatReply(
            sequence: heartbeat.sequence, durationMilliseconds: limits.leaseMilliseconds, extended: [], lost: [],
            cancelled: [], drain: isEnding)
        for key in heartbeat.leases {
            if leases[key.id]?.key == key, try ledger.extendIfHeld(key, at: now.wall),
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
        _ report: Message.Report, in session: SessionID, _ ledger: any LedgerTransaction, now: Now
    ) throws -> [Directive] {
        let lease = leases[report.lease.id]
        if let stage = lease?.stage, let wrong = report.outcomes.first(where: { !stage.mayReport($0.code) }) {
            return fail(
                session, .invalidField,
                "outcome code: expected one of stage \(stage.rawValue), got \(wrong.code.rawValue)")
        }
        var verdicts: [Message.TaskVerdict] = []
        for outcome in report.outcomes {
            let verdict = try settle(outcome, under: report.lease, ledger, now: now)
            verdicts.append(Message.TaskVerdict(task: outcome.task, verdict: verdict))
            if verdict == .accepted { try took(report.lease, ledger, now: now) }
            if outcome.attempt == .unknown { inquiryDelay.becameUncertain(lastPossibleAttempt: now.uptime) }
            if outcome.attempt == .neverSeen || outcome.attempt == .unknown {
                if let stage = lease?.stage { lookAgain.insert(stage) } else { lookEverywhere() }
            }
        }
        let acknowledgement = Message.ReportAck(report: report.id, lease: report.lease.id, verdicts: verdicts)
        return [.send(session, .reportAck(acknowledgement))]
    }

    /// Books what came of a task on its own run's day, whatever run is in hand now.
    private mutating func settle(
        _ outcome: Outcome, under lease: LeaseKey, _ ledger: any LedgerTransaction, now: Now
    ) throws -> Verdict {
        guard let date = try businessDays.day(of: outcome.task, in: ledger) else { return .unknownTask }
        return try ledger.settleIfHeld(outcome, under: lease, businessDate: date, at: now.wall)
    }

    private mutating func give(
        back release: Message.Release, _ ledger: any LedgerTransaction, now: Now
    ) throws -> Message.ReleaseAck {
        let stage = leases[release.lease.id]?.stage
        var verdicts: [Message.TaskVerdict] = []
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

    private mutating func record(_ report: Message.EventReport, _ ledger: any LedgerTransaction, now: Now) throws
        -> Message.EventAck
    {
        var unknown: [TaskID] = []
        for event in report.events {
            guard let date = try businessDays.day(of: event.task, in: ledger),
                try ledger.recordEvent(event, businessDate: event.date ?? date, at: now.wall) != nil
            else {
                unknown.append(event.task)
                continue
            }
        }
        return Message.EventAck(report: report.id, unknownTasks: unknown)
    }
}
