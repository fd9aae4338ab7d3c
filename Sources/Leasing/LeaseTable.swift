// Owns: which leases are live until when, by the clock that never jumps. The ledger holds the tasks; this holds the time.
import Arrears
import Collections

/// The live leases of a coordinator. Deadlines live in memory only: after a restart every live lease gets a whole new
/// duration, which is safe, since a worker counts its own time from before its request.
package struct LeaseTable: Sendable {
    /// A lease that is held.
    package struct Held: Hashable, Sendable {
        package var key: LeaseKey
        package var worker: WorkerID
        package var stage: Stage
        /// Uptime in milliseconds.
        package var deadline: Int64
        /// Tasks not yet settled, released or otherwise gone from it; nil after a restart, when it is not counted.
        package var remaining: Int?
    }

    private var held: [LeaseID: Held] = [:]
    /// May hold outdated entries: a lease's real deadline stands in `held`.
    private var queue = Heap<Entry>()

    private struct Entry: Comparable {
        var deadline: Int64
        var id: LeaseID
        static func < (left: Entry, right: Entry) -> Bool { (left.deadline, left.id) < (right.deadline, right.id) }
    }

    package init() {}

    package var count: Int { held.count }

    package subscript(id: LeaseID) -> Held? { held[id] }

    package mutating func grant(
        _ key: LeaseKey, worker: WorkerID, stage: Stage, deadline: Int64, tasks: Int?
    ) {
        precondition(held[key.id] == nil, "lease \(key.id) granted twice")
        held[key.id] = Held(key: key, worker: worker, stage: stage, deadline: deadline, remaining: tasks)
        queue.insert(Entry(deadline: deadline, id: key.id))
    }

    /// False when the lease is not live under this epoch.
    package mutating func extend(_ key: LeaseKey, to deadline: Int64) -> Bool {
        guard var lease = held[key.id], lease.key == key else { return false }
        precondition(deadline >= lease.deadline, "lease \(key.id) cut from \(lease.deadline) to \(deadline)")
        lease.deadline = deadline
        held[key.id] = lease
        queue.insert(Entry(deadline: deadline, id: key.id))
        return true
    }

    /// Takes tasks out of a lease's count. True when none is left, and the lease can end.
    package mutating func takeTask(from key: LeaseKey) -> Bool {
        guard var lease = held[key.id], lease.key == key, let remaining = lease.remaining else { return false }
        precondition(remaining > 0, "lease \(key.id) has more tasks reported than granted")
        lease.remaining = remaining - 1
        held[key.id] = lease
        return remaining == 1
    }

    package mutating func end(_ key: LeaseKey) {
        if let lease = held[key.id], lease.key == key { held[key.id] = nil }
    }

    /// Removes and returns the leases whose deadline has passed, the earliest first.
    package mutating func takeExpired(now: Int64) -> [Held] {
        var expired: [Held] = []
        while let entry = queue.min, entry.deadline <= now {
            queue.removeMin()
            guard let lease = held[entry.id], lease.deadline == entry.deadline else { continue }
            held[entry.id] = nil
            expired.append(lease)
        }
        return expired
    }

    /// The earliest moment at which a lease may end by itself; may be too early, never too late.
    package var nextDeadline: Int64? { queue.min?.deadline }

    package var leases: [Held] { held.values.sorted { $0.key.id < $1.key.id } }
}
