// Owns: protobuf → domain messages, every field checked. Knows nothing of frames.
import Arrears
import Leasing

extension Message {
    /// The message in the payload of one frame.
    /// - Throws: `.undecodable`, `.badMagic` or `.invalidField`.
    package init(envelope bytes: [UInt8]) throws(WireError) {
        let envelope = try Recoup_V1_Envelope(checked: bytes, "payload")
        guard let message = envelope.message else {
            throw WireError(.undecodable, "payload: expected an envelope with a message, got none that is known")
        }
        self =
            switch message {
            case .hello(let hello): .hello(try Hello(hello))
            case .welcome(let welcome): .welcome(try Welcome(welcome))
            case .refused(let refused): .refused(try Refused(refused))
            case .leaseRequest(let request): .leaseRequest(try LeaseRequest(request))
            case .leaseGranted(let grant): .leaseGranted(try LeaseGranted(grant))
            case .heartbeat(let heartbeat): .heartbeat(try Heartbeat(heartbeat))
            case .heartbeatReply(let reply): .heartbeatReply(try HeartbeatReply(reply))
            case .report(let report): .report(try Report(report))
            case .reportAck(let ack): .reportAck(try ReportAck(ack))
            case .release(let release): .release(try Release(release))
            case .releaseAck(let ack): .releaseAck(try ReleaseAck(ack))
            case .eventReport(let report): .eventReport(try EventReport(report))
            case .eventAck(let ack): .eventAck(try EventAck(ack))
            case .goodbye(let goodbye):
                .goodbye(reason: try Check.text(goodbye.reason, upTo: Bounds.messageBytes, "reason"))
            case .error(let error): .error(try Failure(error))
            }
    }
}

extension Message.Hello {
    init(_ hello: Recoup_V1_Hello) throws(WireError) {
        guard hello.magic == Message.magic else {
            let (expected, got) = (String(Message.magic, radix: 16), String(hello.magic, radix: 16))
            throw WireError(.badMagic, "magic: expected 0x\(expected), got 0x\(got)")
        }
        guard hello.versionMin >= 1, hello.versionMin <= hello.versionMax, hello.versionMax <= 1_000_000 else {
            throw .field(
                "version_min–version_max", expected: "1 or more, ascending",
                got: "\(hello.versionMin)–\(hello.versionMax)")
        }
        guard hello.incarnation != 0 else { throw .field("incarnation", expected: "not 0", got: 0) }
        guard (1...Bounds.stages).contains(hello.stages.count) else {
            throw .field("stages", expected: "1–\(Bounds.stages)", got: hello.stages.count)
        }
        var stages: [StageName] = []
        for stage in hello.stages { stages.append(try Check.stageName(stage)) }
        self.init(
            versions: Int(hello.versionMin)...Int(hello.versionMax),
            worker: try Check.worker(hello.workerID), incarnation: hello.incarnation, stages: stages,
            capacity: Int(try Check.number(hello.capacity, in: 1...Int64(Bounds.credit), "capacity")),
            software: try Check.text(hello.software, upTo: Bounds.softwareBytes, "software"))
    }
}

extension Message.Welcome {
    init(_ welcome: Recoup_V1_Welcome) throws(WireError) {
        self.init(
            version: Int(try Check.number(welcome.version, in: 1...1_000_000, "version")),
            frameBytes: Int(try Check.number(welcome.maxFrameBytes, in: 1_024...268_435_456, "max_frame_bytes")),
            leaseMilliseconds: try Check.number(welcome.leaseDurationMs, in: 1...86_400_000, "lease_duration_ms"),
            heartbeatMilliseconds: try Check.number(
                welcome.heartbeatIntervalMs, in: 1...86_400_000, "heartbeat_interval_ms"),
            safetyMarginMilliseconds: try Check.number(
                welcome.safetyMarginMs, in: 0...Int64(welcome.leaseDurationMs), "safety_margin_ms"),
            tasksPerLease: Int(
                try Check.number(welcome.maxTasksPerLease, in: 1...Int64(Bounds.credit), "max_tasks_per_lease")),
            coordinator: try Check.text(welcome.coordinator, upTo: Bounds.softwareBytes, "coordinator"))
    }
}

extension Message.Refused {
    init(_ refused: Recoup_V1_Refused) throws(WireError) {
        var stages: [StageName] = []
        for stage in refused.acceptedStages.prefix(Bounds.stages) { stages.append(try Check.stageName(stage)) }
        let least = Int(refused.acceptedVersionMin)
        self.init(
            code: ErrorCode(refused.code),
            message: try Check.text(refused.message, upTo: Bounds.messageBytes, "message"),
            acceptedVersions: least...max(least, Int(refused.acceptedVersionMax)), acceptedStages: stages)
    }
}

extension Message.Failure {
    init(_ error: Recoup_V1_Error) throws(WireError) {
        self.init(
            code: ErrorCode(error.code), isFatal: error.fatal,
            message: try Check.text(error.message, upTo: Bounds.messageBytes, "message"))
    }
}

extension Message.LeaseRequest {
    init(_ request: Recoup_V1_LeaseRequest) throws(WireError) {
        self.init(
            id: request.requestID, stage: try Check.stageName(request.stage),
            credit: Int(try Check.number(request.credit, in: 1...Int64(Bounds.credit), "credit")))
    }
}

