// Owns: the proof that the crash VFS cuts where it should: a toy on SQLite loses what was not synced, and nothing else.
import Foundation
import GRDB
@testable import PowerCuts
import Testing

/// A table of numbers, each in a transaction of its own.
private struct Toy {
    var synchronous: String
    /// A number counts as promised before its commit, not after.
    var promisesEarly = false

    struct Cut {
        var promised = 0
        var found = 0
        var integrity = ""
        var torn = 0
    }

    func cut(seed: UInt64, at point: CutPoint) throws -> Cut {
        let home = FileManager.default.temporaryDirectory.appendingPathComponent("toy-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: home) }
        let disk = try CrashDisk(directory: home, seed: seed)
        CrashVFS.mount(disk)
        var result = Cut()
        // A store that stands, with its directory synced by the first commit.
        try commit(upTo: 1, disk, &result)
        disk.arm(point)
        do {
            try commit(upTo: 10_000, disk, &result)
        } catch is DatabaseError {
            #expect(disk.isOff, "SQLite fails only when the power is off")
        }
        try disk.restorePower()
        CrashVFS.unmount(disk)
        result.torn = disk.losses.torn
        let queue = try DatabaseQueue(path: disk.directory + "/toy.sqlite")
        result.found = try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM number") ?? 0 }
        result.integrity = try queue.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") ?? "" }
        return result
    }

    private func commit(upTo last: Int, _ disk: CrashDisk, _ result: inout Cut) throws {
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA journal_mode = WAL; PRAGMA synchronous = \(synchronous); PRAGMA wal_autocheckpoint = 20;
                    CREATE TABLE IF NOT EXISTS number (value INTEGER PRIMARY KEY, text TEXT NOT NULL);
                    """)
        }
        let queue = try DatabaseQueue(path: disk.directory + "/toy.sqlite", configuration: configuration)
        while result.promised < last {
            if promisesEarly { result.promised += 1 }
            try queue.write { try $0.execute(sql: "INSERT INTO number (text) VALUES (hex(zeroblob(900)))") }
            if !promisesEarly { result.promised += 1 }
        }
    }
}

@Suite("The crash VFS", .serialized)
struct CrashVFSTests {
    private func cuts(of toy: Toy, seeds: ClosedRange<UInt64> = 1...30) throws -> [Toy.Cut] {
        try seeds.map { seed in
            let kind = CutPoint.Kind.allCases[Int(seed) % 3]
            return try toy.cut(seed: seed, at: CutPoint(kind, 1 + Int(seed * 7 % 40)))
        }
    }

    @Test func `With synchronous=FULL nothing that was promised is lost, and at most one commit is there beside it`()
        throws
    {
        let cuts = try cuts(of: Toy(synchronous: "FULL"))
        for (index, cut) in cuts.enumerated() {
            #expect((cut.promised...(cut.promised + 1)).contains(cut.found), "seed \(index + 1): \(cut)")
            #expect(cut.integrity == "ok", "seed \(index + 1)")
        }
        #expect(cuts.contains { $0.found > $0.promised }, "some cut comes between the sync and its answer")
        #expect(cuts.contains { $0.torn > 0 }, "some writes are torn")
    }

    @Test func `With synchronous=NORMAL commits are lost, and the store is sound all the same`() throws {
        let cuts = try cuts(of: Toy(synchronous: "NORMAL"))
        #expect(cuts.contains { $0.found < $0.promised })
        #expect(cuts.allSatisfy { $0.integrity == "ok" })
    }

    @Test func `A toy that promises before its commit is found out, although it syncs`() throws {
        let cuts = try cuts(of: Toy(synchronous: "FULL", promisesEarly: true))
        #expect(cuts.contains { $0.found < $0.promised })
        #expect(cuts.allSatisfy { $0.integrity == "ok" })
    }

    @Test func `A disk that ignores syncs loses commits of synchronous=FULL, or the whole store`() async throws {
        let tally = try await Exercise(.journal, cuts: 40, seed: 1, defect: .syncIgnored).run()
        #expect(!tally.findings.isEmpty)
    }

    @Test func `Files outside of mounted disks are the system's`() throws {
        let home = FileManager.default.temporaryDirectory.appendingPathComponent("outside-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: home) }
        let disk = try CrashDisk(directory: home + "/disk", seed: 1)
        CrashVFS.mount(disk)
        defer { CrashVFS.unmount(disk) }
        disk.cutNow()
        let queue = try DatabaseQueue(path: home + "/other.sqlite")
        try queue.write { try $0.execute(sql: "CREATE TABLE t (a)") }
        #expect(disk.operations == 0)
        #expect(throws: DatabaseError.self) { try DatabaseQueue(path: disk.directory + "/within.sqlite") }
    }
}
