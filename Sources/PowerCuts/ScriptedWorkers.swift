// Owns: workers who keep a coordinator busy: they ask, report, give back, repeat themselves, go and come again, all
// from one seed. Their memory outlives the coordinator's power. Does nothing in the world.
import DispatchCore
import Arrears
import Leasing
import SystemParts

struct ScriptedWorkers {
    private struct Member {
        var worker: WorkerID
        var stage: Stage
        var session: SessionID?
        var isWelcome = false
        var isWaiting = false
        var held: [LeaseKey: [TaskID: TaskMode]] = [:]
        /// Said, and not answered yet.
        var unanswered: [Message.Report] = []
        /// Answered: may be said again.
        var answered: [Message.Report] = []
        var settled: [TaskID] = []
    }

    private var members: [Member]
    private var random: SplitMix64
    private var sessions: UInt64 = 0
    private var numbers: UInt64 = 0

    init(seed: UInt64) {
        random = SplitMix64(seed: seed, kind: 2, index: 0)
        members = Stage.allCases.flatMap { stage in
            (1...2).map { Member(worker: WorkerID("\(stage.rawValue)-\($0)"), stage: stage) }
        }
    }

    /// The coordinator is gone, and all connections with it.
    mutating func disconnect() {
        for index in members.indices { leave(index) }
    }

    private mutating func leave(_ index: Int) {
        members[index].session = nil
        members[index].isWelcome = false
        members[index].isWaiting = false
    }

    private mutating func number() -> UInt64 {
        numbers += 1
        return numbers
    }

    // MARK: Speaking

    /// What up to three workers say next.
    mutating func speak() -> [Input] {
        (0..<random.within(1...3)).flatMap { _ in speak(random.below(members.count)) }
    }

    private mutating func speak(_ index: Int) -> [Input] {
        guard let session = members[index].session else { return connect(index) }
        guard members[index].isWelcome else { return [] }
        if random.chance(200) {
            leave(index)
            return [.closed(session)]
        }
        return message(index).map { [.message(session, $0)] } ?? []
    }

    private mutating func connect(_ index: Int) -> [Input] {
        sessions += 1
        let session = SessionID(sessions)
        members[index].session = session
        let hello = Message.Hello(
            worker: members[index].worker, incarnation: UInt64(index + 1), stages: [StageName(members[index].stage)],
            capacity: 500)
        return [.connected(session, .anyone), .message(session, .hello(hello))]
    }

    private mutating func message(_ index: Int) -> Message? {
        // As a worker that comes back does: first what was not answered.
        if let report = members[index].unanswered.first { return .report(report) }
        switch random.below(10) {
        case 0..<3 where !members[index].isWaiting:
            members[index].isWaiting = true
            let stage = StageName(members[index].stage)
            return .leaseRequest(Message.LeaseRequest(id: number(), stage: stage, credit: random.within(1...5)))
        case 3..<7: return report(index)
        case 7: return release(index)
        case 8:
            let leases = members[index].held.keys.sorted { $0.epoch < $1.epoch }
            return .heartbeat(Message.Heartbeat(sequence: number(), leases: leases))
        default: return again(index)
        }
    }

    private mutating func someTasks(_ index: Int) -> (lease: LeaseKey, tasks: [(id: TaskID, mode: TaskMode)])? {
        let leases = members[index].held.filter { !$0.value.isEmpty }.keys.sorted { $0.epoch < $1.epoch }
        guard !leases.isEmpty else { return nil }
        let lease = random.pick(leases)
        let all = (members[index].held[lease] ?? [:]).sorted { $0.key < $1.key }.map { (id: $0.key, mode: $0.value) }
        return (lease, Array(all.prefix(random.within(1...all.count))))
    }

    private mutating func report(_ index: Int) -> Message? {
        guard let (lease, tasks) = someTasks(index) else { return nil }
        let stage = members[index].stage
        let outcomes = tasks.map { outcome(of: $0.id, $0.mode, stage) }
        for task in tasks { members[index].held[lease]?[task.id] = nil }
        let report = Message.Report(id: number(), lease: lease, outcomes: outcomes)
        members[index].unanswered.append(report)
        return .report(report)
    }

    private mutating func outcome(of task: TaskID, _ mode: TaskMode, _ stage: Stage) -> Outcome {
        let done: OutcomeCode =
            switch stage {
            case .sms: random.pick([.delivered, .undelivered, .sentUnconfirmed])
            case .callQueue: random.pick([.noAnswer, .busy, .refusesToPay])
            case .agency: .placed
            case .legal: random.pick([.evidencePrepared, .refusedByGate])
            }
        let made = Outcome(task: task, attempt: .made, code: done, evidence: "message \(number())")
        switch (mode, random.below(10)) {
        case (.attempt, 0): return Outcome(task: task, attempt: .notMade, code: .invalidContent)
        case (.inquire, 0..<3): return Outcome(task: task, attempt: .neverSeen, code: .madeResultUnknown)
        case (.inquire, 3): return Outcome(task: task, attempt: .unknown, code: .madeResultUnknown)
        default: return made
        }
    }

    private mutating func release(_ index: Int) -> Message? {
        guard let (lease, tasks) = someTasks(index) else { return nil }
        for task in tasks { members[index].held[lease]?[task.id] = nil }
        return .release(
            Message.Release(id: number(), lease: lease, tasks: tasks.map(\.id), isAfterRestart: random.chance(2_000)))
    }

    /// News of a task that is done, or an old report once more.
    private mutating func again(_ index: Int) -> Message? {
        if random.chance(5_000), !members[index].settled.isEmpty {
            let task = random.pick(members[index].settled)
            let event = CaseEvent(id: "event \(number())", task: task, kind: .contact)
            return .eventReport(Message.EventReport(id: number(), events: [event]))
        }
        guard !members[index].answered.isEmpty else { return nil }
        return .report(random.pick(members[index].answered))
    }

    // MARK: Listening

    mutating func hear(_ directives: [Directive]) {
        for action in directives {
            switch action {
            case .send(let session, let message):
                if let index = members.firstIndex(where: { $0.session == session }) { hear(message, index) }
            case .close(let session):
                if let index = members.firstIndex(where: { $0.session == session }) { leave(index) }
            }
        }
    }

    private mutating func hear(_ message: Message, _ index: Int) {
        switch message {
        case .welcome: members[index].isWelcome = true
        case .leaseGranted(let grant):
            members[index].isWaiting = false
            members[index].held[grant.lease] = Dictionary(uniqueKeysWithValues: grant.tasks.map { ($0.id, $0.mode) })
        case .reportAck(let ack):
            guard let place = members[index].unanswered.firstIndex(where: { $0.id == ack.report }) else { return }
            let report = members[index].unanswered.remove(at: place)
            members[index].answered.append(report)
            members[index].settled += ack.verdicts.filter { $0.verdict == .accepted }.map(\.task)
        case .heartbeatReply(let reply):
            for lease in members[index].held.keys where reply.lost.contains(lease.id) {
                members[index].held[lease] = nil
            }
        default: break
        }
    }
}
