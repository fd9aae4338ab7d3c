// Owns: a lease as its handler sees it. Knows nothing itself: its keeper is asked.
import Arrears
import Leasing
import Synchronization

/// Who does for a lease what its handler asks.
protocol LeaseKeeper: AnyObject, Sendable {
    func begin(_ tasks: [TaskID], under key: LeaseKey) async throws -> Set<TaskID>
    func finish(_ outcomes: [Outcome], under key: LeaseKey) async throws
    func release(_ tasks: [TaskID], under key: LeaseKey) async throws
    func holds(_ key: LeaseKey) async -> Bool
}

final class BatchLease: HeldLease {
    let key: LeaseKey
    private let keeper: any LeaseKeeper
    private let ending = Atomic(false)
    private let undone = Mutex<Set<TaskID>>([])

    init(key: LeaseKey, keeper: any LeaseKeeper) {
        self.key = key
        self.keeper = keeper
    }

    func begin(_ tasks: [TaskID]) async throws -> Set<TaskID> { try await keeper.begin(tasks, under: key) }
    func finish(_ outcomes: [Outcome]) async throws { try await keeper.finish(outcomes, under: key) }
    func release(_ tasks: [TaskID]) async throws { try await keeper.release(tasks, under: key) }

    var isHeld: Bool { get async { await keeper.holds(key) } }
    var isEnding: Bool { ending.load(ordering: .acquiring) }
    var cancelled: Set<TaskID> { undone.withLock { $0 } }
    func cancel(_ tasks: [TaskID]) { undone.withLock { $0.formUnion(tasks) } }
    func drain() { ending.store(true, ordering: .releasing) }
}