extension Message.LeaseGranted {
    init(_ grant: Recoup_V1_LeaseGranted) throws(WireError) {
        var tasks: [GrantedTask] = []
        tasks.reserveCapacity(grant.tasks.count)
        for task in grant.tasks { tasks.append(try GrantedTask(task)) }
        self.init(
            request: grant.requestID, lease: try Check.leaseKey(grant.leaseID, grant.epoch),
            durationMilliseconds: try Check.number(grant.durationMs, in: 1...86_400_000, "duration_ms"), tasks: tasks)
    }
}

extension GrantedTask {
    init(_ task: Recoup_V1_Task) throws(WireError) {
        let mode: TaskMode
        switch task.mode {
        case .attempt: mode = .attempt
        case .inquire: mode = .inquire
        case .unspecified, .UNRECOGNIZED:
            throw .field("mode", expected: "TASK_MODE_ATTEMPT or TASK_MODE_INQUIRE", got: task.mode.rawValue)
        }
        self.init(
            id: try Check.task(task.taskID), mode: mode, startWithinMilliseconds: Int64(task.startWithinMs),
            delivery: Int(try Check.number(task.delivery, in: 1...Int64(Int32.max), "delivery")),
            content: Array(task.content))
    }
}

extension Message.Heartbeat {
    init(_ heartbeat: Recoup_V1_Heartbeat) throws(WireError) {
        var leases: [LeaseKey] = []
        for held in heartbeat.leases { leases.append(try Check.leaseKey(held.leaseID, held.epoch)) }
        self.init(sequence: heartbeat.sequence, leases: leases)
    }
}

extension Message.HeartbeatReply {
    init(_ reply: Recoup_V1_HeartbeatReply) throws(WireError) {
        self.init(
            sequence: reply.sequence,
            durationMilliseconds: try Check.number(reply.durationMs, in: 0...86_400_000, "duration_ms"),
            extended: reply.extended.map { LeaseID($0) }, lost: reply.lost.map { LeaseID($0) },
            cancelled: try Check.tasks(reply.cancelledTaskIds, "cancelled_task_ids"), drain: reply.drain)
    }
}

extension Message.Report {
    init(_ report: Recoup_V1_Report) throws(WireError) {
        var outcomes: [Outcome] = []
        outcomes.reserveCapacity(report.outcomes.count)
        for outcome in report.outcomes { outcomes.append(try Outcome(outcome)) }
        self.init(id: report.reportID, lease: try Check.leaseKey(report.leaseID, report.epoch), outcomes: outcomes)
    }
}

extension Message.ReportAck {
    init(_ ack: Recoup_V1_ReportAck) throws(WireError) {
        self.init(
            report: ack.reportID, lease: try Check.lease(ack.leaseID),
            verdicts: try Message.TaskVerdict.all(ack.verdicts))
    }
}

extension Message.TaskVerdict {
    static func all(_ verdicts: [Recoup_V1_TaskVerdict]) throws(WireError) -> [Message.TaskVerdict] {
        var all: [Message.TaskVerdict] = []
        all.reserveCapacity(verdicts.count)
        for verdict in verdicts {
            all.append(Message.TaskVerdict(task: try Check.task(verdict.taskID), verdict: try Verdict(verdict.verdict)))
        }
        return all
    }
}

extension Message.Release {
    init(_ release: Recoup_V1_Release) throws(WireError) {
        self.init(
            id: release.releaseID, lease: try Check.leaseKey(release.leaseID, release.epoch),
            tasks: try Check.tasks(release.taskIds, "task_ids"), isAfterRestart: release.afterRestart)
    }
}

extension Message.ReleaseAck {
    init(_ ack: Recoup_V1_ReleaseAck) throws(WireError) {
        self.init(release: ack.releaseID, verdicts: try Message.TaskVerdict.all(ack.verdicts))
    }
}

extension Message.EventReport {
    init(_ report: Recoup_V1_EventReport) throws(WireError) {
        var events: [CaseEvent] = []
        for event in report.events { events.append(try CaseEvent(event)) }
        self.init(id: report.reportID, events: events)
    }
}

extension Message.EventAck {
    init(_ ack: Recoup_V1_EventAck) throws(WireError) {
        self.init(report: ack.reportID, unknownTasks: try Check.tasks(ack.unknownTaskIds, "unknown_task_ids"))
    }
}

extension ErrorCode {
    /// A code of a later version is `unspecified`.
    init(_ code: Recoup_V1_ErrorCode) { self = ErrorCode(rawValue: code.rawValue) ?? .unspecified }
}

extension Verdict {
    init(_ verdict: Recoup_V1_Verdict) throws(WireError) {
        switch verdict {
        case .accepted: self = .accepted
        case .alreadyKnown: self = .alreadyKnown
        case .leaseLost: self = .leaseLost
        case .late: self = .late
        case .unknownTask: self = .unknownTask
        case .unspecified, .UNRECOGNIZED:
            throw .field("verdict", expected: "1–5", got: verdict.rawValue)
        }
    }
}
