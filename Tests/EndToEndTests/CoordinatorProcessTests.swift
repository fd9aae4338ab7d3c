// Owns: a long-running coordinator as a process: one per data directory, orders, an orderly end.
import Foundation
import Testing

@Suite("A coordinator process", .serialized)
struct CoordinatorProcessTests {
    private struct Address: Decodable {
        var port: Int
        var pid: Int32
    }

    /// Starts one and waits until it says where it listens.
    private func start(on data: String, scratch: Scratch) throws -> (process: RecoupProcess, port: Int) {
        let process = try RecoupProcess(
            ["coordinator", "--data", data, "--listen", "127.0.0.1:0"], scratch: scratch)
        var port = 0
        try wait(for: "the coordinator listens", while: { process.isRunning }) {
            guard let bytes = FileManager.default.contents(atPath: "\(data)/coordinator.json"),
                let address = try? JSONDecoder().decode(Address.self, from: bytes), address.pid == process.pid
            else { return false }
            port = address.port
            return true
        }
        return (process, port)
    }

    @Test("A second one on the same data directory is refused with exit 4 and told who has it; the first goes on")
    func second() throws {
        let scratch = try Scratch()
        let data = scratch.path("data")
        let first = try start(on: data, scratch: scratch).process

        let second = try recoup("coordinator", "--data", data, "--listen", "127.0.0.1:0", scratch: scratch)

        #expect(second.code == 4)
        #expect(second.errors.contains("\(first.pid)"), "it names the process that has it; got: \(second.errors)")
        #expect(first.isRunning)
        let status = try recoup("status", "--data", data, "--require-coordinator", scratch: scratch)
        #expect(status.code == 0, "\(status.errors)")
        first.send(SIGTERM)
        #expect(first.finish().code == 0)
        #expect(try recoup("status", "--data", data, "--require-coordinator", scratch: scratch).code == 7)
    }

    @Test("`recoup run` hands its order to a live coordinator, and shows the report when workers have done it")
    func order() throws {
        let scratch = try Scratch()
        let data = scratch.path("data")
        let (coordinator, port) = try start(on: data, scratch: scratch)
        let book = scratch.path("book.csv")
        _ = try recoup("book", "generate", "--accounts", "150", "--as-of", "2026-11-20", "--output", book, scratch: scratch)
        let world = try OutsideWorld(scratch: scratch)
        let workers = try world.workers(coordinator: "127.0.0.1:\(port)")

        for day in ["2026-11-20", "2026-11-21"] {
            let run = try recoup(
                "run", "--data", data, "--book", book, "--as-of", day, "--rehearse-at", "10:00", scratch: scratch)
            #expect(run.code == 0, "\(run.errors)")
            #expect(run.output.contains("run \(day)-1"), "got: \(run.output)")
        }

        for worker in workers { worker.send(SIGTERM) }
        for worker in workers { #expect(worker.finish().code == 0, "who is asked to drain ends well") }
        world.end()
        coordinator.send(SIGTERM)
        #expect(coordinator.finish().code == 0)
    }

    @Test("A worker of an unknown stage is a usage error; one under a name that is taken is refused")
    func refusedWorkers() throws {
        let scratch = try Scratch()
        let (coordinator, port) = try start(on: scratch.path("data"), scratch: scratch)
        let unknown = try recoup(
            "worker", "--stage", "email", "--id", "w", "--coordinator", "127.0.0.1:\(port)", "--data",
            scratch.path("w"), scratch: scratch)
        #expect(unknown.code == 2)
        #expect(coordinator.isRunning)
        coordinator.send(SIGTERM)
        #expect(coordinator.finish().code == 0)
    }
}

/// A sandbox and workers, each started by hand as an operator on several hosts would.
struct OutsideWorld {
    private let sandbox: RecoupProcess
    private let scratch: Scratch
    private let port: Int

    init(scratch: Scratch) throws {
        self.scratch = scratch
        let directory = scratch.path("world")
        sandbox = try RecoupProcess(
            [
                "sandbox", "--data", directory, "--token-file", scratch.path("token"), "--agencies",
                scratch.path("agencies"),
            ], scratch: scratch)
        struct Address: Decodable { var port: Int }
        var found = 0
        let process = sandbox
        try wait(for: "the sandbox listens", while: { process.isRunning }) {
            guard let bytes = FileManager.default.contents(atPath: "\(directory)/sandbox.json"),
                let address = try? JSONDecoder().decode(Address.self, from: bytes)
            else { return false }
            found = address.port
            return true
        }
        port = found
    }

    /// One for each of the stages.
    func workers(
        coordinator: String, stages: [String] = ["sms", "callQueue", "agency", "legal"]
    ) throws -> [RecoupProcess] {
        try stages.map { stage in
            var arguments = [
                "worker", "--stage", stage, "--id", stage, "--pool", "--data", scratch.path("workers"),
                "--coordinator", coordinator, "--poll-milliseconds", "100",
            ]
            switch stage {
            case "agency": arguments += ["--agencies", scratch.path("agencies")]
            case "legal": arguments += ["--legal", scratch.path("legal")]
            default:
                arguments += ["--gateway", "http://127.0.0.1:\(port)", "--token-file", scratch.path("token")]
            }
            return try RecoupProcess(arguments, scratch: scratch)
        }
    }

    func end() {
        sandbox.send(SIGTERM)
        _ = sandbox.finish()
    }
}
