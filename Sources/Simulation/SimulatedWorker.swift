// Owns: a worker process in virtual time: its machine, link, journal writes, crashes and pauses. Decides nothing that the
// machine decides.
import Arrears
import Leasing
import SystemParts

final class SimulatedWorker: WorkerEnd, HandlerHost {
    let index: Int
    let id: WorkerID
    let stage: Stage
    private let capacity: Int
    unowned let play: Play
    private unowned let network: Network
    unowned let world: World
    var random: SplitMix64
    var machine: WorkerMachine
    private var journal = SimulatedJournal()
    /// Grows with every start and end; what an earlier process planned does not happen.
    private(set) var generation = 0
    private var isUp = false
    private var pausedUntil: Int64 = 0
    private var deferred: [() -> Void] = []
    private var connection: Connection?
    private var alarmAt: Int64?
    private var isWriting = false
    private var continuations: [() -> Void] = []
    private var journalFails = false
    private var backOff: Int64 = 250
    private var handlers: [LeaseKey: SimulatedHandler] = [:]
    /// This process's clock began with an offset of its own.
    private var clockOffset: Int64 = 0
    var view = MutantView()

    init(_ play: Play, _ network: Network, _ world: World, index: Int, stage: Stage) {
        (self.play, self.network, self.world) = (play, network, world)
        self.index = index
        self.stage = stage
        id = WorkerID("\(stage.rawValue)-\(index)")
        random = SplitMix64(seed: play.scenario.seed, kind: 5, index: index)
        capacity = random.pick([3, 8, 8, 12])
        machine = WorkerMachine(.init(worker: id, incarnation: 1, stage: stage, capacity: capacity))
    }

    var now: Int64 { play.now + clockOffset }
    var isIdle: Bool { journal.isEmpty && handlers.isEmpty }
    var mutant: Mutant? { play.scenario.mutant }

    func trace(_ number: UInt64, _ text: @autoclosure () -> String) { play.trace(id.text, number, text()) }

    // MARK: Start and end

    func start() {
        generation += 1
        isUp = true
        clockOffset = Int64(random.below(1_000_000))
        view = MutantView()
        let incarnation = UInt64(generation) << 8 | UInt64(index + 1)
        machine = WorkerMachine(.init(worker: id, incarnation: incarnation, stage: stage, capacity: capacity))
        if mutant == .restartForgetsJournal { journal.wipe() }
        let entries = journal.entries
        trace(1, "starts with \(entries.count) tasks in its journal")
        perform(machine.recover(entries, now: now))
        connect()
    }

    /// Gone, with a first part of the writes under way on the disk.
    func crash(downMilliseconds: Int64) {
        guard isUp else { return }
        trace(2, "is gone for \(downMilliseconds) ms, \(journal.pending.count) writes under way")
        let keeps = mutant == .journalNotSynced ? 0 : random.below(journal.pending.count + 1)
        for write in journal.crash(keeping: keeps) { play.journaled(write, by: index) }
        stop()
        play.after(downMilliseconds) { [self] in start() }
    }

    /// Gone with its host: nobody tells the coordinator.
    func loseHost(downMilliseconds: Int64) {
        guard isUp else { return }
        if let connection { network.vanish(connection) }
        crash(downMilliseconds: downMilliseconds)
    }

    private func stop() {
        isUp = false
        generation += 1
        handlers = [:]
        deferred = []
        pausedUntil = 0
        continuations = []
        isWriting = false
        journalFails = false
        alarmAt = nil
        if let connection { network.closeAtWorker(connection) }
        connection = nil
    }

    func drain() {
        guard isUp else { return }
        later(0) { [self] in
            trace(3, "is asked to stop")
            perform(machine.drain(now: now))
        }
    }

    /// Executes nothing; its clock goes on.
    func pause(_ milliseconds: Int64) {
        guard isUp else { return }
        trace(4, "stands still for \(milliseconds) ms")
        pausedUntil = max(pausedUntil, play.now + milliseconds)
        let generation = generation
        play.after(milliseconds) { [self] in
            guard self.generation == generation, play.now >= pausedUntil else { return }
            let waiting = deferred
            deferred = []
            for body in waiting where self.generation == generation { body() }
        }
    }

    /// The next write of the journal fails.
    func failJournal() { journalFails = true }

    /// Happens in this process, unless it ends before.
    func later(_ delay: Int64, _ body: @escaping () -> Void) {
        let generation = generation
        play.after(delay) { [self] in
            guard self.generation == generation else { return }
            if play.now < pausedUntil { deferred.append(body) } else { body() }
        }
    }

    // MARK: The journal

    /// Calls back when the write is on the disk. One write at a time.
    func write(_ write: SimulatedJournal.Write, then: @escaping () -> Void) {
        journal.add(write)
        if mutant == .journalNotSynced {
            continuations.append {}
            syncNext()
            return then()
        }
        continuations.append(then)
        syncNext()
    }

    private func syncNext() {
        guard !isWriting, !continuations.isEmpty else { return }
        isWriting = true
        later(Int64(random.chance(300) ? random.within(50...600) : random.within(1...8))) { [self] in
            isWriting = false
            if journalFails {
                trace(5, "its journal fails")
                return perform(machine.journalFailed("no room on the disk"))
            }
            let then = continuations.removeFirst()
            play.journaled(journal.sync(), by: index)
            then()
            syncNext()
        }
    }

    // MARK: Actions

