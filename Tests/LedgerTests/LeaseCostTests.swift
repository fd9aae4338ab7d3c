@testable import Arrears
import GRDB
import GRDBSQLite
@testable import Leasing
@testable import Ledger
@testable import SQLiteLedger
import Testing

/// What a lease costs, counted in steps of SQLite's machine, so that no clock decides.
@Suite("The cost of a lease")
struct LeaseCostTests {
    /// Two portfolios with three windows each.
    private static func backlog(of count: Int) -> [StageTask] {
        (0..<count).map { number in
            let hours = Int64(number % 3) * 3_600_000
            return .sample(
                TaskID("t\(number)"), portfolio: number % 2 == 0 ? "cards" : "loans", priority: number % 5,
                from: .morning.adding(milliseconds: hours), to: .closing.adding(milliseconds: hours))
        }
    }

    private func steps(waiting count: Int, _ ask: (SQLiteTransaction) throws -> Void) throws -> Int {
        try withTemporaryDirectory { directory in
            let ledger = try SQLiteLedger(directory: directory)
            try ledger.fill(with: Self.backlog(of: count))
            // The first grant finds what was prepared by none before it.
            _ = try ledger.grant(.sms, limit: 1)
            return try ledger.transaction { transaction in
                let transaction = try #require(transaction as? SQLiteTransaction)
                let counter = StepCounter(transaction.database)
                try ask(transaction)
                return counter.stop()
            }
        }
    }

    private func grant(_ transaction: SQLiteTransaction, limit: Int) throws {
        let shares = try transaction.waiting(.sms, at: .noon, upTo: limit)
        let key = LeaseKey(id: LeaseID(5), epoch: try transaction.nextEpoch())
        let grant = Grant(
            lease: key, worker: "worker-1", incarnation: 1, stage: .sms, limit: limit, shares: shares, now: .noon)
        #expect(try transaction.lease(grant, uncertainBefore: .noon, maxDeliveries: 8).count == limit)
    }

    @Test func `A lease costs the same whatever waits`() throws {
        let few = try steps(waiting: 120) { try grant($0, limit: 10) }
        let many = try steps(waiting: 12_000) { try grant($0, limit: 10) }
        #expect(few > 100, "the counter counts")
        #expect(many <= few + few / 20, "\(few) steps with 120 ready tasks, \(many) with 12,000")
    }

    @Test func `To find that no window has closed costs the same whatever waits`() throws {
        let few = try steps(waiting: 120) { _ = try $0.withdrawClosed(.today, now: .noon) }
        let many = try steps(waiting: 12_000) { _ = try $0.withdrawClosed(.today, now: .noon) }
        #expect(few > 50, "the counter counts")
        #expect(many <= few + few / 20, "\(few) steps with 120 ready tasks, \(many) with 12,000")
    }

    @Test func `Every window is found, whichever part it differs in`() throws {
        try withTemporaryDirectory { directory in
            let ledger = try SQLiteLedger(directory: directory)
            try ledger.fill(with: Self.backlog(of: 12))
            // Morning, +1 h, +2 h: at 07:30 only the first of the three is open, in both portfolios.
            let early = Timestamp.morning.adding(milliseconds: 1_800_000)
            #expect(try ledger.once { try $0.waiting(.sms, at: early, upTo: 100) } == ["cards": 2, "loans": 2])
            #expect(try ledger.once { try $0.waiting(.sms, at: .noon, upTo: 100) } == ["cards": 6, "loans": 6])
        }
    }
}

/// Counts SQLite's steps on a connection until it is stopped.
private final class StepCounter {
    private let database: Database
    private var steps = 0

    init(_ database: Database) {
        self.database = database
        let me = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_progress_handler(
            database.sqliteConnection, 1,
            {
                Unmanaged<StepCounter>.fromOpaque($0!).takeUnretainedValue().steps += 1
                return 0
            }, me)
    }

    func stop() -> Int {
        sqlite3_progress_handler(database.sqliteConnection, 0, nil, nil)
        return steps
    }
}
