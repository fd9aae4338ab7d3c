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

    init(_ row: Row) throws {
        portfolio = try row.name("portfolio")
        notBefore = try row.moment("not_before")
        notAfter = try row.moment("not_after")
    }
}

extension SQLiteReading {
    package func waiting(_ stage: Stage, at: Timestamp, upTo limit: Int) throws -> [PortfolioID: Int] {
        try read { database in
            var counts: [PortfolioID: Int] = [:]
            for run in try database.unfinishedRuns() {
                for window in try database.openWindows(of: run, stage, at: at)
                where counts[window.portfolio, default: 0] < limit {
                    let row = try database.row(
                        Statement.waitingInWindow, StatementArguments(window, run, stage, state: "ready") + [limit])
                    counts[window.portfolio, default: 0] += try row?.value("tasks") ?? 0
                }
            }
            return counts.filter { $0.value > 0 }.mapValues { min($0, limit) }
        }
    }
}

extension Database {
    /// The run that was started first comes first.
    func unfinishedRuns() throws -> [RunID] {
        try rows("SELECT id FROM run WHERE is_finished = 0 ORDER BY started_at, id").map { try $0.name("id") }
    }

    /// The windows that tasks of a stage have, found by jumping from one to the next in the index: a run has a handful
    /// of them (one per portfolio and time zone), however many tasks wait.
    fileprivate func windows(of run: RunID, _ stage: Stage, _ state: TaskState) throws -> [Window] {
        var found: [Window] = []
        while let next = try window(after: found.last, of: run, stage, state) { found.append(next) }
        return found
    }

    private func window(after last: Window?, of run: RunID, _ stage: Stage, _ state: TaskState) throws -> Window? {
        let state = state.rawValue
        guard let last else {
            return try row(Statement.firstWindow, [run.text, state, stage.rawValue]).map(Window.init)
        }
        // The nearest first: one that differs in its end only, then in its beginning, then in its portfolio.
        let ends = StatementArguments(last, run, stage, state: state)
        let begins: StatementArguments = [
            run.text, state, stage.rawValue, last.portfolio.text, last.notBefore.milliseconds,
        ]
        let row =
            try row(Statement.windowOfNextEnd, ends)
            ?? row(Statement.windowOfNextBeginning, begins)
            ?? row(Statement.windowOfNextPortfolio, [run.text, state, stage.rawValue, last.portfolio.text])
        return try row.map(Window.init)
    }

    fileprivate func openWindows(of run: RunID, _ stage: Stage, at: Timestamp) throws -> [Window] {
        try windows(of: run, stage, .ready).filter { $0.notBefore <= at && at < $0.notAfter }
    }
}

extension StatementArguments {
    fileprivate init(_ window: Window, _ run: RunID, _ stage: Stage, state: String) {
        self = [
            run.text, state, stage.rawValue, window.portfolio.text, window.notBefore.milliseconds,
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
                Statement.redelivered, [run.text, grant.stage.rawValue, grant.now.milliseconds])
        }
        // The most often leased of all runs come first.
        return try rows.map { (try $0.value("number") as Int64, try $0.value("deliveries") as Int) }.enumerated()
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
                    Statement.firstInWindow,
                    StatementArguments(window, run, grant.stage, state: "ready") + [share])
                first += try rows.map {
                    (try $0.value("priority"), try $0.value("id"), try $0.value("number"), window.portfolio)
                }
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
        let tasks = "\(Statement.isOpen) AND \(Statement.inWindow)"
        let named: StatementArguments =
            [now.milliseconds] + StatementArguments(window, run, stage, state: state.rawValue)
        try database.run(
            """
            INSERT INTO transition (task, at, state, note)
            SELECT number, ?, 'withdrawn', '\(TransitionNote.windowClosed)' FROM task WHERE \(tasks)
            """, named)
        return try database.run("UPDATE task SET state = 'withdrawn', changed_at = ? WHERE \(tasks)", named)
    }
}
