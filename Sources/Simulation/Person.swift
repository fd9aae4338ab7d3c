// Owns: a person at the lender who decides on uncertain tasks, by what the world really knows. Slow: what was looked at may
// have changed when the decision arrives.
import Arrears
import Ledger
import SystemParts

final class Person {
    /// A task is looked at when it has been so this long: nothing of it is under way any more.
    private static let delayMilliseconds: Int64 = 10_000

    private unowned let play: Play
    private unowned let world: World
    private unowned let coordinator: SimulatedCoordinator
    private var random: SplitMix64

    init(_ play: Play, _ world: World, _ coordinator: SimulatedCoordinator) {
        (self.play, self.world, self.coordinator) = (play, world, coordinator)
        random = SplitMix64(seed: play.scenario.seed, kind: 8, index: 0)
    }

    func start(until end: Int64) {
        let wait = Int64(random.within(2_000...12_000))
        guard play.now + wait < end else { return }
        play.after(wait) { [self] in
            look()
            start(until: end)
        }
    }

    private func look() {
        // By a clock that has just jumped nobody can say how long something has been so.
        if let jumpedAt = play.wallJumpedAt, play.now - jumpedAt < 2 * Self.delayMilliseconds { return }
        let longEnoughAgo = play.wallNow.wall.adding(milliseconds: -Self.delayMilliseconds)
        let uncertain = play.inLedger { try $0.uncertainTasks(of: Play.run, limit: 5) }
            .filter { $0.changedAt <= longEnoughAgo }
        guard !uncertain.isEmpty else { return }
        let record = random.pick(uncertain)
        guard let lease = record.lease else { return }
        let wasDone = world.count(record.task.id) > 0
        let decision = HandDecision(
            kind: wasDone ? .settle : .release, task: record.task.id,
            hand: ByHand(person: "li", reason: wasDone ? "it arrived" : "it never arrived", lease: lease))
        play.trace("person", wasDone ? 1 : 2, "looks at \(record.task.id): \(decision.hand.reason)")
        play.after(Int64(random.within(100...25_000))) { [coordinator] in coordinator.decide(decision) }
    }
}
