// Owns: one simulation from its first event to its last check: the actors, and who of them knows whom.
import DispatchCore

final class Simulator {
    /// After the faults everything must come to an end within this.
    private static let calmMilliseconds: Int64 = 400_000

    private let play: Play
    private let network: Network
    private let world: World
    private let coordinator: SimulatedCoordinator
    private let workers: [SimulatedWorker]
    private let faults: FaultInjector
    private let person: Person
    private var isOver = false

    init(_ scenario: Scenario, telling tell: ((String) -> Void)?) throws {
        faults = FaultInjector(seed: scenario.seed)
        let play = try Play(scenario, until: faults.end, telling: tell)
        let world = World(play)
        let network = Network(play)
        let stages = play.staff.stages
        workers = (0..<play.staff.count).map { index in
            SimulatedWorker(play, network, world, index: index, stage: stages[index % stages.count])
        }
        coordinator = SimulatedCoordinator(play, network, world)
        network.coordinator = coordinator
        network.workers = workers
        person = Person(play, world, coordinator)
        (self.play, self.world, self.network) = (play, world, network)
    }

    func run() -> Played {
        coordinator.boot()
        for worker in workers { play.after(Int64(worker.index * 7)) { worker.start() } }
        faults.start(
            on: FaultTargets(
                play: play, network: network, world: world, coordinator: coordinator, workers: workers))
        person.start(until: faults.end)
        let end = faults.end
        play.after(end) { [self] in
            play.trace("fault", 0, "no more faults")
            play.jumpWall(to: 0)
            lookForEnd(by: end + Self.calmMilliseconds)
        }
        while !isOver, let event = play.nextEvent() { event() }
        return play.end(faults: faults.kinds)
    }

    private func lookForEnd(by limit: Int64) {
        let isQuiet = workers.allSatisfy(\.isIdle) && play.openTasks().isEmpty
        guard isQuiet || play.now >= limit else {
            return play.after(1_500) { [self] in lookForEnd(by: limit) }
        }
        play.checkTheEnd(world)
        isOver = true
    }

    func removeStore() { play.removeStore() }
}

extension Scenario {
    /// Plays it to the end, or to the first violation.
    /// - Parameter tell: is given each line of the trace as it happens; nil is fastest, and plays the same.
    /// - Throws: what the SQLite store throws when its directory cannot be made.
    package func play(telling tell: ((String) -> Void)? = nil) throws -> Played {
        let simulator = try Simulator(self, telling: tell)
        defer { simulator.removeStore() }
        return simulator.run()
    }
}
