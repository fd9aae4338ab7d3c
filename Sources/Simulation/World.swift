// Owns: the outside: a record of every attempt that reached it, and answers to inquiries. Knows nothing of leases.
import Arrears
import SystemParts

/// The world that tasks touch. It knows each attempt by the task's id.
final class World {
    enum Answer { case taken, comeAgain, silent }
    enum Knowledge { case seen, neverSeen, cannotTell }

    /// The longest way of an attempt from the worker to the record, milliseconds.
    static let longestTravel = 4_000

    private unowned let play: Play
    private var random: SplitMix64
    private var arrivals: [TaskID: Int] = [:]
    /// Attempts that have left a worker and not arrived.
    private var underWay: [TaskID: Int] = [:]
    private var downUntil: Int64 = 0

    init(_ play: Play) {
        self.play = play
        random = SplitMix64(seed: play.scenario.seed, kind: 3, index: 0)
    }

    func fail(for milliseconds: Int64) { downUntil = play.now + milliseconds }

    func count(_ task: TaskID) -> Int { arrivals[task] ?? 0 }

    /// Whether an attempt arrived, or will.
    func isTouched(by task: TaskID) -> Bool { count(task) > 0 || underWay[task] ?? 0 > 0 }

    func departed(_ task: TaskID) { underWay[task, default: 0] += 1 }

    func travel() -> Int64 {
        Int64(random.chance(1_500) ? random.within(500...Self.longestTravel) : random.within(1...400))
    }

    /// An attempt arrives. Refused while down, before anything is looked at.
    func arrive(_ task: TaskID, effect: Effect) -> Answer {
        underWay[task, default: 1] -= 1
        if play.now < downUntil, random.chance(6_000) {
            play.trace("world", 1, "refuses \(task) for now")
            return .comeAgain
        }
        let count = count(task) + 1
        arrivals[task] = count
        play.trace("world", 2, "\(task) arrives, number \(count)")
        if effect == .atMostOnce, count > 1 {
            play.violate(.effectAtMostOnce, "\(task): expected one attempt at the world, got \(count)")
        }
        return random.chance(1_000) ? .silent : .taken
    }

    func ask(_ task: TaskID) -> Knowledge {
        if play.mute.contains(task) || play.now < downUntil {
            play.trace("world", 3, "cannot tell of \(task)")
            return .cannotTell
        }
        if count(task) > 0 {
            play.trace("world", 4, "has seen \(task)")
            return .seen
        }
        play.trace("world", 5, "has never seen \(task)")
        return .neverSeen
    }
}
