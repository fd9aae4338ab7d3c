// Owns: the handler of one lease in virtual time: intent, departure, answer, inquiry, giving back. Its rules are those of a
// real stage: nothing leaves without an intent on the disk, and nothing is asked about while it may still be under way.
import Arrears
import Leasing
import SystemParts

/// The process in which a handler works.
protocol HandlerHost: AnyObject {
    var id: WorkerID { get }
    var stage: Stage { get }
    var play: Play { get }
    var world: World { get }
    var mutant: Mutant? { get }
    var random: SplitMix64 { get set }
    var machine: WorkerMachine { get set }
    /// Grows with every start and end of the process.
    var generation: Int { get }
    /// By the process's own clock.
    var now: Int64 { get }
    func later(_ delay: Int64, _ body: @escaping () -> Void)
    func write(_ write: SimulatedJournal.Write, then: @escaping () -> Void)
    func perform(_ directives: [WorkerMachine.Directive])
    func trace(_ number: UInt64, _ text: @autoclosure () -> String)
    func crash(downMilliseconds: Int64)
    func handlerEnded(_ key: LeaseKey)
}

final class SimulatedHandler {
    /// Attempts of one lease under way at once.
    private static let window = 3
    /// From the last look at the clock to departure; less than the safety margin.
    private static let longestHesitation = 2_800
    /// No answer for this long: the outside is asked. Longer than anything is under way.
    private static let answerMilliseconds: Int64 = 4_500

    private unowned let worker: any HandlerHost
    private let key: LeaseKey
    private var queued: [TaskID] = []
    private var inquiries: Set<TaskID> = []
    private var open: Set<TaskID> = []
    private var inFlight: Set<TaskID> = []
    /// Steps that must end before the handler may return.
    private var busy = 0
    /// Before this moment the outside takes nothing more.
    private var throttledUntil: Int64 = 0
    private var isDraining = false
    private var isLeaving = false
    private var hasReturned = false

    init(_ worker: any HandlerHost, _ key: LeaseKey) {
        self.worker = worker
        self.key = key
    }

    private var play: Play { worker.play }
    private var world: World { worker.world }

    func start(_ tasks: [GrantedTask], isResumed: Bool) {
        open = Set(tasks.map(\.id))
        for task in tasks {
            switch (task.mode, isResumed) {
            case (.attempt, _): queued.append(task.id)
            case (.inquire, true) where worker.mutant == .intentAttemptedAgain: depart(task.id)
            case (.inquire, _):
                inquiries.insert(task.id)
                let delay = isResumed && worker.mutant != .intentAskedAtOnce ? Self.answerMilliseconds : 0
                worker.later(delay) { [self] in ask(task.id) }
            }
        }
        if worker.machine.isStopping { drain() } else { pumpInTime() }
    }

    /// Begin nothing more, and return soon.
    func drain() {
        guard !isDraining else { return }
        isDraining = true
        for id in queued { open.remove(id) }
        queued = []
        isLeaving = worker.random.chance(5_000)
        returnIfDone()
    }

    // MARK: Attempts

    private func pump() {
        guard !isDraining, !hasReturned else { return returnIfDone() }
        let room = Self.window - inFlight.count
        guard room > 0, !queued.isEmpty else { return returnIfDone() }
        let ids = Array(queued.prefix(room))
        queued.removeFirst(ids.count)
        let begun = worker.machine.begin(ids, under: key, now: worker.now)
        for id in ids where !begun.contains(id) { open.remove(id) }
        guard !begun.isEmpty else { return pump() }
        inFlight.formUnion(begun)
        busy += 1
        if worker.mutant == .journalAfterEffect {
            for id in begun { depart(id) }
            worker.later(300) { [self] in
                worker.write(.begin(begun, key)) { [self] in busy -= 1 }
            }
            return
        }
        worker.write(.begin(begun, key)) { [self] in
            busy -= 1
            start(begun)
        }
    }

    /// The outside takes only so many at once: now and then the next ones wait.
    private func pumpInTime() {
        guard !queued.isEmpty else { return pump() }
        guard worker.now >= throttledUntil else { return }
        guard worker.random.chance(2_000) else { return pump() }
        let wait = Int64(worker.random.within(500...12_000))
        throttledUntil = worker.now + wait
        worker.later(wait) { [self] in pump() }
    }

    /// Their intent is on the disk: some may be too late by now.
    private func start(_ begun: [TaskID]) {
        let may = worker.machine.mayStart(begun, under: key, now: worker.now)
        let back = begun.filter { !may.contains($0) }
        if !back.isEmpty {
            busy += 1
            worker.write(.putBack(back, key)) { [self] in
                busy -= 1
                for id in back {
                    open.remove(id)
                    inFlight.remove(id)
                }
                worker.perform(worker.machine.putBack(back, under: key, now: worker.now))
                pump()
            }
        }
        for id in begun where may.contains(id) { depart(id) }
    }

