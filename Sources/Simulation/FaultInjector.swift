// Owns: which faults happen when. Knows nothing of what they do.
import SystemParts

/// What faults happen to.
struct FaultTargets {
    let play: Play
    let network: Network
    let world: World
    let coordinator: SimulatedCoordinator
    let workers: [SimulatedWorker]
}

final class FaultInjector {
    private var random: SplitMix64
    /// The faults of this seed, and how often they come.
    private let known: [FaultKind]
    private let meanMilliseconds: Int
    let end: Int64
    /// How often each kind came.
    private(set) var kinds: [FaultKind: Int] = [:]

    init(seed: UInt64) {
        random = SplitMix64(seed: seed, kind: 1, index: 0)
        // Some seeds know a few kinds only: what many faults at once hide shows there.
        var random = random
        known = random.chance(6_000) ? FaultKind.allCases : FaultKind.allCases.filter { _ in random.chance(4_000) }
        meanMilliseconds = random.pick([400, 1_000, 2_500])
        end = Int64(random.within(20_000...45_000))
        self.random = random
    }

    func start(on targets: FaultTargets) {
        guard !known.isEmpty else { return }
        let wait = Int64(random.within(1...(2 * meanMilliseconds)))
        guard targets.play.now + wait < end else { return }
        targets.play.after(wait) { [self] in
            inject(random.pick(known), targets)
            start(on: targets)
        }
    }

    private func inject(_ kind: FaultKind, _ targets: FaultTargets) {
        kinds[kind, default: 0] += 1
        let worker = random.below(targets.workers.count)
        targets.play.trace("fault", 1 + UInt64(worker), "\(kind), worker \(targets.workers[worker].id)")
        switch kind {
        case .connectionLost: targets.network.cut(worker)
        case .partition: targets.network.partition(worker, for: span(500...30_000))
        case .workerCrash: targets.workers[worker].crash(downMilliseconds: span(50...4_000))
        case .hostLost: targets.workers[worker].loseHost(downMilliseconds: span(500...4_000))
        case .workerPause: targets.workers[worker].pause(span(200...20_000))
        case .workerDrain: targets.workers[worker].drain()
        case .journalFailure: targets.workers[worker].failJournal()
        case .coordinatorCrash: targets.coordinator.crash(downMilliseconds: span(50...4_000))
        case .coordinatorPause: targets.coordinator.pause(span(200...6_000))
        case .commitKeepsNothing: targets.coordinator.failCommit(.keepsNothing, downMilliseconds: span(1...800))
        case .commitKeepsUnnoticed: targets.coordinator.failCommit(.keepsUnnoticed, downMilliseconds: span(1...800))
        case .wallJump: targets.play.jumpWall(to: random.pick([0, span(-3_600_000...3_600_000), span(-8_000...8_000)]))
        case .worldDown: targets.world.fail(for: span(200...6_000))
        }
    }

    private func span(_ range: ClosedRange<Int>) -> Int64 { Int64(random.within(range)) }
}
