// Owns: what a coordinator and a worker say to each other, as values. Knows nothing of bytes or of connections.
import Arrears

/// One message of the lease protocol; one frame carries one.
package enum Message: Hashable, Sendable {
    case hello(Hello)
    case welcome(Welcome)
    case refused(Refused)
    case leaseRequest(LeaseRequest)
    case leaseGranted(LeaseGranted)
    case heartbeat(Heartbeat)
    case heartbeatReply(HeartbeatReply)
    case report(Report)
    case reportAck(ReportAck)
    case release(Release)
    case releaseAck(ReleaseAck)
    case eventReport(EventReport)
    case eventAck(EventAck)
    case goodbye(reason: String)
    case error(Failure)

    /// The protocol versions that this build speaks.
    package static let versions: ClosedRange<Int> = 1...1

    /// Who may send a message.
    package enum Sender: Hashable, Sendable { case worker, coordinator, either }

    package var sender: Sender {
        switch self {
        case .hello, .leaseRequest, .heartbeat, .report, .release, .eventReport: .worker
        case .welcome, .refused, .leaseGranted, .heartbeatReply, .reportAck, .releaseAck, .eventAck: .coordinator
        case .goodbye, .error: .either
        }
    }

    /// The message's name, for logs and errors; never its content.
    package var name: String {
        switch self {
        case .hello: "Hello"
        case .welcome: "Welcome"
        case .refused: "Refused"
        case .leaseRequest: "LeaseRequest"
        case .leaseGranted: "LeaseGranted"
        case .heartbeat: "Heartbeat"
        case .heartbeatReply: "HeartbeatReply"
        case .report: "Report"
        case .reportAck: "ReportAck"
        case .release: "Release"
        case .releaseAck: "ReleaseAck"
        case .eventReport: "EventReport"
        case .eventAck: "EventAck"
        case .goodbye: "Goodbye"
        case .error: "Error"
        }
    }
}

/// Why a message, a connection or a worker is refused. The raw value is the number on the wire.
package enum ErrorCode: Int, Hashable, Sendable, CaseIterable {
    /// A code of a later version.
    case unspecified = 0
    case frameEmpty = 1
    case frameTooLong = 2
    case undecodable = 3
    case badMagic = 4
    case versionUnsupported = 5
    case unknownStage = 6
    case invalidField = 7
    case unexpectedMessage = 8
    case handshakeTimeout = 9
    case duplicateWorker = 10
    case ledgerUnavailable = 11
    case shuttingDown = 12
    case slowConsumer = 13
    case frameTruncated = 14
}

/// A stage by its name on the wire, which this build may not know: so that it can be refused by name.
package struct StageName: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package init(_ stage: Stage) { self.text = stage.rawValue }
    /// nil: a stage that this build does not know.
    package var stage: Stage? { Stage(rawValue: text) }
    package var description: String { text }
}

extension Message {
    /// A worker introduces itself: the first message of a connection.
    package struct Hello: Hashable, Sendable {
        package var versions: ClosedRange<Int>
        package var worker: WorkerID
        /// Random, new each time the worker process starts, not 0.
        package var incarnation: UInt64
        package var stages: [StageName]
        /// Tasks it can hold at most.
        package var capacity: Int
        /// Name and version, for people.
        package var software: String
        package init(
            versions: ClosedRange<Int> = Message.versions, worker: WorkerID, incarnation: UInt64,
            stages: [StageName], capacity: Int, software: String = ""
        ) {
            self.versions = versions
            self.worker = worker
            self.incarnation = incarnation
            self.stages = stages
            self.capacity = capacity
            self.software = software
        }
        package var unknownStages: [StageName] { stages.filter { $0.stage == nil } }
    }

    /// The answer to a Hello that is accepted.
    package struct Welcome: Hashable, Sendable {
        package var version: Int
        /// Limit on a frame's payload from now on.
        package var frameBytes: Int
        package var leaseMilliseconds: Int64
        package var heartbeatMilliseconds: Int64
        package var safetyMarginMilliseconds: Int64
        package var tasksPerLease: Int
        /// Name and version, for people.
        package var coordinator: String
        package init(
            version: Int, frameBytes: Int, leaseMilliseconds: Int64, heartbeatMilliseconds: Int64,
            safetyMarginMilliseconds: Int64, tasksPerLease: Int, coordinator: String = ""
        ) {
            self.version = version
            self.frameBytes = frameBytes
            self.leaseMilliseconds = leaseMilliseconds
            self.heartbeatMilliseconds = heartbeatMilliseconds
            self.safetyMarginMilliseconds = safetyMarginMilliseconds
            self.tasksPerLease = tasksPerLease
            self.coordinator = coordinator
        }
        package init(version: Int, limits: Limits, coordinator: String = "") {
            self.init(
                version: version, frameBytes: limits.frameBytes, leaseMilliseconds: limits.leaseMilliseconds,
                heartbeatMilliseconds: limits.heartbeatMilliseconds,
                safetyMarginMilliseconds: limits.safetyMarginMilliseconds, tasksPerLease: limits.tasksPerLease,
                coordinator: coordinator)
        }
    }

    /// The answer to a Hello that is not accepted, with what would be.
    package struct Refused: Hashable, Sendable {
        package var code: ErrorCode
        /// "expected X, got Y"
        package var message: String
        package var acceptedVersions: ClosedRange<Int>
        package var acceptedStages: [StageName]
        package init(
            code: ErrorCode, message: String, acceptedVersions: ClosedRange<Int> = Message.versions,
            acceptedStages: [StageName] = Stage.allCases.map { StageName($0) }
        ) {
            self.code = code
            self.message = message
            self.acceptedVersions = acceptedVersions
            self.acceptedStages = acceptedStages
        }
    }

