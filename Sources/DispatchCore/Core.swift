// Owns: the coordinator's decisions on what workers say: a function of (ledger, input, now) that returns directives.
// Knows no socket, no thread, no clock. The shell persists first and performs the directives after.
import Arrears
import Leasing
import Ledger
import Wire

/// The coordinator's core.
package struct Core: Sendable {
    let limits: Limits
    /// Portfolios that are not named have weight 1.
    let weights: [PortfolioID: Int]
    let software: String
    /// Makes lease ids unique over all coordinators that ever ran on a ledger.
    let incarnation: UInt32
    /// Leases numbered so far; a number is never used again, whatever became of its grant.
    package var grants: UInt32 = 0
    var sessions = Sessions()
    var leases = LeaseTable()
    /// The run whose tasks are leased; nil before dispatch and after the report.
    package private(set) var dispatching: RunID?
    /// No more grants; workers are told to drain.
    var isEnding = false
    /// No grants while the ledger has no room for them; everything else goes on.
    package var holdsGrants = false
    /// Stages in which something may have become ready since the last look.
    var lookAgain: Set<Stage> = Set(Stage.allCases)
    /// When all stages are looked at again, because time alone opens windows and makes inquiries due.
    var nextLook: Int64 = 0
    /// What each portfolio has had, by stage.
    var fairShares: [Stage: FairShare] = [:]
    var inquiryDelay = InquiryDelay()
    var businessDays: BusinessDays
    var notices: [WorkerNotice] = []

    /// - Parameters:
    ///   - incarnation: random, new at each start.
    ///   - businessDays: tells on which day a late outcome is booked.
    package init(
        limits: Limits, weights: [PortfolioID: Int] = [:], incarnation: UInt32, software: String,
        businessDays: BusinessDays
    ) {
        precondition(limits.faults.isEmpty, "limits: \(limits.faults)")
        self.limits = limits
        self.weights = weights
        self.incarnation = incarnation
        self.software = software
        self.businessDays = businessDays
    }

    /// Takes over the leases that were live when the ledger was last written, each for a whole new duration.
    package mutating func recover(_ ledger: any LedgerReading, now: Now) throws {
        inquiryDelay.takeOver(now: now)
        for live in try ledger.liveLeases() {
            leases.grant(
                live.lease, worker: live.worker, stage: live.stage,
                deadline: now.uptime + limits.leaseMilliseconds, tasks: nil)
        }
    }

    package mutating func takeNotices() -> [WorkerNotice] {
        defer { notices = [] }
        return notices
    }

    /// Connected workers by stage, for progress: a stage with work and no worker is worth a word.
    package var workersByStage: [Stage: Int] {
        sessions.readySessions.reduce(into: [:]) { counts, ready in
            for stage in ready.worker.stages { counts[stage, default: 0] += 1 }
        }
    }

    package var sessionIDs: [SessionID] { sessions.phases.keys.sorted() }

    /// From now on the run's tasks are leased.
    package mutating func beginDispatch(_ run: RunID) {
        dispatching = run
        lookEverywhere()
    }

    package mutating func endDispatch() { dispatching = nil }

    /// A core that knows nobody yet, in place of this one; every connection of this one is to be closed.
    package func renewed() -> Core {
        var fresh = Core(
            limits: limits, weights: weights, incarnation: incarnation, software: software, businessDays: businessDays)
        fresh.grants = grants
        return fresh
    }

    /// The next moment at which something happens without an input.
    package func nextDeadline(now: Now) -> Int64 {
        var deadline = now.uptime + 60_000
        if let lease = leases.nextDeadline { deadline = min(deadline, lease) }
        if let session = sessions.nextDeadline { deadline = min(deadline, session) }
        if dispatching != nil, !holdsGrants, !sessions.requests.isEmpty { deadline = min(deadline, nextLook) }
        return deadline
    }

    package mutating func apply(_ input: Input, to ledger: any LedgerTransaction, now: Now) throws -> [Directive] {
        switch input {
        case .connected(let session, let principal):
            sessions.open(session, principal, deadline: now.uptime + limits.handshakeMilliseconds)
            return []
        case .closed(let session):
            return ended(session, now: now)
        case .message(let session, let message):
            guard let phase = sessions.phase(session) else { return [] }
            switch phase {
            case .greeting(let principal, _):
                return greet(session, message, from: principal, now: now)
            case .waiting:
                return interrupt(session, message)
            case .ready(let worker, _):
                sessions.set(session, .ready(worker, deadline: now.uptime + limits.silenceMilliseconds))
                return try handle(message, from: worker, in: session, ledger, now: now)
            }
        }
    }

    /// What time alone does: leases and greetings that end, and requests that can be filled.
    package mutating func tick(_ ledger: any LedgerTransaction, now: Now) throws -> [Directive] {
        inquiryDelay.look(now: now)
        for lease in leases.takeExpired(now: now.uptime) {
            // Its worker counts from before the grant, and starts nothing within the margin: the inquiry delay began with it.
            let margin = limits.safetyMarginMilliseconds
            let tasks = try ledger.expireIfHeld(
                lease.key, at: now.wall, lastPossibleAttempt: now.wall.adding(milliseconds: -margin))
            lookAgain.insert(lease.stage)
            if tasks > 0 {
                inquiryDelay.becameUncertain(lastPossibleAttempt: now.uptime - margin)
                notices.append(
                    WorkerNotice(
                        kind: .leaseExpired, worker: lease.worker.text,
                        detail: "lease \(lease.key.id) ended with \(tasks) tasks of \(lease.stage.rawValue) unreported")
                )
            }
        }
        var directives: [Directive] = []
        for (session, phase) in sessions.phases.sorted(by: { $0.key < $1.key }) {
            guard phase.deadline <= now.uptime else { continue }
            switch phase {
            case .greeting:
                directives += fail(
                    session, .handshakeTimeout, "expected Hello within \(limits.handshakeMilliseconds) ms, got none")
            case .waiting(let worker, _):
                directives += refuse(
                    session, .duplicateWorker,
                    "expected one process named \(worker.worker), got a second while the first is connected")
            case .ready(let worker, _):
                directives += cut(session, worker, now: now)
            }
        }
        return directives + (try fillRequests(ledger, now: now))
    }

    // MARK: Handshake

    private mutating func greet(
        _ session: SessionID, _ message: Message, from principal: Principal, now: Now
    ) -> [Directive] {
        switch message {
        case .hello(let hello): return answer(hello, of: principal, in: session, now: now)
        case .welcome, .refused, .leaseRequest, .leaseGranted, .heartbeat, .heartbeatReply, .report, .reportAck,
            .release, .releaseAck, .eventReport, .eventAck, .goodbye, .error:
            return fail(session, .unexpectedMessage, "expected Hello, got \(message.name)")
        }
    }

    /// A worker that waits for its Welcome has nothing to say.
    private mutating func interrupt(_ session: SessionID, _ message: Message) -> [Directive] {
        switch message {
        case .hello, .welcome, .refused, .leaseRequest, .leaseGranted, .heartbeat, .heartbeatReply, .report, .reportAck,
            .release, .releaseAck, .eventReport, .eventAck, .goodbye, .error:
            return fail(session, .unexpectedMessage, "expected to wait for Welcome, got \(message.name)")
        }
    }

    private mutating func answer(
        _ hello: Message.Hello, of principal: Principal, in session: SessionID, now: Now
    ) -> [Directive] {
        switch Greeting.check(hello, of: principal) {
        case .refused(let code, let reason):
            return refuse(session, code, reason)
        case .welcome(let worker):
            guard !isEnding else { return refuse(session, .shuttingDown, "the coordinator is ending") }
            if let other = sessions.session(of: worker.worker) {
                if other.worker.incarnation == worker.incarnation {
                    // The same process came back before its old connection was seen to end.
                    let directives: [Directive] = [.close(other.id)]
                    sessions.close(other.id)
                    return directives + welcome(session, worker, now: now)
                }
                sessions.set(session, .waiting(worker, deadline: now.uptime + limits.handshakeMilliseconds))
                return []
            }
            return welcome(session, worker, now: now)
        }
    }

    private mutating func welcome(_ session: SessionID, _ worker: WorkerSession, now: Now) -> [Directive] {
        sessions.set(session, .ready(worker, deadline: now.uptime + limits.silenceMilliseconds))
        notices.append(
            WorkerNotice(
                kind: .joined, worker: worker.worker.text,
                detail: worker.stages.sorted().map(\.rawValue).joined(separator: ", ")))
        let welcome = Message.Welcome(version: Message.versions.upperBound, limits: limits, coordinator: software)
        return [.send(session, .welcome(welcome))]
    }

    private mutating func refuse(_ session: SessionID, _ code: ErrorCode, _ reason: String) -> [Directive] {
        sessions.close(session)
        notices.append(WorkerNotice(kind: .refused, worker: "connection \(session)", detail: reason))
        return [.send(session, .refused(Message.Refused(code: code, message: reason))), .close(session)]
    }

    mutating func fail(_ session: SessionID, _ code: ErrorCode, _ reason: String) -> [Directive] {
        sessions.close(session)
        notices.append(WorkerNotice(kind: .refused, worker: "connection \(session)", detail: reason))
        return [.send(session, WireError(code, reason).farewell), .close(session)]
    }

    /// A connection is gone: its leases stay until their deadline, since the worker may come back to report.
    private mutating func ended(_ session: SessionID, now: Now) -> [Directive] {
        if let worker = sessions.ready(session) {
            notices.append(WorkerNotice(kind: .left, worker: worker.worker.text, detail: "connection ended"))
        }
        sessions.close(session)
        return welcomeWaiting(now: now)
    }

    /// Nothing was heard for as long as three heartbeats take: nobody is there, whatever TCP thinks of it.
    private mutating func cut(_ session: SessionID, _ worker: WorkerSession, now: Now) -> [Directive] {
        sessions.close(session)
        notices.append(
            WorkerNotice(
                kind: .left, worker: worker.worker.text,
                detail: "nothing heard for \(limits.silenceMilliseconds) ms"))
        return [.close(session)] + welcomeWaiting(now: now)
    }

    /// A worker that came back while its old connection seemed to live.
    private mutating func welcomeWaiting(now: Now) -> [Directive] {
        var directives: [Directive] = []
        for (id, worker, _) in sessions.waiting where sessions.session(of: worker.worker) == nil {
            directives += welcome(id, worker, now: now)
        }
        return directives
    }

    // MARK: The end

    /// Tells every worker that the coordinator ends.
    package mutating func goodbye(_ reason: String) -> [Directive] {
        isEnding = true
        return sessions.readySessions.flatMap { session, _ in
            [Directive.send(session, .goodbye(reason: reason)), .close(session)]
        }
    }
}
