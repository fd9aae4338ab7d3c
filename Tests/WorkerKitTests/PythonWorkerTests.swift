// Owns: the proof that proto/README.md is enough to write a worker in another language.
@testable import Arrears
import Foundation
@testable import Leasing
import Testing
@testable import Wire

@Suite("A worker in Python, written from proto/README.md", .timeLimit(.minutes(2))) struct PythonWorkerTests {
    /// The script's exit status and what it printed.
    private struct Ended: Sendable {
        var status: Int32
        var output: String
    }

    private func start(_ arguments: [String]) throws -> (process: Process, end: Task<Ended, Never>) {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Support/python_worker.py")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [script.path] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        let (exits, exit) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { exit.yield($0.terminationStatus) }
        try process.run()
        let end = Task {
            let status = await exits.first { _ in true } ?? -1
            let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            return Ended(status: status, output: output)
        }
        return (process, end)
    }

    @Test func `leases, reports, answers inquiries, and drains after its tasks`() async throws {
        let coordinator = try await FakeCoordinator()
        let (_, end) = try start(["--port", "\(coordinator.port)", "--tasks", "3", "--capacity", "2"])
        let session = await coordinator.session()
        let hello = try #require(await session.hello())
        #expect(hello.worker == "python-1" && hello.stages == [StageName(.sms)])
        let first = await session.request()
        #expect(first?.credit == 2)
        session.grant(first, lease(1), sms("a") + sms("b", mode: .inquire))
        let report = await session.report()
        #expect(report?.outcomes.map(\.attempt) == [.made, .neverSeen])
        #expect(report?.outcomes.first?.code == .delivered)
        session.acknowledge(report)
        session.grant(await session.request(), lease(2), sms("c", "d", "e"))
        let last = await session.report()
        #expect(last?.outcomes.map(\.task) == ["c", "d"])
        let release = await session.release()
        #expect(release?.tasks == ["e"])
        session.acknowledge(last)
        session.acknowledge(release)
        #expect(await session.receive() == .goodbye(reason: "drained"))
        let ended = await end.value
        #expect(ended.status == 0)
        #expect(ended.output == "{\"released\": 1, \"reported\": 4, \"verdicts\": {\"ACCEPTED\": 4}}\n")
    }

    @Test func `drains at SIGTERM`() async throws {
        let coordinator = try await FakeCoordinator()
        let (process, end) = try start(["--port", "\(coordinator.port)"])
        let session = await coordinator.session()
        _ = await session.hello()
        _ = await session.request()
        process.terminate()
        #expect(await session.receive() == .goodbye(reason: "drained"))
        #expect(await end.value.status == 0)
    }

    @Test func `ends with a status of its own when it is refused`() async throws {
        let coordinator = try await FakeCoordinator(greet: { hello in
            .refused(Message.Refused(code: .unknownStage, message: "expected sms, got \(hello.stages)"))
        })
        let (_, end) = try start(["--port", "\(coordinator.port)", "--stage", "fax"])
        let ended = await end.value
        #expect(ended.status == 3)
        #expect(ended.output.contains("refused: expected sms, got [fax]"))
    }
}
