// Owns: the coordinator's decisions on what workers say: a function of (ledger, input, now) that returns actions.
// Knows no socket, no thread, no clock. The shell persists first and performs the actions after.
import Arrears
import Leasing
import Ledger
import Wire

/// What reaches the core.
public enum Input: Sendable {
    case connected(SessionID)
    case message(SessionID, Message)
    /// The peer sent something that is no message; the listener has answered it and closed.
    case closed(SessionID)
}

/// What the shell is to do after the commit.
public enum Action: Sendable {
    case send(SessionID, Message)
    /// After everything sent before has left.
    case close(SessionID)
}

/// What a person is told of this coordinator's workers.
public struct WorkerNotice: Hashable, Sendable {
    public enum Kind: String, Sendable { case joined, left, refused, leaseExpired }
    public var kind: Kind
    public var worker: String
    public var detail: String
}

/// The coordinator's core.
public struct Core: Sendable {
    let limits: Limits
    let software: String
    /// Makes lease ids unique over all coordinators that ever ran on a ledger.
    let incarnation: UInt32
    /// Leases numbered so far; a number is never used again, whatever became of its grant.
    var grants: UInt32 = 0
    private var sessions = Sessions()
    private(set) var leases = LeaseTable()
    /// The run whose tasks are leased; nil before dispatch and after the report.
    package var dispatching: Dispatching?
    /// No more grants; workers are told to drain.
    var isEnding = false
    /// No grants while the ledger has no room for them; everything else goes on.
    var holdsGrants = false
    /// Stages in which something may have become ready since the last look.
    private var lookAgain: Set<Stage> = Set(Stage.allCases)
    /// When all stages are looked at again, because time alone opens windows and makes inquiries due.
    private var nextLook: Int64 = 0
    private(set) var notices: [WorkerNotice] = []

    /// The run in dispatch: what a settlement needs to know of it.
    package struct Dispatching: Hashable, Sendable {
        package var run: RunID
        package var businessDate: CalendarDate
        package init(run: RunID, businessDate: CalendarDate) {
            self.run = run
            self.businessDate = businessDate
        }
    }

    /// - Parameter incarnation: random, new at each start.
    public init(limits: Limits, incarnation: UInt32, software: String) {
        precondition(limits.faults.isEmpty, "limits: \(limits.faults)")
        self.limits = limits
        self.incarnation = incarnation
        self.software = software
    }

    /// Takes over the leases that were live when the ledger was last written, each for a whole new duration.
    public mutating func recover(_ ledger: any LedgerReading, now: Now) throws {
        for live in try ledger.liveLeases() {
            leases.grant(
                live.lease, worker: live.worker, stage: live.stage,
                deadline: now.uptime + limits.leaseMilliseconds, tasks: nil)
        }
    }

    public mutating func takeNotices() -> [WorkerNotice] {
        defer { notices = [] }
        return notices
    }

    /// Connected workers by stage, for progress: a stage with work and no worker is worth a word.
    public var workersByStage: [Stage: Int] {
        sessions.readySessions.reduce(into: [:]) { counts, ready in
            for stage in ready.worker.stages { counts[stage, default: 0] += 1 }
        }
    }

    var sessionIDs: [SessionID] { sessions.phases.keys.sorted() }

    /// The next moment at which something happens without an input.
    public func nextDeadline(now: Now) -> Int64 {
        var deadline = now.uptime + 60_000
        if let lease = leases.nextDeadline { deadline = min(deadline, lease) }
        if let session = sessions.nextDeadline { deadline = min(deadline, session) }
        if dispatching != nil, !holdsGrants, !sessions.requests.isEmpty { deadline = min(deadline, nextLook) }
        return deadline
    }

    public mutating func apply(_ input: Input, to ledger: any LedgerTransaction, now: Now) throws -> [Action] {
        switch input {
        case .connected(let session):
            sessions.open(session, deadline: now.uptime + limits.handshakeMilliseconds)
            return []
        case .closed(let session):
            return ended(session)
        case .message(let session, let message):
            guard let phase = sessions.phase(session) else { return [] }
            switch phase {
            case .greeting:
                return greet(session, message, now: now)
            case .waiting:
                return fail(session, .unexpectedMessage, "expected to wait for Welcome, got \(message.name)")
            case .ready(let worker):
                return try handle(message, from: worker, in: session, ledger, now: now)
            }
        }
    }

