// Owns: the questions about tasks that wait: whose contact windows are open, how many, and which are the first.
import Arrears
import Foundation
import GRDB
import Leasing
import Ledger

/// Tasks of one run, stage and portfolio that share a contact window.
private struct Window {
    var portfolio: PortfolioID
    var notBefore: Timestamp
    var notAfter: Timestamp

    static let before = Window(portfolio: "", notBefore: .min, notAfter: .min)
}

extension Timestamp {
    fileprivate static let min = Timestamp(milliseconds: .min)
}

extension SQLiteReading {
    package func waiting(_ stage: Stage, at: Timestamp, upTo limit: Int) throws -> [PortfolioID: Int] {
        try read { database in
            var counts: [PortfolioID: Int] = [:]
            for run in try database.unfinishedRuns() {
                for window in try database.openWindows(of: run, stage, at: at)
                where counts[window.portfolio, default: 0] < limit {
                    let row = try database.row(
                        """
                        SELECT count(*) AS tasks FROM (SELECT 1 FROM task WHERE run_id = ? AND state = 'ready'
                            AND stage = ? AND portfolio = ? AND not_before = ? AND not_after = ? AND deliveries = 0
                            LIMIT ?)
                        """, StatementArguments(window, run, stage) + [limit])
                    counts[window.portfolio, default: 0] += row?["tasks"] ?? 0
                }
            }
            return counts.filter { $0.value > 0 }.mapValues { min($0, limit) }
        }
    }
}

extension Database {
    /// The run that was started first comes first.
    func unfinishedRuns() throws -> [RunID] {
        try rows("SELECT id FROM run WHERE is_finished = 0 ORDER BY started_at, id").map { $0.name("id") }
    }

    /// The windows that tasks of a stage have, found by jumping from one to the next in the index: a run has a handful
    /// of them (one per portfolio and time zone), however many tasks wait.
    fileprivate func windows(of run: RunID, _ stage: Stage, _ state: TaskState) throws -> [Window] {
        var found: [Window] = []
        var last = Window.before
        while let row = try row(
            """
            SELECT portfolio, not_before, not_after FROM task
            WHERE run_id = ? AND state = '\(state.rawValue)' AND stage = ?
                AND (portfolio, not_before, not_after) > (?, ?, ?)
            ORDER BY portfolio, not_before, not_after LIMIT 1
            """,
            [
                run.text, stage.rawValue, last.portfolio.text, last.notBefore.milliseconds,
                last.notAfter.milliseconds,
            ])
        {
            last = Window(
                portfolio: row.name("portfolio"), notBefore: row.moment("not_before"),
                notAfter: row.moment("not_after"))
            found.append(last)
        }
        return found
    }

    fileprivate func openWindows(of run: RunID, _ stage: Stage, at: Timestamp) throws -> [Window] {
        try windows(of: run, stage, .ready).filter { $0.notBefore <= at && at < $0.notAfter }
    }
}

extension StatementArguments {
    fileprivate init(_ window: Window, _ run: RunID, _ stage: Stage) {
        self = [
            run.text, stage.rawValue, window.portfolio.text, window.notBefore.milliseconds,
            window.notAfter.milliseconds,
        ]
    }
}

extension SQLiteTransaction {
    /// Ready tasks that were leased before without an outcome: the run that was started first, then the most often
    /// leased, then by priority and id. There are few, and an index has only them.
    func redelivered(of runs: [RunID], _ grant: Grant) throws -> [(number: Int64, deliveries: Int)] {
        let rows = try runs.flatMap { run in
            try database.rows(
                """
                SELECT number, deliveries FROM task
                WHERE run_id = ? AND stage = ? AND state = 'ready' AND deliveries > 0
                    AND not_before <= ?3 AND not_after > ?3
                ORDER BY deliveries DESC, priority, id
                """, [run.text, grant.stage.rawValue, grant.now.milliseconds])
        }
        // The most often leased of all runs come first.
        return rows.map { ($0["number"] as Int64, $0["deliveries"] as Int) }.enumerated()
            .sorted { (-$0.element.1, $0.offset) < (-$1.element.1, $1.offset) }
            .map { (number: $0.element.0, deliveries: $0.element.1) }
    }

    /// The numbers of the first tasks of each portfolio's share, over all open windows: the run that was started first,
    /// then by priority and id.
    func freshTasks(of runs: [RunID], _ grant: Grant) throws -> [Int64] {
        var shares = grant.shares
        var chosen: [Int64] = []
        for run in runs {
            var first: [(priority: Int, id: String, number: Int64, portfolio: PortfolioID)] = []
            for window in try database.openWindows(of: run, grant.stage, at: grant.now) {
                let share = shares[window.portfolio, default: 0]
                guard share > 0 else { continue }
                let rows = try database.rows(
                    """
                    SELECT priority, id, number FROM task WHERE run_id = ? AND state = 'ready' AND stage = ?
                        AND portfolio = ? AND not_before = ? AND not_after = ? AND deliveries = 0
                    ORDER BY priority, id LIMIT ?
                    """, StatementArguments(window, run, grant.stage) + [share])
                first += rows.map { ($0["priority"], $0["id"], $0["number"], window.portfolio) }
            }
            first.sort { ($0.priority, $0.id) < ($1.priority, $1.id) }
            for task in first where chosen.count < grant.limit && shares[task.portfolio, default: 0] > 0 {
                shares[task.portfolio, default: 0] -= 1
                chosen.append(task.number)
            }
        }
        return chosen
    }

    func withdrawClosed(_ run: RunID, now: Timestamp) throws -> Int {
        var withdrawn = 0
        for state in [TaskState.planned, .ready] {
            for stage in Stage.allCases {
                for window in try database.windows(of: run, stage, state) where window.notAfter <= now {
                    withdrawn += try withdraw(run, stage, state, window, now)
                }
            }
        }
        return withdrawn
    }

    private func withdraw(_ run: RunID, _ stage: Stage, _ state: TaskState, _ window: Window, _ now: Timestamp) throws
        -> Int
    {
        let tasks = """
            run_id = ? AND state = '\(state.rawValue)' AND stage = ? AND portfolio = ? AND not_before = ?
            AND not_after = ?
            """
        let named: StatementArguments = [now.milliseconds] + StatementArguments(window, run, stage)
        try database.run(
            """
            INSERT INTO transition (task, at, state, note)
            SELECT number, ?, 'withdrawn', '\(TransitionNote.windowClosed)' FROM task WHERE \(tasks)
            """, named)
        return try database.run("UPDATE task SET state = 'withdrawn', changed_at = ? WHERE \(tasks)", named)
    }
}
