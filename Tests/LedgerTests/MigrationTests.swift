// Owns: the proof that a ledger of every earlier schema becomes one of this, with all that it knew. Each fixture was
// written by the version that had the schema, with its story as that version told it; neither is ever edited.
import Foundation
import GRDB
@testable import Arrears
@testable import Leasing
@testable import Ledger
import Testing

@testable import SQLiteLedger

@Suite("Ledgers of earlier versions")
struct MigrationTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures")

    /// The schemas of which there is a dump.
    private static let schemas: [Int] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: fixtures.path)) ?? []
        return names.compactMap { name in
            guard name.hasPrefix("schema-"), name.hasSuffix(".sql") else { return nil }
            return Int(name.dropFirst("schema-".count).dropLast(".sql".count))
        }.sorted()
    }()

    private func text(_ name: String) throws -> String {
        try String(contentsOf: Self.fixtures.appendingPathComponent(name), encoding: .utf8)
    }

    /// A ledger's directory as a version with this schema left it.
    private func load(_ schema: Int, into directory: String) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: directory + "/ledger.sqlite")
        let dump = try text("schema-\(schema).sql")
        try queue.writeWithoutTransaction { try $0.execute(sql: dump) }
        #expect(try queue.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == schema)
        try queue.close()
    }

    @Test func `There is a dump of every schema before this one`() {
        #expect(Self.schemas.starts(with: 1..<max(2, Schema.current)), "got dumps of \(Self.schemas)")
    }

    @Test(arguments: schemas)
    func `Everything that a ledger knew it knows after the migration, and it is sound`(schema: Int) throws {
        try withTemporaryDirectory { directory in
            try load(schema, into: directory)
            let ledger = try SQLiteLedger(directory: directory)
            let story = try ledger.transaction { try LedgerStory($0).lines }
            #expect(story == (try text("schema-\(schema).story.txt")).split(separator: "\n").map(String.init))
            #expect(try SQLiteLedgerStore(directory: directory).verify(isFull: true) == [])
            try ledger.close()
            // A second start finds nothing to do.
            try SQLiteLedger(directory: directory).close()
            let version = try DatabaseQueue(path: directory + "/ledger.sqlite").read {
                try Int.fetchOne($0, sql: "PRAGMA user_version")
            }
            #expect(version == Schema.current)
        }
    }

    @Test(arguments: schemas)
    func `Work goes on where it was: reports under old leases, inquiries, new leases`(schema: Int) throws {
        try withTemporaryDirectory { directory in
            try load(schema, into: directory)
            let ledger = try SQLiteLedger(directory: directory)
            let held = try #require(try ledger.once { try $0.task("today-leased") }?.lease)
            let doubted = try #require(try ledger.once { try $0.task("today-uncertain") }?.lease)
            let settled = try #require(try ledger.once { try $0.task("today-settled") })
            #expect(try ledger.settle(.made("today-leased"), under: held) == .accepted)
            #expect(try ledger.settle(.made("today-uncertain"), under: doubted) == .late)
            let asked = try #require(
                try ledger.once { try $0.transitions(of: "today-asked") }.first { $0.to == .leased }?.lease)
            #expect(
                try ledger.settle(.made("today-asked", .placed), under: asked) == .late,
                "the lease of the attempt may still say what came of it, while another asks")
            let again = try #require(settled.outcome)
            #expect(try ledger.settle(again, under: try #require(settled.lease)) == .alreadyKnown)
            let granted = try ledger.grant(.sms)
            #expect(granted.lease.epoch > held.epoch && granted.lease.epoch > doubted.epoch)
            #expect(granted.tasks.map(\.id).contains("today-ready"))
            #expect(try SQLiteLedgerStore(directory: directory).verify(isFull: true) == [])
        }
    }

    @Test(arguments: 1...2)
    func `Accounts are named with their portfolio, history has its customer, and open cases have their first day`(
        schema: Int
    ) throws {
        try withTemporaryDirectory { directory in
            try load(schema, into: directory)
            try change(directory) { database in
                // A number that two portfolios have; one with a slash, and one that looks like its new name.
                for (old, new, portfolio) in [
                    ("today-settled", "1001", "cards"), ("today-leased", "7/8", "default"),
                    ("today-uncertain", "default/7/8", "default"), ("today-ready", "9", "a/b%"),
                    ("old-settled", "1001", "loans"),
                ] {
                    try rename("case-\(old)", new, portfolio, database)
                }
            }
            let ledger = try SQLiteLedger(directory: directory)
            defer { try? ledger.close() }
            func caseID(_ task: TaskID) throws -> CaseID? { try ledger.once { try $0.task(task)?.task.caseID } }
            #expect(try caseID("today-settled") == "cards/1001")
            #expect(try caseID("old-settled") == "loans/1001")
            #expect(try caseID("today-leased") == "default/7/8")
            #expect(try caseID("today-uncertain") == "default/default/7/8")
            #expect(try caseID("today-ready") == "a%2Fb%25/9")
            let today = try #require(try ledger.once { try $0.task("today-settled") }).task.run
            let record = try #require(try ledger.once { try $0.caseRecord("cards/1001", in: today) })
            #expect(record.overdue.id == "cards/1001" && record.overdue.account.caseID == "cards/1001")
            #expect(try ledger.once { try $0.accountMark("cards/1001", in: today)?.mark } == .overdue)

            // What was said of one of them may have been said of the other: it counts for both.
            let told = try ledger.once { try $0.history(of: "cards/1001") }
            let other = try ledger.once { try $0.history(of: "loans/1001") }
            #expect(told.count >= 2 && other == told)
            let customer = record.overdue.account.customer
            #expect(try ledger.once { try $0.history(ofCustomer: customer) } == told)

            let first = try #require(record.overdue.delinquency.oldestUnpaidDueDate)
            let asOf = try #require(try ledger.once { try $0.run(today) }).asOf
            let books = try ["cards", "loans", "default", "none"].map { portfolio in
                try ledger.once { try $0.lastBook(of: PortfolioID(portfolio)) }
            }
            let older = try #require(try ledger.once { try $0.task("old-settled") }).task.run
            let book = PortfolioBook(run: today, asOf: asOf)
            #expect(books == [book, PortfolioBook(run: older, asOf: asOf), book, nil])
            #expect(try ledger.once { try $0.episodes(of: "cards/1001") } == [Episode(opened: asOf, start: first)])
            #expect(try SQLiteLedgerStore(directory: directory).verify(isFull: true) == [])
        }
    }

    @Test func `A case that lasts over runs is opened from its first, and one that was current since is not open`()
        throws
    {
        try withTemporaryDirectory { directory in
            try load(2, into: directory)
            try change(directory) { database in
                // One account was overdue in an older run by an earlier due date, one in a run before, one is current by now.
                try database.execute(
                    sql: """
                        UPDATE run SET as_of = '2025-09-20', started_at = 0 WHERE id IN
                            (SELECT run_id FROM task WHERE id = 'old-settled');
                        UPDATE overdue_case SET snapshot = json_set(snapshot, '$.delinquency.oldestUnpaidDueDate',
                            '2025-09-03') WHERE task_id = 'old-settled';
                        """)
                try rename("case-today-settled", "case-old-settled", "default", database)
                let run = try #require(
                    try String.fetchOne(database, sql: "SELECT run_id FROM task WHERE id = 'today-settled'"))
                try database.execute(
                    sql: """
                        INSERT INTO run (id, as_of, is_finished, started_at, run_order)
                            VALUES ('earlier', '2025-09-10', 1, -5, '{}');
                        INSERT INTO account (run_id, line, account_id, balance, currency, mark, snapshot)
                            SELECT 'earlier', line, account_id, balance, currency, mark, snapshot FROM account
                            WHERE run_id = ? AND account_id = 'case-today-ready';
                        INSERT INTO overdue_case SELECT 'earlier', line, case_id, customer, bucket, dpd, arrears, balance,
                            currency, segment, segment_rule, 'hold', '', NULL, NULL, snapshot FROM overdue_case
                            WHERE run_id = ? AND case_id = 'case-today-ready';
                        INSERT INTO run (id, as_of, is_finished, started_at, run_order)
                            VALUES ('later', '2025-10-05', 1, 99, '{}');
                        INSERT INTO account (run_id, line, account_id, balance, currency, mark, snapshot)
                            SELECT 'later', line, account_id, balance, currency, 'current', snapshot FROM account
                            WHERE run_id = ? AND account_id = 'case-today-leased';
                        """, arguments: [run, run, run])
                let ready = "SELECT count(*) FROM overdue_case WHERE case_id = 'case-today-ready'"
                #expect(try Int.fetchOne(database, sql: ready) == 2)
            }
            let ledger = try SQLiteLedger(directory: directory)
            defer { try? ledger.close() }
            func opened(_ id: CaseID) throws -> [String] {
                try ledger.once { try $0.episodes(of: id).map { "\($0.opened) \($0.start)" } }
            }
            #expect(try opened("case-old-settled") == ["2025-09-20 2025-09-03"])
            #expect(try opened("case-today-ready") == ["2025-09-10 2025-09-25"])
            #expect(try opened("case-today-leased") == [])
        }
    }

    private func change(_ directory: String, _ body: (Database) throws -> Void) throws {
        let queue = try DatabaseQueue(path: directory + "/ledger.sqlite")
        try queue.write { database in
            try database.execute(sql: "PRAGMA defer_foreign_keys = ON")
            try body(database)
        }
        try queue.close()
    }

    /// Gives an account another number and portfolio, wherever an earlier schema keeps them.
    private func rename(_ old: String, _ new: String, _ portfolio: String, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE account SET account_id = :new,
                    snapshot = json_set(snapshot, '$.id', :new, '$.portfolio', :portfolio) WHERE account_id = :old;
                UPDATE overdue_case SET case_id = :new, snapshot = json_set(snapshot, '$.id', :new,
                    '$.account.id', :new, '$.account.portfolio', :portfolio) WHERE case_id = :old;
                UPDATE task SET case_id = :new, portfolio = :portfolio WHERE case_id = :old;
                UPDATE history SET case_id = :new WHERE case_id = :old;
                """, arguments: ["old": old, "new": new, "portfolio": portfolio])
    }

    @Test(arguments: schemas)
    func `Until a coordinator has brought it up, a reader says what is needed`(schema: Int) throws {
        guard schema < Schema.current else { return }
        try withTemporaryDirectory { directory in
            try load(schema, into: directory)
            let error = #expect(throws: LedgerError.self) { try SQLiteLedgerReader(directory: directory) }
            #expect(error?.code == .schema)
            #expect(
                error?.message.contains("expected schema \(Schema.current), got \(schema): start the coordinator")
                    == true)
        }
    }
}
