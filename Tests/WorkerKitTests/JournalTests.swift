// Owns: examples of what a journal remembers.
@testable import Arrears
import Foundation
@testable import Leasing
@testable import SystemParts
import Testing

@testable import WorkerKit

@Suite("The journal") struct JournalTests {
    @Test func `Tasks, intents and outcomes are there after the process has gone, in the order taken`() async throws {
        let directory = try Directory()
        let journal = try Journal(directory: directory.path)
        let tasks = sms("a", "b", "c")
        try await journal.take(tasks, under: lease(1))
        try await journal.begin(["b", "c"], under: lease(1))
        try await journal.finish([made("c")], under: lease(1))
        journal.close()

        let again = try Journal(directory: directory.path)
        defer { again.close() }
        let entries = try again.entries()
        #expect(entries.map(\.task.id) == ["a", "b", "c"])
        #expect(entries.map(\.state) == [.granted, .begun, .finished(made("c"))])
        #expect(entries.allSatisfy { $0.lease == lease(1) })
        #expect(entries[0].task.content == tasks[0].content)
        // An outcome needs no phone number.
        #expect(entries[2].task.content.isEmpty)
    }

    @Test func `Ids of 64 bits without a sign come back as they were`() async throws {
        let directory = try Directory()
        let journal = try Journal(directory: directory.path)
        defer { journal.close() }
        let key = LeaseKey(id: LeaseID(.max), epoch: Epoch(.max - 1))
        try await journal.take(sms("a", mode: .inquire), under: key)
        #expect(try journal.entries().map(\.lease) == [key])
        #expect(try journal.entries().map(\.task.mode) == [.inquire])
    }

    @Test func `An intent that is put back is none; what is forgotten is gone from the file too`() async throws {
        let directory = try Directory()
        let journal = try Journal(directory: directory.path)
        try await journal.take(sms("a", "b"), under: lease(1))
        try await journal.begin(["a"], under: lease(1))
        try await journal.putBack(["a"], under: lease(1))
        #expect(try journal.entries().map(\.state) == [.granted, .granted])
        try await journal.forget([(lease(1), "a"), (lease(1), "b"), (lease(2), "never taken")])
        #expect(try journal.entries().isEmpty)
        journal.close()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: directory.path + "/journal.sqlite"))
        #expect(bytes.range(of: Data("+8613800000000".utf8)) == nil)
    }

    @Test func `When nothing is left to remember, no number is left in any of its files, and only its user reads them`()
        async throws
    {
        let directory = try Directory()
        let before = umask(0)
        defer { umask(before) }
        let journal = try Journal(directory: directory.path)
        defer { journal.close() }
        let number = Array("+8613800000000".utf8)
        func holds() throws -> Bool {
            try ["journal.sqlite", "journal.sqlite-wal"].contains { name in
                let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(directory.path)/\(name)"))
                return bytes.firstRange(of: number) != nil
            }
        }
        try await journal.take(sms("a", "b"), under: lease(1))
        #expect(try holds())
        try await journal.begin(["a", "b"], under: lease(1))
        try await journal.finish([made("a"), made("b")], under: lease(1))
        try await journal.forget([(lease(1), "a")])
        try await journal.forget([(lease(1), "b")])
        #expect(try !holds())
        for name in ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"] {
            let mode = try FileManager.default.attributesOfItem(atPath: "\(directory.path)/\(name)")[.posixPermissions]
            #expect(mode as? Int == 0o600, "\(name)")
        }
    }

    @Test func `The same task under two leases is two rows`() async throws {
        let directory = try Directory()
        let journal = try Journal(directory: directory.path)
        defer { journal.close() }
        try await journal.take(sms("a"), under: lease(1))
        try await journal.take(sms("a"), under: lease(2))
        try await journal.begin(["a"], under: lease(2))
        #expect(try journal.entries().map(\.state) == [.granted, .begun])
    }

    @Test func `A stage's memory holds the last value`() throws {
        let directory = try Directory()
        let journal = try Journal(directory: directory.path)
        #expect(try journal.value("next") == nil)
        try journal.setValue("1", for: "next")
        try journal.setValue("2", for: "next")
        journal.close()
        let again = try Journal(directory: directory.path)
        defer { again.close() }
        #expect(try again.value("next") == "2")
    }

    @Test func `A second worker on the same directory is refused, and told who owns it`() throws {
        let directory = try Directory()
        let journal = try Journal(directory: directory.path)
        let error = #expect(throws: JournalError.self) { try Journal(directory: directory.path) }
        #expect(error?.code == .locked)
        #expect(error?.message.contains("process \(getpid())") == true)
        journal.close()
        let again = try Journal(directory: directory.path)
        again.close()
    }

    @Test func `A file that is no journal, or a later version's, is refused`() throws {
        let directory = try Directory()
        let path = directory.path + "/journal.sqlite"
        try Data(repeating: 7, count: 4_096).write(to: URL(fileURLWithPath: path))
        let corrupt = #expect(throws: JournalError.self) { try Journal(directory: directory.path) }
        #expect(corrupt?.code == .corrupt)

        let later = try Directory()
        try Journal(directory: later.path).close()
        // The version stands at byte 60 of SQLite's header, big-endian.
        let file = later.path + "/journal.sqlite"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        bytes[63] = 99
        try bytes.write(to: URL(fileURLWithPath: file))
        let schema = #expect(throws: JournalError.self) { try Journal(directory: later.path) }
        #expect(schema?.code == .schema)
        #expect(schema?.message.hasSuffix("expected version 1 or older, got 99") == true)
    }
}

@Suite("Waiting before the next connection") struct BackOffTests {
    @Test func `The span doubles from 250 ms to 15 s, each wait is a part of it, and one seed gives one sequence`() {
        var backOff = BackOff(seed: 3)
        var twin = BackOff(seed: 3)
        var span = BackOff.first
        var waits: Set<Int64> = []
        for _ in 0..<40 {
            let wait = backOff.next()
            #expect((1...span).contains(wait))
            #expect(twin.next() == wait)
            waits.insert(wait)
            span = min(BackOff.longest, span * 2)
        }
        #expect(waits.count > 30)
        backOff.reset()
        #expect(backOff.next() <= BackOff.first)
    }
}