    private func depart(_ id: TaskID) {
        if play.crashing.contains(id) {
            worker.trace(20, "\(id) ends its process")
            worker.later(0) { [worker] in worker.crash(downMilliseconds: 500) }
            return
        }
        busy += 1
        play.checkWindow(of: id)
        let hesitates = worker.random.chance(2_500)
        let wait = Int64(hesitates ? worker.random.within(200...Self.longestHesitation) : worker.random.below(10))
        let generation = worker.generation
        play.after(wait) { [self] in
            // What was handed to the system leaves although the process stands still, not if it is gone.
            guard worker.generation == generation else { return }
            busy -= 1
            leave(id)
        }
    }

    private func leave(_ id: TaskID) {
        worker.trace(21, "\(id) leaves under lease \(key.id) epoch \(key.epoch)")
        play.checkDeparture(of: id, under: key, by: worker.id)
        world.departed(id)
        let effect = worker.stage.descriptor.effect
        let generation = worker.generation
        play.after(world.travel()) { [self, play, world] in
            let answer = world.arrive(id, effect: effect)
            guard answer != .silent, worker.generation == generation else { return }
            worker.later(Int64(worker.random.within(1...80))) { [self] in
                switch answer {
                case .taken: finish(made(id))
                case .comeAgain: giveBack(id)
                case .silent: break
                }
            }
        }
        worker.later(Self.answerMilliseconds) { [self] in if inFlight.contains(id) { ask(id) } }
        returnIfDone()
    }

    // MARK: Inquiries

    private func ask(_ id: TaskID) {
        guard open.contains(id), !hasReturned else { return }
        let generation = worker.generation
        play.after(Int64(worker.random.within(1...60))) { [self, play, world] in
            let knowledge = world.ask(id)
            guard worker.generation == generation else { return }
            worker.later(Int64(worker.random.within(1...60))) { [self] in
                switch knowledge {
                case .seen: finish(made(id))
                case .cannotTell: finish(Outcome(task: id, attempt: .unknown, code: .madeResultUnknown))
                case .neverSeen:
                    if inquiries.contains(id) {
                        finish(Outcome(task: id, attempt: .neverSeen, code: .madeResultUnknown))
                    } else {
                        giveBack(id)
                    }
                }
            }
        }
    }

    private func made(_ id: TaskID) -> Outcome {
        guard let code = OutcomeCode.allCases.first(where: { worker.stage.descriptor.ownOutcomes[$0] == .done }) else {
            preconditionFailure("\(worker.stage) reports nothing that is done")
        }
        return Outcome(task: id, attempt: .made, code: code)
    }

    // MARK: What came of it

    private func finish(_ outcome: Outcome) {
        guard open.contains(outcome.task), !hasReturned else { return }
        let closing = worker.machine.close([outcome.task], under: key)
        guard !closing.isEmpty else { return }
        busy += 1
        worker.write(.finish([outcome], key)) { [self] in
            busy -= 1
            done(outcome.task)
            worker.perform(worker.machine.finished([outcome], under: key, now: worker.now))
            pumpInTime()
        }
    }

    private func giveBack(_ id: TaskID) {
        if worker.machine.mustAnswer(key) {
            return finish(Outcome(task: id, attempt: .unknown, code: .madeResultUnknown))
        }
        guard open.contains(id), !hasReturned else { return }
        let closing = worker.machine.close([id], under: key)
        guard !closing.isEmpty else { return }
        busy += 1
        worker.write(.putBack([id], key)) { [self] in
            busy -= 1
            done(id)
            worker.perform(worker.machine.released([id], under: key, now: worker.now))
            pump()
        }
    }

    private func done(_ id: TaskID) {
        open.remove(id)
        inFlight.remove(id)
    }

    // MARK: The return

    private func returnIfDone() {
        guard !hasReturned, busy == 0, open.isEmpty || isLeaving else { return }
        hasReturned = true
        let left = worker.machine.close(worker.machine.leftBegun(under: key), under: key)
        guard !left.isEmpty else { return returned() }
        if worker.mutant == .attemptedTaskReleased, !worker.machine.mustAnswer(key) {
            return worker.write(.putBack(left, key)) { [self] in
                worker.perform(worker.machine.released(left, under: key, now: worker.now))
                returned()
            }
        }
        let unknown = left.map { Outcome(task: $0, attempt: .unknown, code: .madeResultUnknown) }
        worker.write(.finish(unknown, key)) { [self] in
            worker.perform(worker.machine.finished(unknown, under: key, now: worker.now))
            returned()
        }
    }

    private func returned() {
        worker.perform(worker.machine.handlerReturned(key, now: worker.now))
        worker.handlerEnded(key)
    }
}
