// Owns: which faults happen when. Knows nothing of what they do.
import SystemParts

/// What can fail.
enum FaultKind: CaseIterable {
    case connectionLost, partition, workerCrash, workerPause, workerDrain, journalFailure, coordinatorCrash, hostLost,
        wallJump
    case coordinatorPause, commitKeepsNothing, commitKeepsUnnoticed, worldDown
}

final class FaultInjector {
    private unowned let simulator: Simulator
    private var random: SplitMix64
    /// The faults of this seed, and how often they come.
    private let known: [FaultKind]
    private let meanMilliseconds: Int
    let end: Int64
    /// How often each kind came.
    private(set) var kinds: [FaultKind: Int] = [:]

    init(_ simulator: Simulator) {
        self.simulator = simulator
        random = SplitMix64(seed: simulator.scenario.seed, kind: 1, index: 0)
        // Some seeds know a few kinds only: what many faults at once hide shows there.
        var random = random
        known = random.chance(6_000) ? FaultKind.allCases : FaultKind.allCases.filter { _ in random.chance(4_000) }
        meanMilliseconds = random.pick([400, 1_000, 2_500])
        end = Int64(random.within(20_000...45_000))
        self.random = random
    }

    func start() {
        guard !known.isEmpty else { return }
        let wait = Int64(random.within(1...(2 * meanMilliseconds)))
        guard simulator.now + wait < end else { return }
        simulator.after(wait) { [self] in
            inject(random.pick(known))
            start()
        }
    }

    private func inject(_ kind: FaultKind) {
        kinds[kind, default: 0] += 1
        let worker = random.below(simulator.workers.count)
        simulator.trace("fault", 1 + UInt64(worker), "\(kind), worker \(simulator.workers[worker].id)")
        switch kind {
        case .connectionLost: simulator.network.cut(worker)
        case .partition: simulator.network.partition(worker, for: span(500...30_000))
        case .workerCrash: simulator.workers[worker].crash(downMilliseconds: span(50...4_000))
        case .hostLost: simulator.workers[worker].loseHost(downMilliseconds: span(500...4_000))
        case .workerPause: simulator.workers[worker].pause(span(200...20_000))
        case .workerDrain: simulator.workers[worker].drain()
        case .journalFailure: simulator.workers[worker].failJournal()
        case .coordinatorCrash: simulator.coordinator.crash(downMilliseconds: span(50...4_000))
        case .coordinatorPause: simulator.coordinator.pause(span(200...6_000))
        case .commitKeepsNothing: simulator.coordinator.failCommit(.keepsNothing, downMilliseconds: span(1...800))
        case .commitKeepsUnnoticed: simulator.coordinator.failCommit(.keepsUnnoticed, downMilliseconds: span(1...800))
        case .wallJump: simulator.jumpWall(to: random.pick([0, span(-3_600_000...3_600_000), span(-8_000...8_000)]))
        case .worldDown: simulator.world.fail(for: span(200...6_000))
        }
    }

    private func span(_ range: ClosedRange<Int>) -> Int64 { Int64(random.within(range)) }
}
