@testable import Arrears
import Foundation
import GRDB
@testable import Leasing
@testable import Ledger
@testable import SQLiteLedger
import Testing

@Suite("The ledger on SQLite")
struct SQLiteLedgerTests {
    @Test func `Full durability is read back at opening`() throws {
        try withTemporaryDirectory { directory in
            let ledger = try SQLiteLedger(directory: directory)
            #expect(ledger.durability.hasPrefix("journal_mode=wal synchronous=2 foreign_keys=1"))
        }
    }

    /// What is asked once per account, case or customer of a run is found by indexes, without a scan or a sort.
    private static let plans: [(statement: String, arguments: StatementArguments, plan: [String])] = [
        (
            Statement.tasksOfCustomer, ["run", "customer"],
            [
                "SEARCH overdue_case USING INDEX overdue_case_customer (run_id=? AND customer=?)",
                "SEARCH task USING INDEX sqlite_autoindex_task_1 (id=?)",
                "SEARCH lease USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
            ]
        ),
        (
            Statement.closedTasks, [1, 1, 1, 10], ["SEARCH task USING INDEX task_held (lease_id=?)"]
        ),
        (
            Statement.stoppedTasks, [1, 1],
            ["SEARCH task USING INDEX task_held (lease_id=?)", "USE TEMP B-TREE FOR ORDER BY"]
        ),
        (Statement.historyOfCase, ["case"], ["SEARCH history USING INDEX history_case (case_id=?)"]),
        (Statement.historyOfCustomer, ["customer"], ["SEARCH history USING INDEX history_customer (customer=?)"]),
        (Statement.episodes, ["case"], ["SEARCH episode USING INDEX episode_case (case_id=?)"]),
        (
            Statement.eventsOfCustomer, ["customer"],
            ["SEARCH register_event USING INDEX register_event_customer (customer=?)"]
        ),
        (Statement.eventsOfCase, ["case"], ["SEARCH register_event USING INDEX register_event_case (case_id=?)"]),
        (
            Statement.accountsKept, ["run", "earlier", "account", 1_000],
            [
                "SEARCH account USING COVERING INDEX sqlite_autoindex_account_2 (run_id=? AND account_id>?)",
                "CORRELATED SCALAR SUBQUERY 1",
                "SEARCH other USING COVERING INDEX sqlite_autoindex_account_2 (run_id=? AND account_id=?)",
            ]
        ),
        (Statement.openEpisode, ["case", "2025-09-30"], ["SEARCH episode USING INDEX episode_case (case_id=?)"]),
    ]

    @Test(arguments: plans.indices)
    func `What is asked again and again is found by an index`(index: Int) throws {
        try withTemporaryDirectory { directory in
            try SQLiteLedger(directory: directory).close()
            let asked = Self.plans[index]
            let plan = try SQLiteLedgerReader(directory: directory).read { database in
                try Row.fetchAll(
                    database, sql: "EXPLAIN QUERY PLAN " + asked.statement, arguments: asked.arguments
                ).map { $0["detail"] as String }
            }
            #expect(plan == asked.plan)
        }
    }

    @Test func `A second opener is refused and told who has the ledger`() throws {
        try withTemporaryDirectory { directory in
            let first = try SQLiteLedger(directory: directory)
            let error = #expect(throws: LedgerError.self) { try SQLiteLedger(directory: directory) }
            #expect(error?.code == .locked)
            #expect(error?.message.contains("got process \(getpid()) ") == true)
            #expect(error?.message.contains("\(directory)/ledger.lock") == true)

            try first.close()
            try SQLiteLedger(directory: directory).close()
        }
    }

    @Test func `What was committed is there after closing, and epochs go on`() throws {
        try withTemporaryDirectory { directory in
            let first = try SQLiteLedger(directory: directory)
            try first.fill(with: [.sample("t1"), .sample("t2")])
            let lease = try first.grant(.sms, limit: 1).lease
            let before = try first.once { try Snapshot($0, tasks: ["t1", "t2"], runs: [.today]) }
            try first.close()

            let second = try SQLiteLedger(directory: directory)
            #expect(try second.once { try Snapshot($0, tasks: ["t1", "t2"], runs: [.today]) } == before)
            #expect(try second.once { try $0.nextEpoch() } == lease.epoch.next)
            #expect(try second.settle(.made("t1"), under: lease) == .accepted)
        }
    }

    @Test func `A worker that asks in vain costs no write`() throws {
        try withTemporaryDirectory { directory in
            let ledger = try SQLiteLedger(directory: directory)
            try ledger.fill(with: [.sample("t1"), .sample("later", stage: .legal, from: .closing)])
            let wal = URL(fileURLWithPath: "\(directory)/ledger.sqlite-wal")
            let before = try Data(contentsOf: wal)
            #expect(try ledger.grant(.agency).tasks == [])
            #expect(try ledger.grant(.legal).tasks == [])
            #expect(try ledger.once { try $0.withdrawClosed(.today, now: .noon) } == 0)
            #expect(try Data(contentsOf: wal) == before)
            #expect(try ledger.grant(.sms).tasks.count == 1)
            #expect(try Data(contentsOf: wal) != before)
        }
    }