    /// What time alone does: leases and greetings that end, and requests that can be filled.
    public mutating func tick(_ ledger: any LedgerTransaction, now: Now) throws -> [Action] {
        for lease in leases.takeExpired(now: now.uptime) {
            let tasks = try ledger.expireIfHeld(lease.key, at: now.wall)
            lookAgain.insert(lease.stage)
            if tasks > 0 {
                notices.append(
                    WorkerNotice(
                        kind: .leaseExpired, worker: lease.worker.text,
                        detail: "lease \(lease.key.id) ended with \(tasks) tasks of \(lease.stage.rawValue) unreported")
                )
            }
        }
        var actions: [Action] = []
        for (session, phase) in sessions.phases.sorted(by: { $0.key < $1.key }) {
            guard let deadline = phase.deadline, deadline <= now.uptime else { continue }
            switch phase {
            case .greeting:
                actions += fail(
                    session, .handshakeTimeout, "expected Hello within \(limits.handshakeMilliseconds) ms, got none")
            case .waiting(let worker, _):
                actions += refuse(
                    session, .duplicateWorker,
                    "expected one process named \(worker.worker), got a second while the first is connected")
            case .ready:
                break
            }
        }
        return actions + (try fillRequests(ledger, now: now))
    }

    // MARK: Handshake

    private mutating func greet(_ session: SessionID, _ message: Message, now: Now) -> [Action] {
        guard case .hello(let hello) = message else {
            return fail(session, .unexpectedMessage, "expected Hello, got \(message.name)")
        }
        switch Greeting.check(hello) {
        case .refused(let code, let reason):
            return refuse(session, code, reason)
        case .welcome(let worker):
            guard !isEnding else { return refuse(session, .shuttingDown, "the coordinator is ending") }
            if let other = sessions.session(of: worker.worker) {
                if other.worker.incarnation == worker.incarnation {
                    // The same process came back before its old connection was seen to end.
                    let actions: [Action] = [.close(other.id)]
                    sessions.close(other.id)
                    return actions + welcome(session, worker)
                }
                sessions.set(session, .waiting(worker, deadline: now.uptime + limits.handshakeMilliseconds))
                return []
            }
            return welcome(session, worker)
        }
    }

    private mutating func welcome(_ session: SessionID, _ worker: WorkerSession) -> [Action] {
        sessions.set(session, .ready(worker))
        notices.append(
            WorkerNotice(
                kind: .joined, worker: worker.worker.text,
                detail: worker.stages.sorted().map(\.rawValue).joined(separator: ", ")))
        let welcome = Message.Welcome(version: Message.versions.upperBound, limits: limits, coordinator: software)
        return [.send(session, .welcome(welcome))]
    }

    private mutating func refuse(_ session: SessionID, _ code: ErrorCode, _ reason: String) -> [Action] {
        sessions.close(session)
        notices.append(WorkerNotice(kind: .refused, worker: "connection \(session)", detail: reason))
        return [.send(session, .refused(Message.Refused(code: code, message: reason))), .close(session)]
    }

    private mutating func fail(_ session: SessionID, _ code: ErrorCode, _ reason: String) -> [Action] {
        sessions.close(session)
        notices.append(WorkerNotice(kind: .refused, worker: "connection \(session)", detail: reason))
        return [.send(session, WireError(code, reason).farewell), .close(session)]
    }

    /// A connection is gone: its leases stay until their deadline, since the worker may come back to report.
    private mutating func ended(_ session: SessionID) -> [Action] {
        if let worker = sessions.ready(session) {
            notices.append(WorkerNotice(kind: .left, worker: worker.worker.text, detail: "connection ended"))
        }
        sessions.close(session)
        var actions: [Action] = []
        for (id, worker, _) in sessions.waiting where sessions.session(of: worker.worker) == nil {
            actions += welcome(id, worker)
        }
        return actions
    }

    // MARK: A welcome worker's messages

