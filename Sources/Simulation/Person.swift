// Owns: a person at the lender who decides on uncertain tasks, by what the world really knows. Slow: what was looked at may
// have changed when the decision arrives.
import Arrears
import Ledger
import SystemParts

/// What a person decided on a task.
struct HandDecision {
    enum Kind { case settle, release }
    var kind: Kind
    var task: TaskID
    var hand: ByHand
}

final class Person {
    /// A task is looked at when it has longEnoughAgo this long: nothing of it is under way any more.
    private static let delayMilliseconds: Int64 = 10_000

    private unowned let simulator: Simulator
    private var random: SplitMix64

    init(_ simulator: Simulator) {
        self.simulator = simulator
        random = SplitMix64(seed: simulator.scenario.seed, kind: 8, index: 0)
    }

    func start(until end: Int64) {
        let wait = Int64(random.within(2_000...12_000))
        guard simulator.now + wait < end else { return }
        simulator.after(wait) { [self] in
            look()
            start(until: end)
        }
    }

    private func look() {
        // By a clock that has just jumped nobody can say how long something has longEnoughAgo.
        if let jumpedAt = simulator.wallJumpedAt, simulator.now - jumpedAt < 2 * Self.delayMilliseconds { return }
        let longEnoughAgo = simulator.wallNow.wall.adding(milliseconds: -Self.delayMilliseconds)
        let uncertain = simulator.inLedger { try $0.uncertainTasks(of: Simulator.run, limit: 5) }
            .filter { $0.changedAt <= longEnoughAgo }
        guard !uncertain.isEmpty else { return }
        let record = random.pick(uncertain)
        guard let lease = record.lease else { return }
        let wasDone = simulator.world.count(record.task.id) > 0
        let decision = HandDecision(
            kind: wasDone ? .settle : .release, task: record.task.id,
            hand: ByHand(person: "li", reason: wasDone ? "it arrived" : "it never arrived", lease: lease))
        simulator.trace("person", wasDone ? 1 : 2, "looks at \(record.task.id): \(decision.hand.reason)")
        simulator.after(Int64(random.within(100...25_000))) { [simulator] in simulator.coordinator.decide(decision) }
    }
}
