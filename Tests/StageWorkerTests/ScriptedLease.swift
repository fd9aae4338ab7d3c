@testable import Arrears
import Foundation
@testable import Leasing
import Synchronization
import Testing
@testable import WorkerKit

/// A lease that remembers what a handler did with it, and can end or fail where a test wants it.
final class ScriptedLease: HeldLease {
    struct Broken: Error {}

    struct Log {
        var begun: [TaskID] = []
        var outcomes: [TaskID: Outcome] = [:]
        var released: [TaskID] = []
    }

    enum Step { case begin, finish }

    let key = LeaseKey(id: LeaseID(1), epoch: Epoch(1))
    private let breaksAt: Step?
    private let denied: Set<TaskID>
    private let onBegin: @Sendable () -> Void
    private let state = Mutex<(log: Log, isEnding: Bool, cancelled: Set<TaskID>)>((Log(), false, []))

    /// - Parameters:
    ///   - breaksAt: the journal fails there, as when the process is killed.
    ///   - denied: tasks that may not begin.
    init(
        breaksAt: Step? = nil, denied: Set<TaskID> = [], isHeld: Bool = true,
        onBegin: @escaping @Sendable () -> Void = {}
    ) {
        self.isHeld = isHeld
        self.breaksAt = breaksAt
        self.denied = denied
        self.onBegin = onBegin
    }

    var log: Log { state.withLock { $0.log } }
    var outcomes: [TaskID: Outcome] { log.outcomes }
    var codes: [TaskID: OutcomeCode] { outcomes.mapValues(\.code) }

    let isHeld: Bool
    var cancelled: Set<TaskID> { state.withLock { $0.cancelled } }
    func cancel(_ tasks: Set<TaskID>) { state.withLock { $0.cancelled.formUnion(tasks) } }
    var isEnding: Bool { state.withLock { $0.isEnding } }
    func end() { state.withLock { $0.isEnding = true } }

    func begin(_ tasks: [TaskID]) async throws -> Set<TaskID> {
        onBegin()
        if breaksAt == .begin { throw Broken() }
        let allowed = Set(tasks).subtracting(denied)
        state.withLock { $0.log.begun += allowed.sorted() }
        return allowed
    }

    func finish(_ outcomes: [Outcome]) async throws {
        if breaksAt == .finish { throw Broken() }
        state.withLock { state in
            for outcome in outcomes {
                #expect(state.log.outcomes[outcome.task] == nil, "finished twice: \(outcome.task)")
                state.log.outcomes[outcome.task] = outcome
            }
        }
    }

    func release(_ tasks: [TaskID]) async throws { state.withLock { $0.log.released += tasks } }
}

/// A folder that goes away with the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "recoup-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func names(_ folder: String, hidden: Bool = false) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? [])
            .filter { hidden || !$0.hasPrefix(".") }.sorted()
    }

    func bytes(_ file: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(file)")) }

    func text(_ file: String) throws -> String { String(decoding: try bytes(file), as: UTF8.self) }

    func write(_ text: String, to file: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(file)"))
    }

    func move(_ from: String, to target: String) throws {
        try FileManager.default.moveItem(atPath: "\(path)/\(from)", toPath: "\(path)/\(target)")
    }
}
