// Owns: `effects.jsonl`, the outside world's own append-only record: a line is on disk before anybody is answered.
// Knows nothing of what the lines mean to the world.
import Arrears
import Dispatch
import Foundation
import Synchronization

/// The record cannot be read or written; the sandbox must not answer any more.
package struct EffectRecordError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable { case openFailed, writeFailed, badLine }
    package var code: Code
    package var message: String
    package var description: String { "\(code.rawValue): \(message)" }
}

/// Every effect that the outside world saw, duplicates included, kept in one file of JSON lines. What is recorded at
/// the same time goes to disk together.
package final class EffectRecord: Sendable {
    private struct State {
        var book = EffectBook()
        var durableSeq = 0
        var pending: [UInt8] = []
        var waiters: [(seq: Int, continuation: CheckedContinuation<Void, any Error>)] = []
        var isWriting = false
        var failure: EffectRecordError?
        var hasEnded = false
    }

    private let path: String
    private let file: Int32
    private let state: Mutex<State>
    /// The world's clock.
    let now: @Sendable () -> Timestamp
    private let queue = DispatchQueue(label: "recoup.sandbox.effects")
    private let failures = AsyncStream.makeStream(of: EffectRecordError.self)

    /// Opens the record at this path, or begins it. A line that was cut off by the end of an earlier process is
    /// dropped: nobody was answered about it.
    /// - Throws: `EffectRecordError`.
    package init(path: String, now: @escaping @Sendable () -> Timestamp = EffectRecord.wallClock) throws {
        self.path = path
        self.now = now
        file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw EffectRecordError(code: .openFailed, message: "\(path): \(String(cString: strerror(errno)))")
        }
        var state = State()
        do {
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
                throw EffectRecordError(
                    code: .openFailed,
                    message: "\(path): expected to be the only one that writes it, got another sandbox")
            }
            let (lines, length) = try Self.readLines(path)
            for line in lines { state.book.apply(line) }
            guard ftruncate(file, off_t(length)) == 0 else {
                throw EffectRecordError(code: .openFailed, message: "\(path): \(String(cString: strerror(errno)))")
            }
        } catch {
            close(file)
            throw error
        }
        state.durableSeq = state.book.lastSeq
        self.state = Mutex(state)
    }

    /// Ends the record after what was recorded is on disk, and lets another process have the file. Recording afterwards
    /// throws.
    func end() {
        let isFirst = state.withLock { state in
            defer { state.hasEnded = true }
            return !state.hasEnded
        }
        if isFirst { queue.sync { _ = close(file) } }
    }

    // Not through the queue: the last reference may be let go on it, and no write is under way without one.
    deinit { if !state.withLock({ $0.hasEnded }) { _ = close(file) } }

    /// The lines of a record, such as for a test's or an auditor's count.
    /// - Throws: `EffectRecordError`.
    package static func lines(path: String) throws -> [EffectLine] { try readLines(path).lines }

    /// Records that this came, and returns when that is on disk.
    /// - Returns: true when the task was seen for the first time: an effect.
    /// - Throws: `EffectRecordError`: nothing may be answered.
    package func record(
        kind: EffectLine.Kind, taskID: TaskID, digest: String, facts: [String: String] = [:]
    ) async throws -> Bool {
        let line = try append { $0.line(kind, taskID, digest: digest, facts: facts, at: now()) }
        try await durable(line.seq)
        return line.firstSeen
    }

    /// Records that a call item was taken back.
    func recordWithdrawal(of task: TaskID, digest: String) async throws {
        let line = try append {
            var line = $0.line(.call, task, digest: digest, facts: [:], at: now())
            line.isWithdrawn = true
            return line
        }
        try await durable(line.seq)
    }

    /// What is known of a task, on disk; nil: never seen.
    package func seen(kind: EffectLine.Kind, taskID: TaskID) async throws -> SeenEffect? {
        guard let effect = state.withLock({ $0.book.seen[EffectBook.Key(kind: kind, task: taskID)] }) else {
            return nil
        }
        try await durable(effect.seq)
        return effect
    }

    /// Returns when the record can no longer be written, or the task is cancelled.
    func failure() async -> any Error {
        for await failure in failures.stream { return failure }
        return CancellationError()
    }

    private func append(_ make: (EffectBook) -> EffectLine) throws -> EffectLine {
        let (line, mustWrite) = try state.withLock { state throws -> (EffectLine, Bool) in
            if let failure = state.failure { throw failure }
            guard !state.hasEnded else {
                throw EffectRecordError(
                    code: .writeFailed, message: "\(path): expected an open record, got one that ended")
            }
            let line = make(state.book)
            state.pending.append(contentsOf: try Self.encode(line))
            state.book.apply(line)
            let mustWrite = !state.isWriting
            state.isWriting = true
            return (line, mustWrite)
        }
        if mustWrite { queue.async { self.write() } }
        return line
    }

    private func durable(_ seq: Int) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let answer: Result<Void, any Error>? = state.withLock { state in
                if state.durableSeq >= seq { return .success(()) }
                if let failure = state.failure { return .failure(failure) }
                state.waiters.append((seq, continuation))
                return nil
            }
            if let answer { continuation.resume(with: answer) }
        }
    }

    /// Writes what waits, syncs, tells those who wait; again while more has come.
    private func write() {
        while true {
            let (bytes, seq) = state.withLock { state in
                let taken = state.pending
                state.pending = []
                if taken.isEmpty { state.isWriting = false }
                return (taken, state.book.lastSeq)
            }
            if bytes.isEmpty { return }
            let failure = append(bytes)
            let (ready, result): ([CheckedContinuation<Void, any Error>], Result<Void, any Error>) = state.withLock {
                state in
                if let failure {
                    state.failure = failure
                    defer { state.waiters = [] }
                    return (state.waiters.map(\.continuation), .failure(failure))
                }
                state.durableSeq = seq
                let ready = state.waiters.filter { $0.seq <= seq }
                state.waiters.removeAll { $0.seq <= seq }
                return (ready.map(\.continuation), .success(()))
            }
            for continuation in ready { continuation.resume(with: result) }
            if let failure {
                failures.continuation.yield(failure)
                return
            }
        }
    }

    private func append(_ bytes: [UInt8]) -> EffectRecordError? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return failure("write") }
            rest = rest.dropFirst(count)
        }
        return fdatasync(file) == 0 ? nil : failure("fdatasync")
    }

    private func failure(_ call: String) -> EffectRecordError {
        EffectRecordError(code: .writeFailed, message: "\(path): \(call): \(String(cString: strerror(errno)))")
    }

    private static func encode(_ line: EffectLine) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(line)) + [UInt8(ascii: "\n")]
    }

    /// The whole lines of a file and how many bytes they are.
    private static func readLines(_ path: String) throws -> (lines: [EffectLine], length: Int) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw EffectRecordError(code: .openFailed, message: "\(path): expected a file that can be read")
        }
        let length = (data.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        let decoder = JSONDecoder()
        let lines = try data.prefix(length).split(separator: UInt8(ascii: "\n")).enumerated().map { index, bytes in
            do {
                return try decoder.decode(EffectLine.self, from: bytes)
            } catch {
                throw EffectRecordError(
                    code: .badLine, message: "\(path) line \(index + 1): expected a line of the record, got \(error)")
            }
        }
        return (lines, length)
    }

    /// The wall clock, in whole milliseconds.
    package static func wallClock() -> Timestamp {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }
}
