// Owns: the verbs on runs and their stages. Knows nothing of when the transaction commits.
import Arrears
import Foundation
import GRDB
import Leasing
import Ledger
import LoanBook

/// The changes of one transaction of the one writer.
struct SQLiteTransaction {
    let database: Database
}

extension SQLiteTransaction: SQLiteReading {
    func read<Result>(_ body: (Database) throws -> Result) throws -> Result { try body(database) }
}

extension SQLiteTransaction {
    func insertRun(_ run: RunRecord) throws {
        try database.run(
            """
            INSERT INTO run (id, as_of, is_finished, started_at, finished_at, run_order) VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                run.id.text, run.asOf.iso, run.isFinished, run.startedAt.milliseconds, run.finishedAt?.milliseconds,
                run.order,
            ])
    }

    func finishRun(_ id: RunID, at: Timestamp) throws {
        _ = try existingRun(id, "finishRun")
        try database.run("UPDATE run SET is_finished = 1, finished_at = ? WHERE id = ?", [at.milliseconds, id.text])
    }

    func setCheckpoint(_ checkpoint: Checkpoint, of run: RunID) throws {
        _ = try existingRun(run, "setCheckpoint")
        try database.run(
            """
            REPLACE INTO checkpoint (run_id, stage, cursor, done, total, is_complete, started_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                run.text, checkpoint.stage.rawValue, checkpoint.cursor, checkpoint.done, checkpoint.total,
                checkpoint.isComplete, checkpoint.startedAt.milliseconds, checkpoint.updatedAt.milliseconds,
            ])
    }

    func insertAccounts(_ accounts: [StoredAccount], into run: RunID) throws -> [Int] {
        _ = try existingRun(run, "insertAccounts")
        var duplicates: [Int] = []
        for stored in accounts {
            let inserted = try database.run(
                """
                INSERT INTO account (run_id, line, account_id, balance, currency, snapshot) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (run_id, account_id) DO NOTHING
                """,
                [
                    run.text, stored.line, stored.account.caseID.text, stored.account.balance.minorUnits,
                    stored.account.balance.currency.code, try JSONColumn.text(stored.account),
                ])
            if inserted == 0 { duplicates.append(stored.line) }
        }
        return duplicates
    }

