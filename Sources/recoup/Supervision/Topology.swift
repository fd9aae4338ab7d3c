// Owns: DIR/topology.json, from which an embedded set of processes is started again. Knows nothing of how processes are
// started.
import Foundation

/// What an embedded set was started with; kept in DIR/topology.json so that it can be started again.
struct EmbeddedSettings: Codable, Hashable, Sendable {
    /// The set has its own outside world; otherwise the configuration names a gateway.
    var sandbox: Bool
    /// The sandbox's seed.
    var seed: UInt64
    /// recoup.yaml, as an absolute path.
    var configuration: String?
    /// Where the coordinator listens.
    var listen: Endpoint
}

/// What an embedded run or a demo started, so that `recoup resume` can start it again.
struct Topology: Codable, Sendable {
    struct Running: Codable, Sendable {
        var name: String
        var process: ProcessIdentity
    }

    var version = 1
    var settings: EmbeddedSettings
    var supervisor: ProcessIdentity?
    var running: [Running] = []

    init(settings: EmbeddedSettings) { self.settings = settings }
}

extension DataDirectory {
    func readTopology() throws -> Topology? {
        guard FileManager.default.fileExists(atPath: topology) else { return nil }
        let found = try readJSON(Topology.self, from: topology)
        guard found.version == 1 else {
            throw Failure(.usage, "\(topology): version: expected 1, got \(found.version)")
        }
        return found
    }
}
