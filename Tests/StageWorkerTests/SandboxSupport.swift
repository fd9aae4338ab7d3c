// Owns: what the tests of the sms and callQueue stages stand on: a sandbox in this process, a lease without a
// coordinator, and time that does not pass.
@testable import Arrears
import Foundation
@testable import HTTP2Client
@testable import Leasing
@testable import Sandbox
import Synchronization
@testable import WorkerKit

/// A sandbox that runs in this process, in a directory of its own.
struct RunningSandbox: Sendable {
    var directory: String
    var port: Int

    var effectsPath: String { directory + "/effects.jsonl" }

    func service(_ change: (inout HTTP2ClientConfiguration) -> Void = { _ in }) -> ServiceConfiguration {
        var http = HTTP2ClientConfiguration(origin: HTTP2Origin(scheme: .http, host: "127.0.0.1", port: port))
        change(&http)
        return ServiceConfiguration(http: http, tokenFile: directory + "/token")
    }

    func lines() throws -> [EffectLine] { try EffectRecord.lines(path: effectsPath) }
}

func withTemporaryDirectory(_ use: (String) async throws -> Void) async throws {
    let directory = NSTemporaryDirectory() + "recoup-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try await use(directory)
}

/// Runs a sandbox with seed 7 whose debtors answer at once, while `use` runs.
func withSandbox(
    in directory: String? = nil, _ change: (inout SandboxConfiguration) -> Void = { _ in },
    _ use: @escaping @Sendable (RunningSandbox) async throws -> Void
) async throws {
    guard let directory else {
        return try await withTemporaryDirectory { try await withSandbox(in: $0, change, use) }
    }
    var configuration = SandboxConfiguration(directory: directory, seed: 7)
    configuration.answerMilliseconds = 0
    change(&configuration)
    let settled = configuration
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { port.finish() }
            try await Sandbox.run(settled, stopsOnSignals: false, onReady: { port.yield($0) })
        }
        for await port in ports.prefix(1) {
            try await use(RunningSandbox(directory: directory, port: port))
        }
        group.cancelAll()
        try await group.waitForAll()
    }
}

/// A lease as a handler sees it, which remembers what the handler did.
final class TestLease: HeldLease {
    private struct State {
        var begun: [TaskID] = []
        var finished: [TaskID: Outcome] = [:]
        var released: [TaskID] = []
        var denied: Set<TaskID> = []
        var isEnding = false
        var endsAfterBegin = false
    }

    private let state = Mutex(State())
    let key = LeaseKey(id: LeaseID(1), epoch: Epoch(1))

    /// These may not start.
    init(denied: Set<TaskID> = [], isEnding: Bool = false, endsAfterBegin: Bool = false) {
        state.withLock {
            $0.denied = denied
            $0.isEnding = isEnding
            $0.endsAfterBegin = endsAfterBegin
        }
    }

    var begun: [TaskID] { state.withLock { $0.begun } }
    var finished: [TaskID: Outcome] { state.withLock { $0.finished } }
    var released: [TaskID] { state.withLock { $0.released } }
    var isHeld: Bool { true }
    var cancelled: Set<TaskID> { [] }
    var isEnding: Bool { state.withLock { $0.isEnding } }

    func begin(_ tasks: [TaskID]) async throws -> Set<TaskID> {
        state.withLock { state in
            let allowed = Set(tasks).subtracting(state.denied)
            state.begun += tasks.filter(allowed.contains)
            if state.endsAfterBegin { state.isEnding = true }
            return allowed
        }
    }

    func finish(_ outcomes: [Outcome]) async throws {
        state.withLock { state in
            for outcome in outcomes {
                precondition(state.finished[outcome.task] == nil, "task \(outcome.task) was finished twice")
                state.finished[outcome.task] = outcome
            }
        }
    }

    func release(_ tasks: [TaskID]) async throws { state.withLock { $0.released += tasks } }
}

/// Time that passes only while somebody waits for it.
func givenPace() -> Pace {
    let clock = GivenClock()
    return Pace(now: { clock.now }, sleep: { await clock.pass($0) })
}

private final class GivenClock: Sendable {
    private let elapsed = Mutex(Duration.zero)
    var now: Duration { elapsed.withLock { $0 } }
    func pass(_ duration: Duration) async {
        elapsed.withLock { $0 += duration }
        await Task.yield()
    }
}

/// The directory of texts that ship with the project.
func shipped(_ directory: String) -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    return root.path + "/templates/" + directory
}

func smsTask(_ number: Int, mode: TaskMode = .attempt, change: (inout SMSContent) -> Void = { _ in }) -> WorkTask {
    var content = SMSContent(
        to: "+8613800\(100_000 + number)", templateID: "gentle-reminder",
        fields: [
            "name_masked": "王**", "amount": "1280.00", "currency": "CNY", "dpd": "2", "due_date": "2025-03-01",
            "product": "card", "institution": "示例银行", "contact": "400-000-0000",
        ], language: "zh-Hans")
    change(&content)
    return WorkTask(id: TaskID("sms-\(number)"), mode: mode, delivery: 1, content: .sms(content))
}

func callTask(_ number: Int, mode: TaskMode = .attempt, change: (inout CallContent) -> Void = { _ in }) -> WorkTask {
    guard let yuan = Currency("CNY"), let day = CalendarDate(iso: "2025-03-10") else { preconditionFailure("fixtures") }
    var content = CallContent(
        phone: "+8613900\(100_000 + number)", scriptID: "standard-call", priority: 3, queue: "standard",
        displayName: "李**", localHoursFrom: "08:00", localHoursTo: "22:00", timeZone: "Asia/Shanghai",
        offerPlan: false, arrears: Money(minorUnits: 250_001, currency: yuan), dpd: 9, businessDate: day)
    change(&content)
    return WorkTask(id: TaskID("call-\(number)"), mode: mode, delivery: 1, content: .call(content))
}

/// A self-signed certificate for `localhost`, made with the openssl command.
func makeCertificate(in directory: String) async throws -> (certificate: String, key: String) {
    let (certificate, key) = (directory + "/certificate.pem", directory + "/key.pem")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
    ]
    process.standardError = FileHandle.nullDevice
    let status = try await withCheckedThrowingContinuation { continuation in
        process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
        do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    precondition(status == 0, "openssl: expected exit 0, got \(status)")
    return (certificate, key)
}