    func insertRejects(_ rejects: [Reject], into run: RunID) throws {
        _ = try existingRun(run, "insertRejects")
        for reject in rejects {
            try database.run(
                """
                INSERT INTO reject (run_id, kind, file, line, column_name, expected, got) VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    run.text, reject.kind.rawValue, reject.file, reject.line, reject.column, reject.expected,
                    reject.got,
                ])
        }
    }

    func recordRecognitions(_ marks: [(line: Int, mark: RecognitionMark)], cases: [CaseRecord], in run: RunID) throws {
        _ = try existingRun(run, "recordRecognitions")
        for (line, mark) in marks {
            let marked = try database.run(
                "UPDATE account SET mark = ? WHERE run_id = ? AND line = ?", [mark.rawValue, run.text, line])
            guard marked == 1 else {
                throw LedgerError(.notFound, "recordRecognitions: expected a stored line of run \(run), got \(line)")
            }
        }
        for record in cases {
            let overdue = record.overdue
            try database.run(
                """
                INSERT INTO overdue_case (run_id, line, case_id, customer, bucket, dpd, arrears, balance, currency,
                    segment, segment_rule, reason, reason_detail, task_id, snapshot)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    run.text, record.line, overdue.id.text, overdue.account.customer.text, overdue.bucket,
                    overdue.delinquency.dpd, overdue.delinquency.arrears.minorUnits,
                    overdue.account.balance.minorUnits, overdue.account.balance.currency.code,
                    record.match?.segment, record.match?.rule, record.reason?.rawValue, record.reasonDetail,
                    record.task?.text, try JSONColumn.text(overdue),
                ])
        }
    }

    func recordBook(_ book: PortfolioBook, of portfolio: PortfolioID) throws {
        try database.run(
            """
            INSERT INTO portfolio (name, last_date, last_run) VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET last_date = excluded.last_date, last_run = excluded.last_run
                WHERE excluded.last_date >= last_date
            """, [portfolio.text, book.asOf.iso, book.run.text])
    }

    func keepEpisode(of caseID: CaseID, start: CalendarDate, on date: CalendarDate) throws -> Episode {
        let rows = try database.rows(Statement.episodes, [caseID.text])
        var episodes = try rows.map(Episode.init(row:))
        let before = episodes
        let kept = episodes.keep(start: start, on: date)
        if episodes.count > before.count {
            try database.run(
                "INSERT INTO episode (case_id, opened, start) VALUES (?, ?, ?)",
                [caseID.text, kept.opened.iso, kept.start.iso])
        } else if let last = rows.last, before.last != kept {
            try database.run("UPDATE episode SET ended = NULL WHERE number = ?", [last.value("number") as Int64])
        }
        return kept
    }

    func endEpisode(of caseID: CaseID, on date: CalendarDate) throws {
        // Most accounts are current and never were anything else: they cost a question, and no write.
        guard let open = try database.row(Statement.openEpisode, [caseID.text, date.iso]) else { return }
        try database.run("UPDATE episode SET ended = ? WHERE number = ?", [date.iso, open.value("number") as Int64])
    }

    func recordSegments(_ matches: [(caseID: CaseID, match: SegmentMatch)], in run: RunID) throws {
        for (caseID, match) in matches {
            let matched = try database.run(
                "UPDATE overdue_case SET segment = ?, segment_rule = ? WHERE run_id = ? AND case_id = ?",
                [match.segment, match.rule, run.text, caseID.text])
            guard matched == 1 else { throw missingCase(caseID, in: run, "recordSegments") }
        }
    }

    func recordPlans(_ plans: [PlannedCase], in run: RunID) throws {
        let started = try existingRun(run, "recordPlans").startedAt
        for plan in plans {
            var reason: NoTaskReason?
            var reasonDetail = ""
            var taskID: TaskID?
            switch plan.decision {
            case .none(let why, let detail):
                reason = why
                reasonDetail = detail
            case .task(let task):
                precondition(
                    task.caseID == plan.caseID && task.run == run,
                    "task \(task.id) of case \(task.caseID), run \(task.run), planned for \(plan.caseID), \(run)")
                taskID = task.id
                try insert(task, at: started)
            }
            let planned = try database.run(
                """
                UPDATE overdue_case SET reason = ?, reason_detail = ?, task_id = ?, plan_detail = ?
                WHERE run_id = ? AND case_id = ?
                """,
                [reason?.rawValue, reasonDetail, taskID?.text, plan.detail, run.text, plan.caseID.text])
            guard planned == 1 else { throw missingCase(plan.caseID, in: run, "recordPlans") }
        }
    }

    /// Inserts a task. One of an earlier run that nothing came of is taken into this run; any other is kept as it is.
    /// So is one that was perhaps attempted by another stage than this run's policy names: only that stage can be asked.
    private func insert(_ task: StageTask, at: Timestamp) throws {
        let takenOver = try database.run(
            """
            UPDATE task SET run_id = ?, case_id = ?, customer = ?, portfolio = ?, stage = ?, step = ?, priority = ?,
                not_before = ?, not_after = ?, content = ?, changed_at = ?, inquiries = 0,
                stop = NULL, endpoint = CASE WHEN state = 'uncertain' AND endpoint IS NOT ? THEN NULL ELSE ? END,
                state = CASE state WHEN 'withdrawn' THEN 'planned' ELSE state END
            WHERE id = ? AND run_id <> ? AND (state = 'withdrawn' OR (state = 'uncertain' AND stage = ?))
            """,
            [
                task.run.text, task.caseID.text, task.customer.text, task.portfolio.text, task.stage.rawValue,
                task.step, task.priority, task.notBefore.milliseconds, task.notAfter.milliseconds,
                Data(task.content), at.milliseconds, task.endpoint, task.endpoint, task.id.text, task.run.text,
                task.stage.rawValue,
            ])
        guard takenOver == 0 else {
            try database.run(
                """
                INSERT INTO transition (task, at, state, note)
                SELECT number, ?, state, '\(TransitionNote.takenOver)' FROM task WHERE id = ?
                """, [at.milliseconds, task.id.text])
            return
        }
        try database.run(
            """
            INSERT INTO task (id, run_id, case_id, customer, portfolio, stage, step, priority, not_before, not_after,
                state, mode, deliveries, inquiries, changed_at, endpoint, content)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'planned', 'attempt', 0, 0, ?, ?, ?) ON CONFLICT (id) DO NOTHING
            """,
            [
                task.id.text, task.run.text, task.caseID.text, task.customer.text, task.portfolio.text,
                task.stage.rawValue, task.step, task.priority, task.notBefore.milliseconds,
                task.notAfter.milliseconds, at.milliseconds, task.endpoint, Data(task.content),
            ])
    }

    /// The run, or the error that says which one was named.
    private func existingRun(_ id: RunID, _ verb: String) throws -> RunRecord {
        guard let run = try run(id) else {
            throw LedgerError(.notFound, "\(verb): expected a run of this ledger, got \"\(id)\"")
        }
        return run
    }

    private func missingCase(_ id: CaseID, in run: RunID, _ verb: String) -> LedgerError {
        LedgerError(.notFound, "\(verb): expected a case of run \(run), got \"\(id)\"")
    }
}