    func perform(_ directives: [WorkerMachine.Directive]) {
        for action in directives {
            switch action {
            case .send(let message): send(message)
            case .take(let key, let tasks):
                write(.take(tasks, key)) { [self] in open(key, tasks, isResumed: false) }
            case .resume(let key, let tasks): open(key, tasks, isResumed: true)
            case .drain(let key): handlers[key]?.drain()
            // The world of the simulation takes nothing back.
            case .cancel: break
            case .forget(let key, let tasks): write(.forget(tasks, key)) {}
            case .eventsKnown: break
            case .disconnect(let reason):
                trace(6, "drops its link: \(reason)")
                dropLink()
            case .exit(let reason):
                trace(7, "ends: \(reason)")
                return end()
            }
        }
        setAlarm()
    }

    /// A planned end: what is under way to the disk arrives there, unless the disk is what failed.
    private func end() {
        let keeps = journalFails ? 0 : journal.pending.count
        for write in journal.crash(keeping: keeps) { play.journaled(write, by: index) }
        stop()
        play.after(Int64(random.within(500...3_000))) { [self] in start() }
    }

    func handlerEnded(_ key: LeaseKey) { handlers[key] = nil }

    private func open(_ key: LeaseKey, _ tasks: [GrantedTask], isResumed: Bool) {
        if !isResumed, dies(of: tasks, .whenTaken) { return }
        let handler = SimulatedHandler(self, key)
        handlers[key] = handler
        handler.start(tasks, isResumed: isResumed)
    }

    /// Some tasks end the process that looks into them, before anything is begun.
    private func dies(of tasks: [GrantedTask], _ moment: Play.Death) -> Bool {
        guard let task = tasks.first(where: { $0.mode == .attempt && play.deadly[$0.id] == moment }) else {
            return false
        }
        trace(11, "\(task.id) ends its process, \(moment)")
        crash(downMilliseconds: 500)
        return true
    }

    private func setAlarm() {
        guard isUp, let deadline = machine.nextDeadline() else { return }
        let at = max(deadline - clockOffset, play.now)
        if let alarmAt, alarmAt <= at, alarmAt >= play.now { return }
        alarmAt = at
        later(at - play.now) { [self] in
            guard alarmAt == at else { return }
            alarmAt = nil
            perform(machine.tick(now: now))
        }
    }

    // MARK: The link

    private func connect() {
        guard isUp else { return }
        guard connection == nil else { return }
        guard let made = network.connect(index) else { return reconnect() }
        connection = made
        play.sessionWorkers[made.session] = id
        trace(8, "connects as \(made.session)")
        perform(machine.connected(now: now))
    }

    private func reconnect() {
        let wait = Int64(random.below(Int(backOff))) + 1
        backOff = min(4_000, backOff * 2)
        later(wait) { [self] in connect() }
    }

    private func dropLink() {
        guard let connection else { return }
        self.connection = nil
        network.closeAtWorker(connection)
        reconnect()
    }

    private func send(_ message: Message) {
        guard let connection else { return }
        view.saw(message, at: now)
        network.toCoordinator(message, on: connection)
        switch (mutant, message) {
        case (.outcomeForgottenWhenSaid, .report(let report)):
            write(.forget(report.outcomes.map(\.task), report.lease)) {}
        case (.unansweredHeartbeatExtends, .heartbeat(let heartbeat)):
            later(0) { [self] in
                let reply = Message.HeartbeatReply(
                    sequence: heartbeat.sequence, durationMilliseconds: play.limits.leaseMilliseconds,
                    extended: heartbeat.leases.map(\.id))
                perform(machine.received(.heartbeatReply(reply), now: now))
            }
        default: break
        }
    }

    func read(_ message: Message, from connection: Connection) {
        later(0) { [self] in
            guard connection === self.connection else { return }
            if case .welcome = message { backOff = 250 }
            if case .leaseGranted(let grant) = message, dies(of: grant.tasks, .whenRead) { return }
            if case .reportAck(let ack) = message { play.answered(ack, to: index) }
            let seen = view.distort(message, mutant, at: now)
            trace(9, "reads \(message.name)")
            perform(machine.received(seen, now: now))
        }
    }

    func closed(_ connection: Connection) {
        connection.isOpenAtWorker = false
        later(0) { [self] in
            guard connection === self.connection else { return }
            self.connection = nil
            trace(10, "its link ends")
            perform(machine.disconnected(now: now))
            reconnect()
        }
    }
}

/// What a worker with a defect believes: it hears something else than what was said.
struct MutantView {
    private var knownBefore: Int64 = 0
    private var requests: [UInt64: Int64] = [:]
    private var heartbeats: [UInt64: Int64] = [:]

    mutating func saw(_ message: Message, at now: Int64) {
        switch message {
        case .hello: knownBefore = now
        case .leaseRequest(let request): requests[request.id] = now
        case .heartbeat(let heartbeat): heartbeats[heartbeat.sequence] = now
        default: break
        }
    }

    mutating func distort(_ message: Message, _ mutant: Mutant?, at now: Int64) -> Message {
        switch message {
        case .heartbeatReply(let reply):
            knownBefore = max(knownBefore, heartbeats[reply.sequence] ?? 0)
            return message
        case .welcome(var welcome) where mutant == .noSafetyMargin:
            welcome.safetyMarginMilliseconds = 0
            return .welcome(welcome)
        case .leaseGranted(var granted) where mutant == .leaseCountedFromReply:
            granted.durationMilliseconds += now - max(knownBefore, requests[granted.request] ?? 0)
            return .leaseGranted(granted)
        case .leaseGranted(var granted) where mutant == .windowIgnored:
            for index in granted.tasks.indices { granted.tasks[index].startWithinMilliseconds += 36_000_000 }
            return .leaseGranted(granted)
        default: return message
        }
    }
}