    @Test func `The files belong to their owner alone`() throws {
        try withTemporaryDirectory { directory in
            let ledger = try SQLiteLedger(directory: directory)
            try ledger.fill(with: [])
            for name in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "ledger.lock"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
                #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(name)")
            }
        }
    }

    @Test func `A ledger of a newer version is refused, by writer and reader`() throws {
        try withTemporaryDirectory { directory in
            try SQLiteLedger(directory: directory).close()
            // SQLite's header keeps user_version in four bytes from offset 60.
            try overwrite("\(directory)/ledger.sqlite", at: 60, with: [0, 0, 1, 0])
            expect(.schema, saying: "got 256") { _ = try SQLiteLedger(directory: directory) }
            expect(.schema, saying: "got 256") { _ = try SQLiteLedgerReader(directory: directory) }
        }
    }

    @Test func `Another application's database is refused`() throws {
        try withTemporaryDirectory { directory in
            try SQLiteLedger(directory: directory).close()
            // application_id, from offset 68.
            try overwrite("\(directory)/ledger.sqlite", at: 68, with: [0, 0, 0, 7])
            expect(.schema, saying: "application id 7") { _ = try SQLiteLedger(directory: directory) }
        }
    }

    @Test func `A file that is no database is corrupt, and stays as it is`() throws {
        try withTemporaryDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let garbage = Data("a ledger, but on paper. ".utf8 + Array(repeating: 7, count: 5000))
            let path = "\(directory)/ledger.sqlite"
            try garbage.write(to: URL(fileURLWithPath: path))
            expect(.corrupt, saying: path) { _ = try SQLiteLedger(directory: directory) }
            expect(.corrupt, saying: path) { _ = try SQLiteLedgerReader(directory: directory) }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == garbage)
        }
    }

    @Test func `A directory that cannot be made is said`() {
        expect(.inputOutput, saying: "/dev/null/ledger") { _ = try SQLiteLedger(directory: "/dev/null/ledger") }
    }

    private func overwrite(_ path: String, at offset: UInt64, with bytes: [UInt8]) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: offset)
        try file.write(contentsOf: bytes)
        try file.close()
    }
}

@Suite("Reading a ledger beside its writer")
struct SQLiteLedgerReaderTests {
    @Test func `A reader sees what is committed, while the writer goes on`() throws {
        try withTemporaryDirectory { directory in
            let ledger = try SQLiteLedger(directory: directory)
            try ledger.fill(with: [.sample("t1"), .sample("t2")])
            let reader = try SQLiteLedgerReader(directory: directory)
            #expect(try reader.task("t1")?.state == .ready)
            try ledger.transaction { transaction in
                let key = LeaseKey(id: LeaseID(5), epoch: try transaction.nextEpoch())
                let grant = Grant(
                    lease: key, worker: "worker-1", incarnation: 1, stage: .sms, limit: 1,
                    shares: [.standard: 1], now: .noon)
                _ = try transaction.lease(grant, uncertainBefore: .noon, maxDeliveries: 8)
                #expect(try reader.task("t1")?.state == .ready, "not committed yet")
            }
            #expect(try reader.task("t1")?.state == .leased)
            let both = try ledger.once { try Snapshot($0, tasks: ["t1", "t2"], runs: [.today]) }
            #expect(try Snapshot(reader, tasks: ["t1", "t2"], runs: [.today]) == both)
        }
    }

    @Test func `A reader works after the writer has gone, and the next writer beside the reader`() throws {
        try withTemporaryDirectory { directory in
            let ledger = try SQLiteLedger(directory: directory)
            try ledger.fill(with: [.sample("t1")])
            try ledger.close()
            let reader = try SQLiteLedgerReader(directory: directory)
            #expect(try reader.task("t1")?.state == .ready)
            let next = try SQLiteLedger(directory: directory)
            _ = try next.grant(.sms)
            #expect(try reader.task("t1")?.state == .leased)
        }
    }

    @Test func `After a kill the reader recovers what was committed, and writes nothing into store or WAL`() throws {
        try withTemporaryDirectory { directory in
            let ledger = try SQLiteLedger(directory: directory + "/live")
            try ledger.fill(with: [.sample("t1")])
            // What a killed process leaves: the store, and the WAL with everything that was committed last.
            let killed = directory + "/killed"
            try FileManager.default.createDirectory(atPath: killed, withIntermediateDirectories: true)
            let names = ["ledger.sqlite", "ledger.sqlite-wal"]
            for name in names {
                try FileManager.default.copyItem(atPath: "\(directory)/live/\(name)", toPath: "\(killed)/\(name)")
            }
            func bytes() throws -> [Data] {
                try names.map { try Data(contentsOf: URL(fileURLWithPath: "\(killed)/\($0)")) }
            }
            let before = try bytes()
            #expect(before[1].isEmpty == false)

            #expect(try SQLiteLedgerReader(directory: killed).task("t1")?.state == .ready)

            #expect(try bytes() == before)
            #expect(try SQLiteLedger(directory: killed).state(of: "t1") == .ready)
        }
    }

    @Test func `Where there is no ledger the reader says so, and makes none`() throws {
        try withTemporaryDirectory { directory in
            expect(.notFound, saying: "\(directory)/ledger.sqlite") {
                _ = try SQLiteLedgerReader(directory: directory)
            }
            #expect(FileManager.default.fileExists(atPath: directory) == false)
        }
    }
}

private func expect(_ code: LedgerError.Code, saying words: String, _ body: () throws -> Void) {
    let error = #expect(throws: LedgerError.self, performing: body)
    #expect(error?.code == code)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "no error")")
}
