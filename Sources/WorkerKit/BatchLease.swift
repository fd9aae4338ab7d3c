// Owns: a lease as its handler sees it. Knows nothing itself: the runtime is asked, on its event loop.
import Arrears
import Leasing
import Synchronization

final class BatchLease: HeldLease {
    let key: LeaseKey
    private let runtime: WorkerRuntime
    private let ending = Atomic(false)

    init(key: LeaseKey, runtime: WorkerRuntime) {
        self.key = key
        self.runtime = runtime
    }

    func begin(_ tasks: [TaskID]) async throws -> Set<TaskID> { try await runtime.begin(tasks, under: key) }
    func finish(_ outcomes: [Outcome]) async throws { try await runtime.finish(outcomes, under: key) }
    func release(_ tasks: [TaskID]) async throws { try await runtime.release(tasks, under: key) }

    var isEnding: Bool { ending.load(ordering: .acquiring) }
    func drain() { ending.store(true, ordering: .releasing) }
}