    /// Either side reports a fault; a fatal one is the last message of a connection.
    package struct Failure: Hashable, Sendable {
        package var code: ErrorCode
        package var isFatal: Bool
        /// "expected X, got Y"
        package var message: String
        package init(code: ErrorCode, isFatal: Bool, message: String) {
            self.code = code
            self.isFatal = isFatal
            self.message = message
        }
    }

    package struct LeaseRequest: Hashable, Sendable {
        /// The worker's own number, returned in the grant.
        package var id: UInt64
        package var stage: StageName
        /// How many tasks it can finish within a lease, 1 or more.
        package var credit: Int
        package init(id: UInt64, stage: StageName, credit: Int) {
            self.id = id
            self.stage = stage
            self.credit = credit
        }
    }

    package struct LeaseGranted: Hashable, Sendable {
        package var request: UInt64
        package var lease: LeaseKey
        package var durationMilliseconds: Int64
        package var tasks: [GrantedTask]
        package init(request: UInt64, lease: LeaseKey, durationMilliseconds: Int64, tasks: [GrantedTask]) {
            self.request = request
            self.lease = lease
            self.durationMilliseconds = durationMilliseconds
            self.tasks = tasks
        }
    }

    package struct Heartbeat: Hashable, Sendable {
        /// The worker's own number, returned in the reply.
        package var sequence: UInt64
        package var leases: [LeaseKey]
        package init(sequence: UInt64, leases: [LeaseKey]) {
            self.sequence = sequence
            self.leases = leases
        }
    }

    package struct HeartbeatReply: Hashable, Sendable {
        package var sequence: UInt64
        /// An extended lease lasts this long from when the heartbeat was sent.
        package var durationMilliseconds: Int64
        package var extended: [LeaseID]
        package var lost: [LeaseID]
        /// Withdrawn while leased: not to be started.
        package var cancelled: [TaskID]
        /// Finish what is held, ask for no more.
        package var drain: Bool
        package init(
            sequence: UInt64, durationMilliseconds: Int64, extended: [LeaseID], lost: [LeaseID] = [],
            cancelled: [TaskID] = [], drain: Bool = false
        ) {
            self.sequence = sequence
            self.durationMilliseconds = durationMilliseconds
            self.extended = extended
            self.lost = lost
            self.cancelled = cancelled
            self.drain = drain
        }
    }

    /// The same report again gets the same answer.
    package struct Report: Hashable, Sendable {
        package var id: UInt64
        package var lease: LeaseKey
        package var outcomes: [Outcome]
        package init(id: UInt64, lease: LeaseKey, outcomes: [Outcome]) {
            self.id = id
            self.lease = lease
            self.outcomes = outcomes
        }
    }

    /// Sent only when the outcomes are durable.
    package struct ReportAck: Hashable, Sendable {
        package var report: UInt64
        package var lease: LeaseID
        package var verdicts: [TaskVerdict]
        package init(report: UInt64, lease: LeaseID, verdicts: [TaskVerdict]) {
            self.report = report
            self.lease = lease
            self.verdicts = verdicts
        }
    }

    package struct TaskVerdict: Hashable, Sendable {
        package var task: TaskID
        package var verdict: Verdict
        package init(task: TaskID, verdict: Verdict) {
            self.task = task
            self.verdict = verdict
        }
    }

    /// Tasks that were not attempted, given back at once.
    package struct Release: Hashable, Sendable {
        package var id: UInt64
        package var lease: LeaseKey
        package var tasks: [TaskID]
        /// The process that took them ended before it began them: the delivery counts.
        package var isAfterRestart: Bool
        package init(id: UInt64, lease: LeaseKey, tasks: [TaskID], isAfterRestart: Bool = false) {
            self.id = id
            self.lease = lease
            self.tasks = tasks
            self.isAfterRestart = isAfterRestart
        }
    }

    package struct ReleaseAck: Hashable, Sendable {
        package var release: UInt64
        package var verdicts: [TaskVerdict]
        package init(release: UInt64, verdicts: [TaskVerdict]) {
            self.release = release
            self.verdicts = verdicts
        }
    }

    /// News about tasks that were settled before.
    package struct EventReport: Hashable, Sendable {
        package var id: UInt64
        package var events: [CaseEvent]
        package init(id: UInt64, events: [CaseEvent]) {
            self.id = id
            self.events = events
        }
    }

    /// Sent only when the events are durable.
    package struct EventAck: Hashable, Sendable {
        package var report: UInt64
        package var unknownTasks: [TaskID]
        package init(report: UInt64, unknownTasks: [TaskID] = []) {
            self.report = report
            self.unknownTasks = unknownTasks
        }
    }
}

/// A task as it is granted: times are spans, since two hosts share no clock.
package struct GrantedTask: Hashable, Sendable {
    package var id: TaskID
    package var mode: TaskMode
    /// No attempt may start later than this after the lease's beginning.
    package var startWithinMilliseconds: Int64
    package var delivery: Int
    /// The stage's content in wire encoding.
    package var content: [UInt8]
    package init(id: TaskID, mode: TaskMode, startWithinMilliseconds: Int64, delivery: Int, content: [UInt8]) {
        self.id = id
        self.mode = mode
        self.startWithinMilliseconds = startWithinMilliseconds
        self.delivery = delivery
        self.content = content
    }

    /// A leased task as it is told to a worker at `wall` of the business clock.
    package init(_ task: LeasedTask, at wall: Timestamp) {
        let left = task.notAfter.milliseconds - wall.milliseconds
        self.init(
            id: task.id, mode: task.mode,
            // 32 bits on the wire; no contact window is 49 days long.
            startWithinMilliseconds: min(max(0, left), Int64(UInt32.max)),
            delivery: task.delivery, content: task.content)
    }
}
