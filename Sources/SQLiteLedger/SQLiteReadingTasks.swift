// Owns: the answers about tasks, leases, events and the report. Knows nothing of which connection asks.
import Arrears
import Foundation
import GRDB
import Leasing
import Ledger

extension SQLiteReading {
    package func task(_ id: TaskID) throws -> TaskRecord? {
        try read { try $0.row("\(selectTask) WHERE task.id = ?", [id.text]).map(TaskRecord.init(row:)) }
    }

    package func tasks(of customer: CustomerID, in run: RunID) throws -> [TaskRecord] {
        try read {
            try $0.rows(Statement.tasksOfCustomer, [run.text, customer.text]).map(TaskRecord.init(row:))
        }
    }

    package func transitions(of task: TaskID) throws -> [TaskTransition] {
        try read {
            try $0.rows(
                """
                SELECT transition.*, lease.epoch, lease.worker FROM transition
                LEFT JOIN lease ON lease.id = transition.lease_id
                WHERE transition.task = (SELECT number FROM task WHERE id = ?) ORDER BY transition.number
                """, [task.text]
            ).map { row in
                TaskTransition(
                    at: row.moment("at"), task: task, to: try row.word("state"), lease: row.leaseKey,
                    worker: (row["worker"] as String?).map { WorkerID($0) }, note: row["note"])
            }
        }
    }

    package func taskCounts(of run: RunID) throws -> [TaskCount] {
        try read {
            try $0.rows("SELECT stage, state, tasks FROM task_count WHERE run_id = ? AND tasks > 0", [run.text])
                .map { TaskCount(stage: try $0.word("stage"), state: try $0.word("state"), count: $0["tasks"]) }
                .inTaskOrder()
        }
    }

    package func uncertainTasks(of run: RunID, limit: Int) throws -> [TaskRecord] {
        try read {
            try $0.rows(
                """
                \(selectTask) WHERE task.run_id = ? AND task.state = 'uncertain'
                ORDER BY task.changed_at, task.id LIMIT ?
                """, [run.text, limit]
            ).map(TaskRecord.init(row:))
        }
    }

    package func closedTasks(under lease: LeaseKey, at: Timestamp, limit: Int) throws -> [TaskID] {
        try read {
            try $0.rows(Statement.closedTasks, [lease.idBits, lease.epochBits, at.milliseconds, limit])
                .map { $0.name("id") as TaskID }.sorted()
        }
    }

    package func liveLeases() throws -> [LiveLease] {
        try read {
            try $0.rows(
                """
                SELECT id AS lease_id, epoch, worker, incarnation, stage FROM lease
                WHERE id IN (SELECT DISTINCT lease_id FROM task WHERE state = 'leased') ORDER BY epoch
                """
            ).map { row in
                LiveLease(
                    lease: LeaseKey(id: LeaseID(row.bits("lease_id")), epoch: Epoch(row.bits("epoch"))),
                    worker: row.name("worker"), incarnation: row.bits("incarnation"), stage: try row.word("stage"))
            }
        }
    }

    package func holder(of lease: LeaseKey) throws -> WorkerID? {
        try read {
            try $0.row("SELECT worker FROM lease WHERE id = ? AND epoch = ?", [lease.idBits, lease.epochBits])?
                .name("worker")
        }
    }

    package func events(of run: RunID) throws -> [CaseEvent] {
        try read {
            try $0.rows("SELECT event FROM event WHERE run_id = ? ORDER BY number", [run.text])
                .map { try JSONColumn.value(CaseEvent.self, $0, "event") }
        }
    }

    package func reportCells(of run: RunID) throws -> [ReportCell] {
        try read { database in
            let notCases = try database.rows(
                """
                SELECT '' AS bucket, '' AS segment, NULL AS stage, 'notACase' AS kind, mark AS result, currency,
                    count(*) AS accounts, 0 AS arrears, sum(balance) AS balance, 0 AS amount
                FROM account WHERE run_id = ? AND mark = 'current' GROUP BY mark, currency
                """, [run.text])
            let cases = try database.rows(
                """
                SELECT c.bucket, coalesce(c.segment, '') AS segment, t.stage,
                    CASE WHEN c.reason IS NOT NULL THEN 'reason' WHEN t.outcome_code IS NOT NULL THEN 'outcome'
                        ELSE 'open' END AS kind,
                    coalesce(c.reason, t.outcome_code, t.state, '\(ReportCell.undecided)') AS result, c.currency,
                    count(*) AS accounts, sum(c.arrears) AS arrears, sum(c.balance) AS balance,
                    sum(CASE WHEN t.outcome_currency = c.currency THEN t.outcome_amount ELSE 0 END) AS amount
                FROM overdue_case AS c LEFT JOIN task AS t ON t.id = c.task_id
                WHERE c.run_id = ? GROUP BY 1, 2, 3, 4, 5, 6
                """, [run.text])
            return try (notCases + cases).map(ReportCell.init(row:)).inReportOrder()
        }
    }

    private var selectTask: String {
        "SELECT task.*, lease.worker FROM task LEFT JOIN lease ON lease.id = task.lease_id"
    }
}

extension TaskRecord {
    fileprivate init(row: Row) throws {
        let content: Data = row["content"]
        let task = StageTask(
            id: row.name("id"), run: row.name("run_id"), caseID: row.name("case_id"), customer: row.name("customer"),
            portfolio: row.name("portfolio"), stage: try row.word("stage"), step: row["step"],
            priority: row["priority"], notBefore: row.moment("not_before"), notAfter: row.moment("not_after"),
            endpoint: row["endpoint"], content: Array(content))
        var outcome: Outcome?
        if row["outcome"] as String? != nil { outcome = try JSONColumn.value(Outcome.self, row, "outcome") }
        self.init(
            task: task, state: try row.word("state"), lease: row.leaseKey,
            worker: (row["worker"] as String?).map { WorkerID($0) }, deliveries: row["deliveries"],
            outcome: outcome, changedAt: row.moment("changed_at"))
    }
}

extension ReportCell {
    fileprivate init(row: Row) throws {
        self.init(
            bucket: row["bucket"], segment: row["segment"], stage: try row.optionalWord("stage"),
            result: row["result"], kind: try row.word("kind"), currency: try row.currency("currency"),
            accounts: row["accounts"], arrearsMinorUnits: row["arrears"], balanceMinorUnits: row["balance"],
            outcomeMinorUnits: row["amount"])
    }
}
