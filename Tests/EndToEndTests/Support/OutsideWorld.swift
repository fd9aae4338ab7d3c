// Owns: a sandbox and workers, each a process of its own, as on several hosts. Knows nothing of what is tested.
import Foundation
import Testing

/// A sandbox and workers, each started by hand, as on several hosts.
struct OutsideWorld {
    private let sandbox: Started
    private let scratch: Scratch
    private let endpoint: String

    init(in scratch: Scratch) throws {
        self.scratch = scratch
        let directory = scratch.path("world")
        sandbox = try Started(
            [
                Project.binary, "sandbox", "--data", directory, "--token-file", scratch.path("token"), "--agencies",
                scratch.path("agencies"),
            ], in: scratch)
        endpoint = try announced("\(directory)/sandbox.json", by: sandbox)
    }

    func worker(
        _ stage: String, coordinator: String, name: String? = nil, data: String? = nil, isPooled: Bool = false,
        pollMilliseconds: Int = 100
    ) throws -> Started {
        let name = name ?? "\(stage)-1"
        var arguments = [
            Project.binary, "worker", "--stage", stage, "--id", name, "--data", scratch.path(data ?? name),
            "--coordinator", coordinator, "--poll-milliseconds", "\(pollMilliseconds)",
        ]
        if isPooled { arguments.append("--pool") }
        switch stage {
        case "agency": arguments += ["--agencies", scratch.path("agencies")]
        case "legal": arguments += ["--legal", scratch.path("legal")]
        default: arguments += ["--gateway", "http://\(endpoint)", "--token-file", scratch.path("token")]
        }
        return try Started(arguments, in: scratch)
    }

    /// The sandbox stands still: it accepts connections, and answers nothing.
    func pause() { kill(sandbox.process.processIdentifier, SIGSTOP) }
    func goOn() { kill(sandbox.process.processIdentifier, SIGCONT) }

    /// What the sandbox has on its record.
    var effects: Int {
        let record = try? String(contentsOfFile: scratch.path("world/effects.jsonl"), encoding: .utf8)
        return record?.split(separator: "\n").count ?? 0
    }

    func stop() throws {
        sandbox.process.terminate()
        let end = sandbox.end()
        #expect(end.code == 0, "\(end.text)")
    }
}
