// Owns: what a worker does next about its link and its leases. Knows no clock, no socket and no journal: inputs come as
// calls with `now` (milliseconds of a clock that never jumps), and each returns what the shell must do, in order.
import Arrears
import Collections

/// Why a worker ends.
package enum WorkerExit: Hashable, Sendable {
    /// It was asked to stop; whatever is not acknowledged is in its journal.
    case drained
    /// The coordinator refused it, or something that it said: trying again would be refused again.
    case refused(ErrorCode, String)
    /// Its journal cannot be written: the world must not be touched.
    case journalFailed(String)
}

/// A worker's side of the lease protocol.
///
/// ```
/// away ─ connected ─▶ greeting ─ Welcome ─▶ serving
///   ▲                    │ no answer, Refused   │ no answer, Error, link lost
///   └────────────────────┴──────────────────────┘
/// ```
/// Leases outlive connections: outcomes are said again until they are acknowledged, work goes on while its lease lasts.
package struct WorkerMachine: Sendable {
    package struct Settings: Hashable, Sendable {
        package var worker: WorkerID
        /// Random, new for each process, not 0.
        package var incarnation: UInt64
        package var stage: Stage
        /// Tasks in hands at most, unacknowledged outcomes included.
        package var capacity: Int
        package var software: String
        /// A Hello without an answer for this long: the link is dropped; a report or release is said again.
        package var answerMilliseconds: Int64 = 10_000
        /// Refused for this long because the same worker is connected: it is, and this one ends. Until then it may be
        /// the shadow of its own earlier connection.
        package var duplicateMilliseconds: Int64 = 45_000
        /// A worker that is to stop waits this long for acknowledgements after its last work; the journal has the rest.
        package var drainMilliseconds: Int64 = 15_000

        package init(worker: WorkerID, incarnation: UInt64, stage: Stage, capacity: Int, software: String = "") {
            self.worker = worker
            self.incarnation = incarnation
            self.stage = stage
            self.capacity = capacity
            self.software = software
        }
    }

    package enum Directive: Hashable, Sendable {
        case send(Message)
        /// Make the tasks durable, then hand them to the handler.
        case take(LeaseKey, [GrantedTask])
        /// Hand intents from before a restart to the handler: only to be asked about.
        case resume(LeaseKey, [GrantedTask])
        /// Tell the handler to begin nothing more under this lease and to return soon.
        case drain(LeaseKey)
        /// The coordinator wants these undone: the handler takes back what the outside has not done yet.
        case cancel(LeaseKey, [TaskID])
        /// The coordinator has it: the journal need not keep it.
        case forget(LeaseKey, [TaskID])
        /// The events of this report are durable at the coordinator.
        case eventsKnown(UInt64)
        /// Drop the link and, unless an exit follows, make a new one.
        case disconnect(reason: String)
        case exit(WorkerExit)
    }

    enum Ending: Hashable, Sendable {
        /// The coordinator wants no more done: finish what is held.
        case finishHeld
        /// This process is to stop: finish what was begun, give back the rest.
        case releaseRest
    }

    struct Serving: Sendable {
        var welcome: Message.Welcome
        /// A moment that lies before every grant still to come on this connection: the Hello, then the last heartbeat
        /// that was answered.
        var knownBefore: Int64
        var heartbeatAt: Int64
        /// Heartbeats without an answer, the oldest first.
        var heartbeats: [(sequence: UInt64, sentAt: Int64)] = []
        var request: Open<Int>?
        var requestNotBefore: Int64
        /// The coordinator said goodbye: no more is asked for on this connection.
        var isParting = false
    }

    enum Phase: Sendable {
        case away
        case greeting(since: Int64)
        case serving(Serving)
    }

    package let settings: Settings
    var phase = Phase.away
    var batches: OrderedDictionary<LeaseKey, WorkerBatch> = [:]
    var events: OrderedDictionary<UInt64, Open<[CaseEvent]>> = [:]
    var ending: Ending?
    /// From the last Welcome; before the first nothing is held.
    var margin: Int64 = 0
    var lastID: UInt64 = 0
    var duplicateSince: Int64?
    /// Since when a worker that is to stop has no work left.
    var idleSince: Int64?
    var hasExited = false

    package init(_ settings: Settings) {
        precondition(settings.capacity >= 1 && settings.incarnation != 0, "\(settings)")
        self.settings = settings
    }

    package var isServing: Bool {
        if case .serving = phase { true } else { false }
    }

    /// Asked to end, by whomever.
    package var isEnding: Bool { ending != nil }
    /// Nothing may be begun any more.
    package var isStopping: Bool { ending == .releaseRest || hasExited }

    // MARK: The link

    package mutating func connected(now: Int64) -> [Directive] {
        phase = .greeting(since: now)
        let hello = Message.Hello(
            worker: settings.worker, incarnation: settings.incarnation, stages: [StageName(settings.stage)],
            capacity: settings.capacity, software: settings.software)
        return [.send(.hello(hello))] + advance(now: now)
    }

    package mutating func disconnected(now: Int64) -> [Directive] {
        leave()
        return advance(now: now)
    }

    /// Time has passed.
    package mutating func tick(now: Int64) -> [Directive] { advance(now: now) }

    /// This process is to stop: nothing more is asked for or begun, what was not begun is given back at once.
    package mutating func drain(now: Int64) -> [Directive] {
        ending = .releaseRest
        for key in batches.keys {
            // Inquiries are left to the handler: they touch nothing, and their answers are worth having.
            batches[key]?.giveBack { !$0.hasBegun && !$0.isClosing && $0.mode == .attempt }
        }
        return advance(now: now)
    }

    /// Nothing more is asked for: when what is held is finished and said, the worker ends.
    package mutating func finishHeld() {
        if ending == nil { ending = .finishHeld }
    }

    /// The journal cannot be written, so the world must not be touched.
    package mutating func journalFailed(_ message: String) -> [Directive] {
        guard !hasExited else { return [] }
        return dropLink("the journal failed") + exit(.journalFailed(message))
    }

    package mutating func received(_ message: Message, now: Int64) -> [Directive] {
        var directives: [Directive] = []
        switch (phase, message) {
        case (.away, _):
            // Read before the link was dropped; what it said will be said again.
            break
        case (_, .error(let failure)):
            directives = received(failure, now: now)
        case (.greeting(let since), .welcome(let welcome)):
            directives = received(welcome, helloSentAt: since, now: now)
        case (.greeting, .refused(let refused)):
            directives = refusal(refused.code, refused.message, now: now)
        case (.serving, .leaseGranted(let grant)):
            directives = received(grant, now: now)
        case (.serving, .heartbeatReply(let reply)):
            directives = received(reply)
        case (.serving, .reportAck(let ack)):
            directives = received(ack)
        case (.serving, .releaseAck(let ack)):
            directives = received(ack)
        case (.serving, .eventAck(let ack)):
            if events.removeValue(forKey: ack.report) != nil { directives = [.eventsKnown(ack.report)] }
        case (.serving(var serving), .goodbye):
            serving.isParting = true
            phase = .serving(serving)
        case (.greeting, .goodbye):
            directives = dropLink("the coordinator said goodbye")
        case (.greeting, _), (.serving, _):
            let failure = Message.Failure(
                code: .unexpectedMessage, isFatal: true,
                message: "expected \(isServing ? "an answer" : "Welcome or Refused"), got \(message.name)")
            directives = [.send(.error(failure))] + dropLink("the coordinator sent \(message.name) out of turn")
        }
        return directives + advance(now: now)
    }

    mutating func leave() {
        phase = .away
        for key in batches.keys {
            batches[key]?.report?.sentAt = nil
            batches[key]?.release?.sentAt = nil
        }
        for id in events.keys { events[id]?.sentAt = nil }
    }

    mutating func dropLink(_ reason: String) -> [Directive] {
        leave()
        return [.disconnect(reason: reason)]
    }

    mutating func newID() -> UInt64 {
        lastID += 1
        return lastID
    }
}

