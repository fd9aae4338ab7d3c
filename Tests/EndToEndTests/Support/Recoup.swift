// Owns: starting the real binary, waiting for it, and looking at what it left. Knows nothing of what is tested.
import Foundation
@testable import Ledger
@testable import SQLiteLedger
import Testing

/// A process that was started here.
final class Started {
    let process = Process()
    private let output: URL

    /// - Parameter arguments: the first is the program's path.
    init(_ arguments: [String], in directory: Scratch, environment: [String: String] = [:]) throws {
        output = directory.url.appendingPathComponent("output-\(UUID().uuidString).txt")
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        process.executableURL = URL(fileURLWithPath: arguments[0])
        process.arguments = Array(arguments.dropFirst())
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        let handle = try FileHandle(forWritingTo: output)
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
    }

    /// The exit code, or minus the signal that ended it, and all that it printed.
    func end() -> (code: Int32, text: String) {
        process.waitUntilExit()
        let code = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return (code, text)
    }

    var text: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }
}

/// A directory for the time of one test.
struct Scratch {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("recoup-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }
    func remove() { try? FileManager.default.removeItem(at: url) }
}

func withScratch<Result>(_ body: (Scratch) throws -> Result) throws -> Result {
    let scratch = try Scratch()
    defer { scratch.remove() }
    return try body(scratch)
}

/// The binary under test, beside the test bundle, and the project around it.
enum Project {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let binary: String = {
        // The test bundle's own process lies in the same build folder.
        let built = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("recoup").path
        if FileManager.default.isExecutableFile(atPath: built) { return built }
        return root.appendingPathComponent(".build/debug/recoup").path
    }()

    /// Runs the binary to its end.
    static func recoup(_ arguments: String..., in scratch: Scratch) throws -> (code: Int32, text: String) {
        try Started([binary] + arguments, in: scratch).end()
    }

    /// Runs one of the project's scripts with the binary under test.
    static func script(_ name: String, _ arguments: String..., in scratch: Scratch) throws -> (
        code: Int32, text: String
    ) {
        let path = root.appendingPathComponent("scripts/\(name)").path
        return try Started(["/bin/bash", path] + arguments, in: scratch, environment: ["RECOUP_BIN": binary]).end()
    }
}

/// The data directory of a run, seen from outside while it works.
struct DataDirectory {
    let path: String

    /// Tasks that are settled; 0 before there is a ledger.
    func settledTasks() -> Int {
        guard let reader = try? SQLiteLedgerReader(directory: path), let run = try? reader.runs().first,
            let counts = try? reader.taskCounts(of: run.id)
        else { return 0 }
        return counts.filter { $0.state == .settled }.reduce(0) { $0 + $1.count }
    }

    /// The process ids of what the supervisor started, by name (`coordinator`, `sms-1`, …), and its own.
    func running() throws -> [String: pid_t] {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(path)/topology.json"))
        return try JSONDecoder().decode(Topology.self, from: data).processes
    }

    private struct Topology: Decodable {
        struct Identity: Decodable { var pid: pid_t }
        struct Child: Decodable {
            var name: String
            var process: Identity
        }
        var supervisor: Identity?
        var running: [Child]

        var processes: [String: pid_t] {
            var named = Dictionary(uniqueKeysWithValues: running.map { ($0.name, $0.process.pid) })
            named["supervisor"] = supervisor?.pid
            return named
        }
    }

    /// Task ids in the sandbox's own record, with how many effects of each stand: a call item that was taken back before anybody
    /// dialled is none.
    func effects() throws -> [String: Int] {
        struct Line: Decodable {
            var task: String
            var withdrawn: Bool?
            enum CodingKeys: String, CodingKey {
                case withdrawn
                case task = "task_id"
            }
        }
        let text = try String(contentsOfFile: "\(path)/sandbox/effects.jsonl", encoding: .utf8)
        var effects: [String: Int] = [:]
        for line in text.split(separator: "\n") {
            let effect = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
            effects[effect.task, default: 0] += effect.withdrawn == true ? -1 : 1
        }
        return effects
    }
}

/// Returns when the condition holds, or when `isOver`. The state itself is the signal; between two looks the processor is
/// left to those who are waited for.
func wait(until holds: () -> Bool, orUntil isOver: () -> Bool) {
    while !holds(), !isOver() { poll(nil, 0, 5) }
}
