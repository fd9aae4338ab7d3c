// Owns: DIR/topology.json, from which an embedded set of processes is started again; and the files in which a listening
// process says where it is found. Knows nothing of how processes are started.
import Foundation

/// Where a listening process is found: DIR/coordinator.json, DIR/sandbox.json.
struct Announcement: Codable, Hashable, Sendable {
    var host: String
    var port: Int
    var pid: Int32

    var endpoint: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The process that wrote it still lives: one with its number that is a recoup, not whatever got the number since.
    var isLive: Bool {
        guard ProcessIdentity(running: pid) != nil,
            let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline")
        else { return false }
        let name = line.prefix { $0 != 0 }
        return String(decoding: name, as: UTF8.self).split(separator: "/").last == "recoup"
    }
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

/// The names of the files in a data directory.
struct DataDirectory: Sendable {
    var path: String

    init(_ path: String) {
        self.path = URL(fileURLWithPath: path).standardizedFileURL.path
    }

    var ledger: String { "\(path)/ledger.sqlite" }
    var topology: String { "\(path)/topology.json" }
    var coordinator: String { "\(path)/coordinator.json" }
    /// The sandbox's own directory, with its record of effects.
    var sandbox: String { "\(path)/sandbox" }
    var sandboxAddress: String { "\(sandbox)/sandbox.json" }
    var orders: String { "\(path)/orders" }
    var disclosures: String { "\(path)/disclosures.jsonl" }
    var agencies: String { "\(path)/agencies" }
    var legal: String { "\(path)/legal" }
    var token: String { "\(path)/gateway.token" }
    func log(_ name: String) -> String { "\(path)/logs/\(name).log" }
    func worker(_ name: String) -> String { "\(path)/workers/\(name)" }

    var hasLedger: Bool { FileManager.default.fileExists(atPath: ledger) }

    /// Makes the directory and those under it; nobody but the owner may look inside, for it holds personal data.
    func create() throws {
        for directory in [path, "\(path)/logs", "\(path)/workers", orders, agencies, legal] {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        }
    }

    func announcement(at file: String) -> Announcement? { try? readJSON(Announcement.self, from: file) }

    /// The coordinator that works on this directory now, if it stands on this machine.
    var liveCoordinator: Announcement? {
        announcement(at: coordinator).flatMap { $0.isLive ? $0 : nil }
    }

    func readTopology() throws -> Topology? {
        guard FileManager.default.fileExists(atPath: topology) else { return nil }
        let found = try readJSON(Topology.self, from: topology)
        guard found.version == 1 else {
            throw Failure(.usage, "\(topology): version: expected 1, got \(found.version)")
        }
        return found
    }
}

func readJSON<Value: Decodable>(_ type: Value.Type, from file: String) throws -> Value {
    let data = try Data(contentsOf: URL(fileURLWithPath: file))
    do {
        return try JSONDecoder().decode(type, from: data)
    } catch {
        throw Failure(.usage, "\(file): expected \(type) in JSON, got: \(error)")
    }
}

/// Writes a file so that a reader sees the old one or the new one, and a power cut leaves one of them.
func writeAtomically(_ bytes: some Collection<UInt8>, to file: String) throws {
    let temporary = "\(file).\(getpid()).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
    func refused(_ what: String) -> Failure {
        Failure(.ledgerUnavailable, "\(file): cannot \(what): \(String(cString: strerror(errno)))")
    }
    guard descriptor >= 0 else { throw refused("create") }
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else {
            close(descriptor)
            throw refused("write")
        }
        rest = rest.dropFirst(count)
    }
    let isSynced = fsync(descriptor) == 0
    close(descriptor)
    guard isSynced, rename(temporary, file) == 0 else { throw refused("put in place") }
    let directory = open(URL(fileURLWithPath: file).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
    if directory >= 0 {
        fsync(directory)
        close(directory)
    }
}

func writeJSON(_ value: some Encodable, to file: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try writeAtomically(try encoder.encode(value), to: file)
}
