// Owns: what a coordinator and a worker say to each other, as values. Knows nothing of bytes or of connections.
import Arrears

/// One message of the lease protocol; one frame carries one.
public enum Message: Hashable, Sendable {
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
    public static let versions: ClosedRange<Int> = 1...1

    /// Who may send a message.
    public enum Sender: Hashable, Sendable { case worker, coordinator, either }

    public var sender: Sender {
        switch self {
        case .hello, .leaseRequest, .heartbeat, .report, .release, .eventReport: .worker
        case .welcome, .refused, .leaseGranted, .heartbeatReply, .reportAck, .releaseAck, .eventAck: .coordinator
        case .goodbye, .error: .either
        }
    }

    /// The message's name, for logs and errors; never its content.
    public var name: String {
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
public enum ErrorCode: Int, Hashable, Sendable, CaseIterable {
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
public struct StageName: Hashable, Sendable, CustomStringConvertible {
    public let text: String
    public init(_ text: String) { self.text = text }
    public init(_ stage: Stage) { self.text = stage.rawValue }
    /// nil: a stage that this build does not know.
    public var stage: Stage? { Stage(rawValue: text) }
    public var description: String { text }
}

extension Message {
    /// A worker introduces itself: the first message of a connection.
    public struct Hello: Hashable, Sendable {
        public var versions: ClosedRange<Int>
        public var worker: WorkerID
        /// Random, new each time the worker process starts, not 0.
        public var incarnation: UInt64
        public var stages: [StageName]
        /// Tasks it can hold at most.
        public var capacity: Int
        /// Name and version, for people.
        public var software: String
        public init(
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
        public var unknownStages: [StageName] { stages.filter { $0.stage == nil } }
    }

    /// The answer to a Hello that is accepted.
    public struct Welcome: Hashable, Sendable {
        public var version: Int
        /// Limit on a frame's payload from now on.
        public var frameBytes: Int
        public var leaseMilliseconds: Int64
        public var heartbeatMilliseconds: Int64
        public var safetyMarginMilliseconds: Int64
        public var tasksPerLease: Int
        /// Name and version, for people.
        public var coordinator: String
        public init(
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
        public init(version: Int, limits: Limits, coordinator: String = "") {
            self.init(
                version: version, frameBytes: limits.frameBytes, leaseMilliseconds: limits.leaseMilliseconds,
                heartbeatMilliseconds: limits.heartbeatMilliseconds,
                safetyMarginMilliseconds: limits.safetyMarginMilliseconds, tasksPerLease: limits.tasksPerLease,
                coordinator: coordinator)
        }
    }

    /// The answer to a Hello that is not accepted, with what would be.
    public struct Refused: Hashable, Sendable {
        public var code: ErrorCode
        /// "expected X, got Y"
        public var message: String
        public var acceptedVersions: ClosedRange<Int>
        public var acceptedStages: [StageName]
        public init(
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
    public struct Failure: Hashable, Sendable {
        public var code: ErrorCode
        public var isFatal: Bool
        /// "expected X, got Y"
        public var message: String
        public init(code: ErrorCode, isFatal: Bool, message: String) {
            self.code = code
            self.isFatal = isFatal
            self.message = message
        }
    }

    public struct LeaseRequest: Hashable, Sendable {
        /// The worker's own number, returned in the grant.
        public var id: UInt64
        public var stage: StageName
        /// How many tasks it can finish within a lease, 1 or more.
        public var credit: Int
        public init(id: UInt64, stage: StageName, credit: Int) {
            self.id = id
            self.stage = stage
            self.credit = credit
        }
    }

    public struct LeaseGranted: Hashable, Sendable {
        public var request: UInt64
        public var lease: LeaseKey
        public var durationMilliseconds: Int64
        public var tasks: [GrantedTask]
        public init(request: UInt64, lease: LeaseKey, durationMilliseconds: Int64, tasks: [GrantedTask]) {
            self.request = request
            self.lease = lease
            self.durationMilliseconds = durationMilliseconds
            self.tasks = tasks
        }
    }

    public struct Heartbeat: Hashable, Sendable {
        /// The worker's own number, returned in the reply.
        public var sequence: UInt64
        public var leases: [LeaseKey]
        public init(sequence: UInt64, leases: [LeaseKey]) {
            self.sequence = sequence
            self.leases = leases
        }
    }

    public struct HeartbeatReply: Hashable, Sendable {
        public var sequence: UInt64
        /// An extended lease lasts this long from when the heartbeat was sent.
        public var durationMilliseconds: Int64
        public var extended: [LeaseID]
        public var lost: [LeaseID]
        /// Withdrawn while leased: not to be started.
        public var cancelled: [TaskID]
        /// Finish what is held, ask for no more.
        public var drain: Bool
        public init(
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
    public struct Report: Hashable, Sendable {
        public var id: UInt64
        public var lease: LeaseKey
        public var outcomes: [Outcome]
        public init(id: UInt64, lease: LeaseKey, outcomes: [Outcome]) {
            self.id = id
            self.lease = lease
            self.outcomes = outcomes
        }
    }

    /// Sent only when the outcomes are durable.
    public struct ReportAck: Hashable, Sendable {
        public var report: UInt64
        public var lease: LeaseID
        public var verdicts: [TaskVerdict]
        public init(report: UInt64, lease: LeaseID, verdicts: [TaskVerdict]) {
            self.report = report
            self.lease = lease
            self.verdicts = verdicts
        }
    }

    public struct TaskVerdict: Hashable, Sendable {
        public var task: TaskID
        public var verdict: Verdict
        public init(task: TaskID, verdict: Verdict) {
            self.task = task
            self.verdict = verdict
        }
    }

    /// Tasks that were not attempted, given back at once.
    public struct Release: Hashable, Sendable {
        public var id: UInt64
        public var lease: LeaseKey
        public var tasks: [TaskID]
        /// The process that took them ended before it began them: the delivery counts.
        public var isAfterRestart: Bool
        public init(id: UInt64, lease: LeaseKey, tasks: [TaskID], isAfterRestart: Bool = false) {
            self.id = id
            self.lease = lease
            self.tasks = tasks
            self.isAfterRestart = isAfterRestart
        }
    }

    public struct ReleaseAck: Hashable, Sendable {
        public var release: UInt64
        public var verdicts: [TaskVerdict]
        public init(release: UInt64, verdicts: [TaskVerdict]) {
            self.release = release
            self.verdicts = verdicts
        }
    }

    /// News about tasks that were settled before.
    public struct EventReport: Hashable, Sendable {
        public var id: UInt64
        public var events: [CaseEvent]
        public init(id: UInt64, events: [CaseEvent]) {
            self.id = id
            self.events = events
        }
    }

    /// Sent only when the events are durable.
    public struct EventAck: Hashable, Sendable {
        public var report: UInt64
        public var unknownTasks: [TaskID]
        public init(report: UInt64, unknownTasks: [TaskID] = []) {
            self.report = report
            self.unknownTasks = unknownTasks
        }
    }
}

/// A task as it is granted: times are spans, since two hosts share no clock.
public struct GrantedTask: Hashable, Sendable {
    public var id: TaskID
    public var mode: TaskMode
    /// No attempt may start later than this after the lease's beginning.
    public var startWithinMilliseconds: Int64
    public var delivery: Int
    /// The stage's content in wire encoding.
    public var content: [UInt8]
    public init(id: TaskID, mode: TaskMode, startWithinMilliseconds: Int64, delivery: Int, content: [UInt8]) {
        self.id = id
        self.mode = mode
        self.startWithinMilliseconds = startWithinMilliseconds
        self.delivery = delivery
        self.content = content
    }

    /// A leased task as it is told to a worker at `wall` of the business clock.
    public init(_ task: LeasedTask, at wall: Timestamp) {
        let left = task.notAfter.milliseconds - wall.milliseconds
        self.init(
            id: task.id, mode: task.mode,
            // 32 bits on the wire; no contact window is 49 days long.
            startWithinMilliseconds: min(max(0, left), Int64(UInt32.max)),
            delivery: task.delivery, content: task.content)
    }
}