// MARK: What the coordinator says

extension WorkerMachine {
    private mutating func received(_ welcome: Message.Welcome, helloSentAt: Int64, now: Int64) -> [Directive] {
        guard Message.versions.contains(welcome.version) else {
            return refusal(
                .versionUnsupported,
                "Welcome.version: expected \(Message.versions.lowerBound)–\(Message.versions.upperBound), "
                    + "got \(welcome.version)", now: now)
        }
        duplicateSince = nil
        margin = welcome.safetyMarginMilliseconds
        phase = .serving(
            Serving(welcome: welcome, knownBefore: helloSentAt, heartbeatAt: now, requestNotBefore: now))
        return []
    }

    private mutating func received(_ failure: Message.Failure, now: Int64) -> [Directive] {
        guard failure.isFatal else {
            // What was asked may have been dropped: it is said again when its time is over, and so is a request.
            guard case .serving(var serving) = phase else { return [] }
            serving.request = nil
            serving.requestNotBefore = now + serving.welcome.heartbeatMilliseconds
            phase = .serving(serving)
            return []
        }
        return refusal(failure.code, failure.message, now: now)
    }

    /// Passing troubles drop the link; what would be refused again ends the worker.
    private mutating func refusal(_ code: ErrorCode, _ message: String, now: Int64) -> [Directive] {
        switch code {
        case .ledgerUnavailable, .shuttingDown, .handshakeTimeout, .slowConsumer, .frameTruncated, .unspecified:
            return dropLink("\(code): \(message)")
        case .duplicateWorker:
            let since = duplicateSince ?? now
            duplicateSince = since
            if now - since < settings.duplicateMilliseconds { return dropLink("\(code): \(message)") }
        case .frameEmpty, .frameTooLong, .undecodable, .badMagic, .versionUnsupported, .unknownStage, .invalidField,
            .unexpectedMessage:
            break
        }
        return dropLink("\(code): \(message)") + exit(.refused(code, message))
    }

