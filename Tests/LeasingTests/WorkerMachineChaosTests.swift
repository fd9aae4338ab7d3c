// Owns: a worker's machine under random inputs: links that break, time that passes, handlers that finish, release or leave.
@testable import Arrears
@testable import Leasing
import SystemParts
import Testing

/// What a fair coordinator and a fair handler may do, chosen by one seed; the promises are checked at every step.
private struct Chaos {
    var machine: WorkerMachine
    var random: SplitMix64
    var now: Int64 = 0
    var isLinked = false
    var isWelcome = false
    var nextTask = 0
    var nextLease: UInt64 = 0
    /// The lease under which each task is at the handler, with its end as the coordinator counts it.
    var leases: [LeaseKey: (deadline: Int64, tasks: Set<TaskID>)] = [:]
    var begun: Set<TaskID> = []
    var reported: [TaskID: Attempt] = [:]
    var released: Set<TaskID> = []
    var taken: Set<TaskID> = []
    var running: Set<LeaseKey> = []
    var answers: [Message] = []
    var exited = false

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        machine = WorkerMachine(
            WorkerMachine.Settings(worker: "w", incarnation: 1, stage: .sms, capacity: 20))
    }

    mutating func perform(_ directives: [WorkerMachine.Directive]) {
        for action in directives {
            switch action {
            case .send(let message): said(message)
            case .take(let key, let tasks):
                running.insert(key)
                taken.formUnion(tasks.map(\.id))
            case .disconnect: unlink()
            case .exit(let reason):
                #expect(reason == .drained)
                exited = true
            case .resume, .drain, .cancel, .forget, .eventsKnown: break
            }
        }
    }

    mutating func unlink() {
        (isLinked, isWelcome) = (false, false)
        answers = []
    }

    mutating func said(_ message: Message) {
        #expect(isLinked, "said without a link: \(message.name)")
        switch message {
        case .hello: answers.append(.welcome(Message.Welcome(version: 1, limits: Limits())))
        case .heartbeat(let beat):
            // A fair coordinator extends what is live and says what is not.
            for key in beat.leases where leases[key].map({ $0.deadline > now }) ?? false {
                leases[key]?.deadline = now + 30_000
            }
            let live = beat.leases.filter { leases[$0].map { $0.deadline > now } ?? false }
            let lost = beat.leases.filter { !live.contains($0) }
            answers.append(
                .heartbeatReply(
                    Message.HeartbeatReply(
                        sequence: beat.sequence, durationMilliseconds: 30_000, extended: live.map(\.id),
                        lost: lost.map(\.id))))
        case .leaseRequest(let request):
            #expect(request.credit <= 20)
            let count = Int.random(in: 1...request.credit, using: &random)
            nextLease += 1
            let key = LeaseKey(id: LeaseID(nextLease), epoch: Epoch(nextLease))
            let tasks = (0..<count).map { TaskID("t\(nextTask + $0)") }
            nextTask += count
            leases[key] = (now + 30_000, Set(tasks))
            answers.append(
                .leaseGranted(
                    Message.LeaseGranted(
                        request: request.id, lease: key, durationMilliseconds: 30_000,
                        tasks: tasks.map {
                            GrantedTask(
                                id: $0, mode: .attempt, startWithinMilliseconds: 1_000_000, delivery: 1, content: [])
                        })))
        case .report(let report):
            for outcome in report.outcomes {
                #expect(!released.contains(outcome.task), "\(outcome.task) reported after it was released")
                reported[outcome.task] = outcome.attempt
            }
            let verdicts = report.outcomes.map { Message.TaskVerdict(task: $0.task, verdict: .accepted) }
            answers.append(
                .reportAck(Message.ReportAck(report: report.id, lease: report.lease.id, verdicts: verdicts)))
        case .release(let release):
            for task in release.tasks {
                #expect(!begun.contains(task), "\(task) was begun and is given back")
                #expect(reported[task] == nil, "\(task) released after it was reported")
            }
            released.formUnion(release.tasks)
            answers.append(.releaseAck(Message.ReleaseAck(release: release.id, verdicts: [])))
        case .goodbye: break
        default: Issue.record("unexpected \(message.name)")
        }
    }

    mutating func step() {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: now += Int64.random(in: 0...12_000, using: &random)
        case 1 where isLinked && Bool.random(using: &random):
            unlink()
            perform(machine.disconnected(now: now))
        case 0...2 where !isLinked:
            isLinked = true
            perform(machine.connected(now: now))
        case 2...5 where !answers.isEmpty: perform(machine.received(answers.removeFirst(), now: now))
        case 6...9: work()
        default: now += 100
        }
        perform(machine.tick(now: now))
    }

    /// The handler of some batch does something.
    mutating func work() {
        guard let key = running.sorted(by: { $0.id < $1.id }).randomElement(using: &random) else { return }
        let tasks = (leases[key]?.tasks ?? []).sorted()
        let some = tasks.filter { _ in Bool.random(using: &random) }
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            let allowed = machine.begin(some, under: key, now: now)
            for task in allowed {
                let isFirst = begun.insert(task).inserted
                #expect(isFirst, "\(task) begun twice")
            }
            if !allowed.isEmpty {
                let deadline = leases[key]?.deadline ?? 0
                #expect(now + 3_000 <= deadline, "begun at \(now) under a lease that ends at \(deadline)")
            }
        case 1: finish(some.filter { begun.contains($0) }, under: key, .made)
        case 2:
            let closing = machine.close(some.filter { !begun.contains($0) }, under: key)
            perform(machine.released(closing, under: key, now: now))
        default:
            finish(machine.leftBegun(under: key), under: key, .unknown)
            running.remove(key)
            perform(machine.handlerReturned(key, now: now))
        }
    }

    mutating func finish(_ tasks: [TaskID], under key: LeaseKey, _ attempt: Attempt) {
        let closing = machine.close(tasks, under: key)
        let outcomes = closing.map { Outcome(task: $0, attempt: attempt, code: .delivered) }
        perform(machine.finished(outcomes, under: key, now: now))
    }

    /// Lets everything come to its end with a link that holds.
    mutating func settle() {
        perform(machine.drain(now: now))
        for key in running {
            finish(machine.leftBegun(under: key), under: key, .unknown)
            perform(machine.handlerReturned(key, now: now))
        }
        running = []
        for _ in 0..<1_000 where !exited {
            if !isLinked {
                isLinked = true
                perform(machine.connected(now: now))
            } else if !answers.isEmpty {
                perform(machine.received(answers.removeFirst(), now: now))
            } else {
                perform(machine.tick(now: now))
            }
        }
    }
}

@Suite("A worker under chaos") struct WorkerMachineChaosTests {
    @Test(arguments: 1...60)
    func `Begun tasks are reported and never given back, the others given back, and none is lost`(seed: UInt64) {
        var chaos = Chaos(seed: seed)
        for _ in 0..<400 { chaos.step() }
        chaos.settle()
        #expect(chaos.exited, "seed \(seed) did not end")
        #expect(Set(chaos.reported.keys) == chaos.begun, "seed \(seed)")
        #expect(chaos.begun.union(chaos.released).isSuperset(of: chaos.taken), "seed \(seed)")
        #expect(chaos.nextTask > 0, "seed \(seed) did nothing")
    }
}
