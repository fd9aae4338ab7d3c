// Owns: the seam between a worker's machinery (link, journal, leases, drain) and what one stage does to the world.
import Arrears
import Leasing

/// One task of a lease, its content decoded.
package struct WorkTask: Hashable, Sendable {
    package var id: TaskID
    /// Do it, or ask the outside whether it was done.
    package var mode: TaskMode
    package var delivery: Int
    package var content: StageContent
    /// An intent of an earlier process of this worker, to be asked about: its attempt may have been under way a moment ago.
    package var isFromJournal: Bool = false
}

/// What a handler may do with the lease it works on. Every method is safe from any task.
package protocol HeldLease: Sendable {
    var key: LeaseKey { get }
    /// Makes the intent to touch the world for these tasks durable, in one write. The ids that may start are returned;
    /// the others must be left alone: their contact window or the lease is over (safety margin included), the
    /// coordinator withdrew them, or the worker is draining.
    /// - Throws: when the journal cannot be written: the world must not be touched.
    func begin(_ tasks: [TaskID]) async throws -> Set<TaskID>
    /// Makes results durable and queues them for the coordinator. Also the answers to inquiries
    /// (`attempt` `.made` with what is known, `.neverSeen`, `.unknown`) and refusals (`.notMade`), which need no `begin`.
    func finish(_ outcomes: [Outcome]) async throws
    /// Gives back tasks that were not attempted: not begun, or begun and proved never to have reached the outside.
    func release(_ tasks: [TaskID]) async throws
    /// The worker was asked to stop, or the lease is lost: begin nothing more and return soon.
    var isEnding: Bool { get }
    /// The coordinator wants these undone, for the window has closed: what the outside has not done yet is taken back.
    var cancelled: Set<TaskID> { get }
    /// The coordinator gave the tasks to nobody else yet.
    var isHeld: Bool { get async }
}

/// Durable memory of a stage beside the tasks, in the worker's journal: such as the next batch number of an agency.
package protocol StageMemory: Sendable {
    func value(_ key: String) throws -> String?
    func setValue(_ value: String, for key: String) throws
}

/// What one stage does to the world.
package protocol StageHandler: Sendable {
    var stage: Stage { get }
    /// Works through the tasks of one lease, or of what is left of one after a restart, and returns when each is
    /// finished, released, or left because the lease is ending. Never throws for the outside's faults: those are
    /// outcomes, or a release where it is proved that nothing was attempted.
    /// - Throws: only what `HeldLease` threw (the journal), which stops the worker.
    func work(_ tasks: [WorkTask], under lease: any HeldLease) async throws
    /// Called now and then while the worker runs: news about tasks that were settled before. `report` returns when the
    /// coordinator has made the events durable.
    func tend(report: @Sendable ([CaseEvent]) async throws -> Void) async throws
    /// Ends connections; nothing is in work any more.
    func shutdown() async
}

extension StageHandler {
    package func tend(report: @Sendable ([CaseEvent]) async throws -> Void) async throws {}
    package func shutdown() async {}
}
