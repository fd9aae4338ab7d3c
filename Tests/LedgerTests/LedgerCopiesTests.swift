@testable import Arrears
import Foundation
@testable import Leasing
@testable import Ledger
@testable import SQLiteLedger
import Testing

@Suite("Backup, verify and restore")
struct LedgerCopiesTests {
    /// A directory with a live ledger of five text messages and an agency placing: t1 settled, t2 leased, t3 uncertain.
    private func withDay(_ body: (_ directory: String, _ ledger: SQLiteLedger, _ store: any LedgerStore) throws -> Void)
        throws
    {
        try withTemporaryDirectory { directory in
            let ledger = try SQLiteLedger(directory: directory + "/data")
            try ledger.fill(
                with: (1...5).map { .sample(TaskID("t\($0)"), priority: $0) } + [
                    .sample("c1", stage: .callQueue), .sample("a1", stage: .agency),
                ])
            let plan = Checkpoint(stage: .plan, isComplete: true, startedAt: .morning, updatedAt: .morning)
            try ledger.once { try $0.setCheckpoint(plan, of: .today) }
            let first = try ledger.grant(.sms, limit: 1).lease
            _ = try ledger.settle(.made("t1"), under: first)
            _ = try ledger.grant(.sms, limit: 1)
            let lost = try ledger.grant(.sms, limit: 1).lease
            _ = try ledger.once { try $0.expireIfHeld(lost, at: .noon) }
            try body(directory, ledger, SQLiteLedgerStore(directory: directory + "/data"))
        }
    }

    private let tasks: [TaskID] = ["t1", "t2", "t3", "t4", "t5", "c1", "a1"]