    private mutating func handle(
        _ message: Message, from worker: WorkerSession, in session: SessionID, _ ledger: any LedgerTransaction, now: Now
    ) throws -> [Action] {
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
            } else {
                reply.lost.append(key.id)
            }
        }
        return reply
    }

    private mutating func settle(
        _ report: Message.Report, in session: SessionID, _ ledger: any LedgerTransaction, now: Now
    ) throws -> [Action] {
        let lease = leases[report.lease.id]
        if let stage = lease?.stage, let wrong = report.outcomes.first(where: { !$0.code.stages.contains(stage) }) {
            return fail(
                session, .invalidField,
                "outcome code: expected one of stage \(stage.rawValue), got \(wrong.code.rawValue)")
        }
        let date = dispatching?.businessDate ?? Zones.date(of: now.wall, zone: "UTC") ?? CalendarDate(dayNumber: 0)
        var verdicts: [Message.TaskVerdict] = []
        for outcome in report.outcomes {
            let verdict = try ledger.settleIfHeld(outcome, under: report.lease, businessDate: date, at: now.wall)
            verdicts.append(Message.TaskVerdict(task: outcome.task, verdict: verdict))
            if verdict == .accepted { try took(report.lease, ledger, now: now) }
            if outcome.attempt == .neverSeen || outcome.attempt == .unknown, let stage = lease?.stage {
                lookAgain.insert(stage)
            }
        }
        let acknowledgement = Message.ReportAck(report: report.id, lease: report.lease.id, verdicts: verdicts)
        return [.send(session, .reportAck(acknowledgement))]
    }

    private mutating func give(
        back release: Message.Release, _ ledger: any LedgerTransaction, now: Now
    ) throws -> Message.ReleaseAck {
        let stage = leases[release.lease.id]?.stage
        var verdicts: [Message.TaskVerdict] = []
        for task in release.tasks {
            let verdict = try ledger.releaseIfHeld(task, under: release.lease, at: now.wall)
            verdicts.append(Message.TaskVerdict(task: task, verdict: verdict))
            if verdict == .accepted { try took(release.lease, ledger, now: now) }
        }
        if let stage { lookAgain.insert(stage) } else { lookAgain.formUnion(Stage.allCases) }
        return Message.ReleaseAck(release: release.id, verdicts: verdicts)
    }

    /// One task less in a lease; a lease without tasks ends.
    private mutating func took(_ key: LeaseKey, _ ledger: any LedgerTransaction, now: Now) throws {
        guard leases.takeTask(from: key) else { return }
        leases.end(key)
        let left = try ledger.expireIfHeld(key, at: now.wall)
        precondition(left == 0, "lease \(key.id) ended with \(left) tasks that were not counted")
    }

    private func record(_ report: Message.EventReport, _ ledger: any LedgerTransaction, now: Now) throws
        -> Message.EventAck
    {
        var unknown: [TaskID] = []
        let date = dispatching?.businessDate ?? Zones.date(of: now.wall, zone: "UTC") ?? CalendarDate(dayNumber: 0)
        for event in report.events {
            if try ledger.recordEvent(event, businessDate: event.date ?? date, at: now.wall) == nil {
                unknown.append(event.task)
            }
        }
        return Message.EventAck(report: report.id, unknownTasks: unknown)
    }

    // MARK: Grants

    /// Time and changes by other hands (the run's own stages) may have made work ready.
    mutating func lookEverywhere() { lookAgain = Set(Stage.allCases) }

    private mutating func fillRequests(_ ledger: any LedgerTransaction, now: Now) throws -> [Action] {
        guard dispatching != nil, !isEnding, !holdsGrants else { return [] }
        if now.uptime >= nextLook {
            lookEverywhere()
            nextLook = now.uptime + 250
        }
        guard !lookAgain.isEmpty, !sessions.requests.isEmpty else { return [] }
        var actions: [Action] = []
        var waiting: [OpenRequest] = []
        for request in sessions.takeRequests() {
            guard lookAgain.contains(request.stage), let worker = sessions.ready(request.session),
                let granted = try grant(request, to: worker, ledger, now: now)
            else {
                waiting.append(request)
                continue
            }
            actions.append(.send(request.session, .leaseGranted(granted)))
        }
        sessions.putBack(waiting)
        return actions
    }

    private mutating func grant(
        _ request: OpenRequest, to worker: WorkerSession, _ ledger: any LedgerTransaction, now: Now
    ) throws -> Message.LeaseGranted? {
        let key = LeaseKey(
            id: LeaseID(UInt64(incarnation) << 32 | UInt64(grants + 1)), epoch: try ledger.nextEpoch())
        let limit = min(request.credit, limits.tasksPerLease, worker.capacity)
        let tasks = try ledger.lease(
            Grant(
                lease: key, worker: worker.worker, incarnation: worker.incarnation, stage: request.stage, limit: limit,
                now: now.wall),
            uncertainBefore: now.wall.adding(milliseconds: -limits.inquiryDelayMilliseconds),
            maxDeliveries: limits.deliveriesPerTask)
        guard !tasks.isEmpty else {
            lookAgain.remove(request.stage)
            return nil
        }
        precondition(tasks.count <= limit, "lease \(key.id): \(tasks.count) tasks granted, \(limit) asked for")
        grants += 1
        var granted = tasks.map { GrantedTask($0, at: now.wall) }
        let fitting = Message.LeaseGranted.tasksThatFit(granted, frameBytes: limits.frameBytes)
        precondition(fitting > 0, "task \(granted[0].id): \(granted[0].content.count) bytes of content fit no frame")
        for task in granted[fitting...] { _ = try ledger.releaseIfHeld(task.id, under: key, at: now.wall) }
        granted.removeSubrange(fitting...)
        leases.grant(
            key, worker: worker.worker, stage: request.stage, deadline: now.uptime + limits.leaseMilliseconds,
            tasks: granted.count)
        return Message.LeaseGranted(
            request: request.requestID, lease: key, durationMilliseconds: limits.leaseMilliseconds,
            tasks: granted)
    }

    // MARK: The end

    /// Tells every worker that the coordinator ends.
    mutating func sayGoodbye(_ reason: String) -> [Action] {
        isEnding = true
        return sessions.readySessions.flatMap { session, _ in
            [Action.send(session, .goodbye(reason: reason)), .close(session)]
        }
    }
}