    private mutating func received(_ grant: Message.LeaseGranted, now: Int64) -> [Directive] {
        guard case .serving(var serving) = phase, batches[grant.lease] == nil else { return [] }
        var beginning = serving.knownBefore
        if let request = serving.request, request.id == grant.request {
            beginning = max(beginning, request.sentAt ?? beginning)
            serving.request = nil
            // An empty grant is an answer too: ask again, but not at once.
            if grant.tasks.isEmpty { serving.requestNotBefore = now + serving.welcome.heartbeatMilliseconds }
            phase = .serving(serving)
        }
        var batch = WorkerBatch(
            key: grant.lease, isRecovered: false, deadline: beginning + grant.durationMilliseconds)
        var room = ending == nil ? settings.capacity - load : 0
        var taken: [GrantedTask] = []
        for task in grant.tasks {
            // A task that is still in hands under an older lease is not touched, nor asked about, a second time
            // meanwhile: the answer could change a moment later.
            guard room > 0, !isInHands(task.id), batch.tasks[task.id] == nil else {
                batch.givenBack.append(task.id)
                continue
            }
            room -= 1
            batch.tasks[task.id] = HeldTask(
                mode: task.mode, startBefore: beginning + task.startWithinMilliseconds)
            taken.append(task)
        }
        batch.isRunning = !taken.isEmpty
        batches[grant.lease] = batch
        return taken.isEmpty ? [] : [.take(grant.lease, taken)]
    }

    private mutating func received(_ reply: Message.HeartbeatReply) -> [Directive] {
        guard case .serving(var serving) = phase,
            let sent = serving.heartbeats.first(where: { $0.sequence == reply.sequence })
        else { return [] }
        var directives: [Directive] = []
        serving.heartbeats.removeAll { $0.sequence <= reply.sequence }
        serving.knownBefore = max(serving.knownBefore, sent.sentAt)
        phase = .serving(serving)
        let (extended, lost) = (Set(reply.extended), Set(reply.lost))
        for key in batches.keys {
            if extended.contains(key.id) {
                batches[key]?.extend(to: sent.sentAt + reply.durationMilliseconds)
            }
            if lost.contains(key.id) { batches[key]?.isLost = true }
            let cancelled = reply.cancelled.filter { batches[key]?.tasks[$0]?.isCancelled == false }
            for id in cancelled { batches[key]?.tasks[id]?.isCancelled = true }
            if !cancelled.isEmpty { directives.append(.cancel(key, cancelled)) }
        }
        if reply.drain { finishHeld() }
        return directives
    }

    private mutating func received(_ ack: Message.ReportAck) -> [Directive] {
        guard let key = batches.keys.first(where: { batches[$0]?.report?.id == ack.report }) else { return [] }
        let answered = Set(ack.verdicts.map(\.task))
        guard var open = batches[key]?.report else { return [] }
        let known = open.content.map(\.task).filter { answered.contains($0) }
        open.content.removeAll { answered.contains($0.task) }
        // An outcome without a verdict is said again when its time is over.
        batches[key]?.report = open.content.isEmpty ? nil : open
        return known.isEmpty ? [] : [.forget(key, known)]
    }

    private mutating func received(_ ack: Message.ReleaseAck) -> [Directive] {
        guard let key = batches.keys.first(where: { batches[$0]?.release?.id == ack.release }),
            let tasks = batches[key]?.release?.content
        else { return [] }
        batches[key]?.release = nil
        return [.forget(key, tasks)]
    }

    private var load: Int { batches.values.reduce(0) { $0 + $1.load } }

    private func isInHands(_ id: TaskID) -> Bool { batches.values.contains { $0.tasks[id] != nil } }

    mutating func exit(_ reason: WorkerExit) -> [Directive] {
        hasExited = true
        return [.exit(reason)]
    }

    /// How many more tasks may be asked for now; 0: none.
    func wantedCredit(_ serving: Serving) -> Int {
        guard ending == nil, !serving.isParting, serving.request == nil else { return 0 }
        // What is left from before a restart is settled first.
        guard !batches.values.contains(where: \.isRecovered) else { return 0 }
        let room = settings.capacity - load
        // Not for a handful: leases are batches.
        guard room >= max(1, settings.capacity / 4) else { return 0 }
        return min(room, serving.welcome.tasksPerLease)
    }
}
