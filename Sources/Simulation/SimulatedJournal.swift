// Owns: a worker's durable record across crashes: what is on the disk, and what is on its way there.
import Arrears
import Collections
import Leasing

/// The journal of one worker. Writes reach the disk one after another; a crash keeps some first part of those under way.
struct SimulatedJournal {
    enum Write {
        case take([GrantedTask], LeaseKey)
        case begin([TaskID], LeaseKey)
        case putBack([TaskID], LeaseKey)
        case finish([Outcome], LeaseKey)
        case forget([TaskID], LeaseKey)
    }

    struct Key: Hashable {
        var lease: LeaseKey
        var task: TaskID
    }

    private var rows: OrderedDictionary<Key, JournalEntry> = [:]
    private(set) var pending: [Write] = []

    var isEmpty: Bool { rows.isEmpty && pending.isEmpty }
    var entries: [JournalEntry] { Array(rows.values) }

    mutating func add(_ write: Write) { pending.append(write) }

    /// The oldest write under way is on the disk.
    mutating func sync() -> Write {
        let write = pending.removeFirst()
        apply(write)
        return write
    }

    mutating func crash(keeping count: Int) -> [Write] {
        let kept = Array(pending.prefix(count))
        for write in kept { apply(write) }
        pending = []
        return kept
    }

    mutating func wipe() { rows = [:] }

    private mutating func apply(_ write: Write) {
        switch write {
        case .take(let tasks, let lease):
            for task in tasks {
                rows[Key(lease: lease, task: task.id)] = JournalEntry(lease: lease, task: task, state: .granted)
            }
        case .begin(let tasks, let lease): set(tasks, lease, .begun)
        case .putBack(let tasks, let lease): set(tasks, lease, .granted)
        case .finish(let outcomes, let lease):
            for outcome in outcomes { set([outcome.task], lease, .finished(outcome)) }
        case .forget(let tasks, let lease):
            for task in tasks { rows[Key(lease: lease, task: task)] = nil }
        }
    }

    private mutating func set(_ tasks: [TaskID], _ lease: LeaseKey, _ state: JournalEntry.State) {
        for task in tasks { rows[Key(lease: lease, task: task)]?.state = state }
    }
}