    @Test func `A backup beside a live writer is one sound file, and the writer's log stays as it is`() throws {
        try withDay { directory, ledger, store in
            let log = URL(fileURLWithPath: "\(directory)/data/ledger.sqlite-wal")
            let before = try Data(contentsOf: log)
            let bytes = try store.copy(to: directory + "/copy")
            #expect(try Data(contentsOf: log) == before)
            #expect(try Data(contentsOf: URL(fileURLWithPath: directory + "/copy")).count == bytes)
            let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
            #expect(names == ["copy", "data"])
            let mode = try FileManager.default.attributesOfItem(atPath: directory + "/copy")[.posixPermissions]
            #expect((mode as? NSNumber)?.intValue == 0o600)
            #expect(try store.verify(copy: directory + "/copy", isFull: true) == [])
            #expect(try store.verify(isFull: false) == [])
            #expect(try ledger.grant(.sms, limit: 1).tasks.map(\.id) == ["t4"])
            let again = #expect(throws: LedgerError.self) {
                _ = try store.copy(to: directory + "/copy")
            }
            #expect(again?.code == .inputOutput)
        }
    }

    @Test func `A restore asks about all that may have been attempted since, and epochs never come twice`() throws {
        try withDay { directory, ledger, store in
            let held = try #require(try ledger.once { try $0.task("t2")?.lease })
            _ = try store.copy(to: directory + "/copy")
            let later = try ledger.grant(.sms, limit: 1)
            _ = try ledger.settle(.made("t4"), under: later.lease)
            try ledger.close()

            let restored = try store.restore(from: directory + "/copy", at: .noon(plus: 1))
            #expect(restored.endedRuns == [])
            // t2 was leased, t4 and t5 were ready, and so was the agency's a1.
            #expect(restored.madeUncertain == 4)
            let aside = try #require(restored.keptAside)
            #expect(try store.verify(copy: aside, isFull: true) == [])

            let ledger = try SQLiteLedger(directory: directory + "/data")
            let states = try tasks.map { try ledger.state(of: $0) }
            #expect(states == [.settled, .uncertain, .uncertain, .uncertain, .uncertain, .ready, .uncertain])
            #expect(try ledger.once { try $0.nextEpoch() } > Epoch(later.lease.epoch.rawValue + 1_000_000))
            #expect(try ledger.settle(.made("t4"), under: later.lease) == .leaseLost)
            #expect(try ledger.settle(.made("t2"), under: held) == .late, "its worker still knows what came of it")
            let asked = try ledger.grant(.sms, at: .noon(plus: 60)).tasks
            #expect(Set(asked.map(\.id)) == ["t3", "t4", "t5"])
            #expect(asked.allSatisfy { $0.mode == .inquire })
            #expect(try ledger.once { try $0.transitions(of: "t5").map(\.note) }.contains("restored from a backup"))
            #expect(try store.verify(isFull: true) == [])
        }
    }

    @Test func `A run that was not planned to its end is ended: what it contacted since is unknown even by name`()
        throws
    {
        try withDay { directory, ledger, store in
            try ledger.once {
                try $0.setCheckpoint(Checkpoint(stage: .plan, startedAt: .noon, updatedAt: .noon), of: .today)
            }
            _ = try store.copy(to: directory + "/copy")
            let other = directory + "/other"
            let restored = try SQLiteLedgerStore(directory: other).restore(from: directory + "/copy", at: .noon)
            #expect(restored.endedRuns == [.today])
            #expect(restored.keptAside == nil)
            #expect(try SQLiteLedgerReader(directory: other).unfinishedRun() == nil)
            #expect(try SQLiteLedger(directory: other).grant(.sms).tasks == [])
        }
    }

    @Test func `While a process holds the directory, and for a damaged backup, nothing is restored`() throws {
        try withDay { directory, ledger, store in
            _ = try store.copy(to: directory + "/copy")
            let held = #expect(throws: LedgerError.self) {
                try store.restore(from: directory + "/copy", at: .noon)
            }
            #expect(held?.code == .locked)
            try ledger.close()
            try damage(directory + "/copy")
            let broken = #expect(throws: LedgerError.self) {
                try store.restore(from: directory + "/copy", at: .noon)
            }
            #expect(broken?.code == .corrupt)
            #expect(try store.reader().task("t1")?.state == .settled)
        }
    }

    @Test func `A restore that was broken off is not taken for a ledger`() throws {
        try withDay { directory, ledger, store in
            try ledger.close()
            #expect(store.hasLedger)
            try FileManager.default.moveItem(atPath: store.place, toPath: store.place + ".restoring")
            let error = #expect(throws: LedgerError.self) { _ = try store.writer() }
            #expect(error?.code == .corrupt)
            #expect(error?.message.contains("recoup ledger restore") == true)
            #expect(!store.hasLedger)
        }
    }

    @Test
    func `A ledger that was not closed in order is checked when it is opened, and damage is named with what to do`()
        throws
    {
        try withDay { directory, ledger, store in
            _ = try store.copy(to: directory + "/copy")
            let killed = directory + "/killed"
            try FileManager.default.createDirectory(atPath: killed, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: directory + "/copy", toPath: killed + "/ledger.sqlite")
            try damage(killed + "/ledger.sqlite")
            // Anything in the log says that nobody closed the ledger; SQLite itself passes over what is no frame.
            try Data(repeating: 1, count: 64).write(to: URL(fileURLWithPath: killed + "/ledger.sqlite-wal"))
            let error = #expect(throws: LedgerError.self) { _ = try SQLiteLedger(directory: killed) }
            #expect(error?.code == .corrupt)
            #expect(error?.message.contains("recoup ledger verify --full") == true, "\(error?.message ?? "")")
        }
    }

    /// Overwrites the last page of every eight, beyond the first.
    private func damage(_ path: String) throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        let pages = try handle.seekToEnd() / 4096
        for page in stride(from: UInt64(3), to: pages, by: 2) {
            try handle.seek(toOffset: page * 4096)
            try handle.write(contentsOf: Data(repeating: 0x5A, count: 512))
        }
    }
}
