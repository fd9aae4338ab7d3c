// Owns: a worker in this process with a handler that does what a test says, in a directory of its own.
@testable import Arrears
import Foundation
@testable import Leasing
import Logging
import Testing
@testable import Wire

@testable import WorkerKit

/// A directory that goes with its test.
final class Directory: Sendable {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("worker-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

typealias Work = @Sendable ([WorkTask], any HeldLease) async throws -> Void

struct FakeHandler: StageHandler {
    let stage = Stage.sms
    var onWork: Work
    var onTend: (@Sendable (@Sendable ([CaseEvent]) async throws -> Void) async throws -> Void)?

    func work(_ tasks: [WorkTask], under lease: any HeldLease) async throws { try await onWork(tasks, lease) }
    func tend(report: @Sendable ([CaseEvent]) async throws -> Void) async throws { try await onTend?(report) }
}

extension Logger {
    static var silent: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }
}

/// A running worker; its exit is the task's value.
struct RunningWorker: Sendable {
    let runtime: WorkerRuntime
    let journal: Journal
    let exit: Task<WorkerExit, any Error>

    init(
        _ directory: Directory, port: Int, capacity: Int = 4, tend: Int64 = 60_000,
        tls: WorkerConfiguration.TLS? = nil, handler: FakeHandler
    ) throws {
        let journal = try Journal(directory: directory.path)
        let configuration = WorkerConfiguration(
            host: "127.0.0.1", port: port, name: "w1", dataDirectory: directory.path, capacity: capacity,
            incarnation: 42, tls: tls, tendMilliseconds: tend, drainMilliseconds: 2_000)
        let runtime = try WorkerRuntime(
            configuration, journal: journal, handler: handler,
            logger: .silent)
        self.journal = journal
        self.runtime = runtime
        exit = Task { try await runtime.run() }
    }

    /// Drains, and closes the journal.
    func stop() async throws -> WorkerExit {
        await runtime.drain()
        let reason = try await exit.value
        journal.close()
        return reason
    }
}

func sms(_ ids: String..., mode: TaskMode = .attempt) -> [GrantedTask] {
    ids.map { id in
        let content = StageContent.sms(SMSContent(to: "+8613800000000", templateID: "t", fields: [:], language: "en"))
        return GrantedTask(
            id: TaskID(id), mode: mode, startWithinMilliseconds: 3_600_000, delivery: 1, content: content.encoded())
    }
}

func lease(_ id: UInt64) -> LeaseKey { LeaseKey(id: LeaseID(id), epoch: Epoch(id)) }

func made(_ id: TaskID) -> Outcome { Outcome(task: id, attempt: .made, code: .delivered, evidence: "m-\(id)") }
