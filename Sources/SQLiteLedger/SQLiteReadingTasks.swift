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
                    at: try row.moment("at"), task: task, to: try row.word("state"), lease: try row.leaseKey,
                    worker: (try row.value("worker") as String?).map { WorkerID($0) }, note: try row.value("note"))
            }
        }
    }

    package func taskCounts(of run: RunID) throws -> [TaskCount] {
        try read {
            try $0.rows("SELECT stage, state, tasks FROM task_count WHERE run_id = ? AND tasks > 0", [run.text])
                .map {
                    TaskCount(stage: try $0.word("stage"), state: try $0.word("state"), count: try $0.value("tasks"))
                }
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
                .map { try $0.name("id") as TaskID }.sorted()
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
                    lease: LeaseKey(id: LeaseID(try row.bits("lease_id")), epoch: Epoch(try row.bits("epoch"))),
                    worker: try row.name("worker"), incarnation: try row.bits("incarnation"),
                    stage: try row.word("stage"))
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
        let content: Data = try row.value("content")
        let task = StageTask(
            id: try row.name("id"), run: try row.name("run_id"), caseID: try row.name("case_id"),
            customer: try row.name("customer"),
            portfolio: try row.name("portfolio"), stage: try row.word("stage"), step: try row.value("step"),
            priority: try row.value("priority"), notBefore: try row.moment("not_before"),
            notAfter: try row.moment("not_after"),
            endpoint: try row.value("endpoint"), content: Array(content))
        var outcome: Outcome?
        if try row.value("outcome") as String? != nil { outcome = try JSONColumn.value(Outcome.self, row, "outcome") }
        self.init(
            task: task, state: try row.word("state"), lease: try row.leaseKey,
            worker: (try row.value("worker") as String?).map { WorkerID($0) }, deliveries: try row.value("deliveries"),
            outcome: outcome, changedAt: try row.moment("changed_at"))
    }
}

extension ReportCell {
    fileprivate init(row: Row) throws {
        self.init(
            bucket: try row.value("bucket"), segment: try row.value("segment"), stage: try row.optionalWord("stage"),
            result: try row.value("result"), kind: try row.word("kind"), currency: try row.currency("currency"),
            accounts: try row.value("accounts"), arrearsMinorUnits: try row.value("arrears"),
            balanceMinorUnits: try row.value("balance"),
            outcomeMinorUnits: try row.value("amount"))
    }
}
