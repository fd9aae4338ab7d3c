// Owns: domain messages → protobuf. Knows nothing of frames.
import Arrears
import Foundation
import Leasing

extension Message {
    /// "RCOP"
    static let magic: UInt32 = 0x5243_4F50

    /// The message as the payload of one frame.
    package func envelope() -> [UInt8] {
        var envelope = Recoup_V1_Envelope()
        switch self {
        case .hello(let hello): envelope.hello = hello.proto
        case .welcome(let welcome): envelope.welcome = welcome.proto
        case .refused(let refused): envelope.refused = refused.proto
        case .leaseRequest(let request): envelope.leaseRequest = request.proto
        case .leaseGranted(let grant): envelope.leaseGranted = grant.proto
        case .heartbeat(let heartbeat): envelope.heartbeat = heartbeat.proto
        case .heartbeatReply(let reply): envelope.heartbeatReply = reply.proto
        case .report(let report): envelope.report = report.proto
        case .reportAck(let ack): envelope.reportAck = ack.proto
        case .release(let release): envelope.release = release.proto
        case .releaseAck(let ack): envelope.releaseAck = ack.proto
        case .eventReport(let report): envelope.eventReport = report.proto
        case .eventAck(let ack): envelope.eventAck = ack.proto
        case .goodbye(let reason): envelope.goodbye.reason = reason
        case .error(let failure): envelope.error = failure.proto
        }
        return envelope.bytes()
    }
}

extension Message.Hello {
    var proto: Recoup_V1_Hello {
        var hello = Recoup_V1_Hello()
        hello.magic = Message.magic
        hello.versionMin = UInt32(versions.lowerBound)
        hello.versionMax = UInt32(versions.upperBound)
        hello.workerID = worker.text
        hello.incarnation = incarnation
        hello.stages = stages.map(\.text)
        hello.capacity = UInt32(capacity)
        hello.software = software
        return hello
    }
}

extension Message.Welcome {
    var proto: Recoup_V1_Welcome {
        var welcome = Recoup_V1_Welcome()
        welcome.version = UInt32(version)
        welcome.maxFrameBytes = UInt32(frameBytes)
        welcome.leaseDurationMs = UInt32(leaseMilliseconds)
        welcome.heartbeatIntervalMs = UInt32(heartbeatMilliseconds)
        welcome.safetyMarginMs = UInt32(safetyMarginMilliseconds)
        welcome.maxTasksPerLease = UInt32(tasksPerLease)
        welcome.coordinator = coordinator
        return welcome
    }
}

extension Message.Refused {
    var proto: Recoup_V1_Refused {
        var refused = Recoup_V1_Refused()
        refused.code = code.proto
        refused.message = message
        refused.acceptedVersionMin = UInt32(acceptedVersions.lowerBound)
        refused.acceptedVersionMax = UInt32(acceptedVersions.upperBound)
        refused.acceptedStages = acceptedStages.map(\.text)
        return refused
    }
}

extension Message.Failure {
    var proto: Recoup_V1_Error {
        var error = Recoup_V1_Error()
        error.code = code.proto
        error.fatal = isFatal
        error.message = message
        return error
    }
}

extension Message.LeaseRequest {
    var proto: Recoup_V1_LeaseRequest {
        var request = Recoup_V1_LeaseRequest()
        request.requestID = id
        request.stage = stage.text
        request.credit = UInt32(credit)
        return request
    }
}

extension Message.LeaseGranted {
    var proto: Recoup_V1_LeaseGranted {
        var grant = Recoup_V1_LeaseGranted()
        grant.requestID = self.request
        grant.leaseID = lease.id.rawValue
        grant.epoch = lease.epoch.rawValue
        grant.durationMs = UInt32(durationMilliseconds)
        grant.tasks = tasks.map { task in
            var proto = Recoup_V1_Task()
            proto.taskID = task.id.text
            proto.mode = task.mode == .attempt ? .attempt : .inquire
            proto.startWithinMs = UInt32(task.startWithinMilliseconds)
            proto.delivery = UInt32(task.delivery)
            proto.content = Data(task.content)
            return proto
        }
        return grant
    }
}

extension Message.Heartbeat {
    var proto: Recoup_V1_Heartbeat {
        var heartbeat = Recoup_V1_Heartbeat()
        heartbeat.sequence = sequence
        heartbeat.leases = leases.map { key in
            var held = Recoup_V1_HeldLease()
            held.leaseID = key.id.rawValue
            held.epoch = key.epoch.rawValue
            return held
        }
        return heartbeat
    }
}

extension Message.HeartbeatReply {
    var proto: Recoup_V1_HeartbeatReply {
        var reply = Recoup_V1_HeartbeatReply()
        reply.sequence = sequence
        reply.durationMs = UInt32(durationMilliseconds)
        reply.extended = extended.map(\.rawValue)
        reply.lost = lost.map(\.rawValue)
        reply.cancelledTaskIds = cancelled.map(\.text)
        reply.drain = drain
        return reply
    }
}

extension Message.Report {
    var proto: Recoup_V1_Report {
        var report = Recoup_V1_Report()
        report.reportID = id
        report.leaseID = lease.id.rawValue
        report.epoch = lease.epoch.rawValue
        report.outcomes = outcomes.map(\.proto)
        return report
    }
}

extension Message.ReportAck {
    var proto: Recoup_V1_ReportAck {
        var ack = Recoup_V1_ReportAck()
        ack.reportID = report
        ack.leaseID = lease.rawValue
        ack.verdicts = verdicts.map(\.proto)
        return ack
    }
}

extension Message.TaskVerdict {
    var proto: Recoup_V1_TaskVerdict {
        var proto = Recoup_V1_TaskVerdict()
        proto.taskID = task.text
        proto.verdict = verdict.proto
        return proto
    }
}

extension Message.Release {
    var proto: Recoup_V1_Release {
        var release = Recoup_V1_Release()
        release.releaseID = id
        release.leaseID = lease.id.rawValue
        release.epoch = lease.epoch.rawValue
        release.taskIds = tasks.map(\.text)
        release.afterRestart = isAfterRestart
        return release
    }
}

extension Message.ReleaseAck {
    var proto: Recoup_V1_ReleaseAck {
        var ack = Recoup_V1_ReleaseAck()
        ack.releaseID = release
        ack.verdicts = verdicts.map(\.proto)
        return ack
    }
}

extension Message.EventReport {
    var proto: Recoup_V1_EventReport {
        var report = Recoup_V1_EventReport()
        report.reportID = id
        report.events = events.map(\.proto)
        return report
    }
}

extension Message.EventAck {
    var proto: Recoup_V1_EventAck {
        var ack = Recoup_V1_EventAck()
        ack.reportID = report
        ack.unknownTaskIds = unknownTasks.map(\.text)
        return ack
    }
}

extension ErrorCode {
    var proto: Recoup_V1_ErrorCode { Recoup_V1_ErrorCode(rawValue: rawValue) ?? .unspecified }
}

extension Verdict {
    var proto: Recoup_V1_Verdict {
        switch self {
        case .accepted: .accepted
        case .alreadyKnown: .alreadyKnown
        case .leaseLost: .leaseLost
        case .late: .late
        case .unknownTask: .unknownTask
        }
    }
}
