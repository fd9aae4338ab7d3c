// Owns: the answers about runs, accounts and cases. Knows nothing of which connection asks.
import Arrears
import GRDB
import Leasing
import Ledger
import LoanBook

/// What has a connection to ask: a reader, or a transaction of the writer.
protocol SQLiteReading: LedgerReading {
    func read<Result>(_ body: (Database) throws -> Result) throws -> Result
}

extension SQLiteReading {
    package func run(_ id: RunID) throws -> RunRecord? {
        try read { try $0.row("SELECT * FROM run WHERE id = ?", [id.text]).map(RunRecord.init(row:)) }
    }

    package func runs() throws -> [RunRecord] {
        try read { try $0.rows("SELECT * FROM run ORDER BY started_at DESC, id DESC").map(RunRecord.init(row:)) }
    }

    package func unfinishedRun() throws -> RunRecord? {
        try read {
            try $0.row("SELECT * FROM run WHERE is_finished = 0 ORDER BY started_at DESC, id DESC LIMIT 1")
                .map(RunRecord.init(row:))
        }
    }

    package func checkpoints(of run: RunID) throws -> [Checkpoint] {
        try read {
            try $0.rows("SELECT * FROM checkpoint WHERE run_id = ?", [run.text])
                .map(Checkpoint.init(row:)).inStageOrder()
        }
    }

    package func rejectCounts(of run: RunID) throws -> [RejectKind: Int] {
        try read {
            let rows = try $0.rows(
                "SELECT kind, count(*) AS rejects FROM reject WHERE run_id = ? GROUP BY kind", [run.text])
            return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.word("kind"), try $0.value("rejects")) })
        }
    }

    package func accounts(of run: RunID, afterLine line: Int, limit: Int) throws -> [StoredAccount] {
        try read {
            try $0.rows(
                "SELECT line, snapshot FROM account WHERE run_id = ? AND line > ? ORDER BY line LIMIT ?",
                [run.text, line, limit]
            ).map(StoredAccount.init(row:))
        }
    }

    package func accountCount(of run: RunID) throws -> Int {
        try read {
            try $0.row("SELECT count(*) AS accounts FROM account WHERE run_id = ?", [run.text])?.value("accounts") ?? 0
        }
    }

    package func cases(of run: RunID, afterLine line: Int, limit: Int) throws -> [CaseRecord] {
        try read {
            try $0.rows(
                "SELECT * FROM overdue_case WHERE run_id = ? AND line > ? ORDER BY line LIMIT ?",
                [run.text, line, limit]
            ).map(CaseRecord.init(row:))
        }
    }

    package func casesByCustomer(of run: RunID, after customer: CustomerID?, limit: Int) throws -> [CaseRecord] {
        // Two statements, so that each page starts where the last one ended instead of at the first customer.
        let later = customer == nil ? "" : "AND customer > :after"
        var arguments: StatementArguments = ["run": run.text, "limit": limit]
        if let customer { arguments += ["after": customer.text] }
        return try read {
            try $0.rows(
                """
                SELECT * FROM overdue_case WHERE run_id = :run AND customer IN (
                    SELECT DISTINCT customer FROM overdue_case WHERE run_id = :run \(later)
                    ORDER BY customer LIMIT :limit)
                ORDER BY customer, line
                """, arguments
            ).map(CaseRecord.init(row:))
        }
    }

    package func caseRecord(_ id: CaseID, in run: RunID) throws -> CaseRecord? {
        try read {
            try $0.row("SELECT * FROM overdue_case WHERE run_id = ? AND case_id = ?", [run.text, id.text])
                .map(CaseRecord.init(row:))
        }
    }

    package func accountMark(_ id: CaseID, in run: RunID) throws -> (stored: StoredAccount, mark: RecognitionMark?)? {
        try read {
            try $0.row(
                "SELECT line, mark, snapshot FROM account WHERE run_id = ? AND account_id = ?", [run.text, id.text]
            ).map { (try StoredAccount(row: $0), try $0.optionalWord("mark")) }
        }
    }

    package func accountsNumbered(_ number: AccountID, in run: RunID) throws -> [CaseID] {
        try read {
            try $0.rows(
                """
                SELECT account_id FROM account
                WHERE run_id = ? AND substr(account_id, instr(account_id, '/') + 1) = ? ORDER BY line
                """, [run.text, number.text]
            ).map { try $0.name("account_id") }
        }
    }

    package func planDetail(of caseID: CaseID, in run: RunID) throws -> String? {
        try read {
            try $0.row(
                "SELECT plan_detail FROM overdue_case WHERE run_id = ? AND case_id = ?", [run.text, caseID.text]
            ).flatMap { try $0.value("plan_detail") as String? }
        }
    }

    package func history(of caseID: CaseID) throws -> [CaseHistoryEntry] {
        try history(Statement.historyOfCase, caseID.text)
    }

    package func history(ofCustomer customer: CustomerID) throws -> [CaseHistoryEntry] {
        try history(Statement.historyOfCustomer, customer.text)
    }

    private func history(_ statement: String, _ key: String) throws -> [CaseHistoryEntry] {
        try read { try $0.rows(statement, [key]).map { try JSONColumn.value(CaseHistoryEntry.self, $0, "entry") } }
    }

    package func lastBook(of portfolio: PortfolioID) throws -> PortfolioBook? {
        try read {
            try $0.row("SELECT last_run, last_date FROM portfolio WHERE name = ?", [portfolio.text])
                .map { PortfolioBook(run: try $0.name("last_run"), asOf: try $0.day("last_date")) }
        }
    }

    package func accounts(
        of run: RunID, keptIn other: RunID, after: CaseID?, limit: Int
    ) throws -> [(caseID: CaseID, isKept: Bool)] {
        try read {
            try $0.rows(Statement.accountsKept, [other.text, run.text, after?.text ?? "", limit])
                .map { (try $0.name("account_id"), try $0.value("is_kept")) }
        }
    }

    package func episodes(of caseID: CaseID) throws -> [Episode] {
        try read { try $0.rows(Statement.episodes, [caseID.text]).map(Episode.init(row:)) }
    }
}

extension RunRecord {
    fileprivate init(row: Row) throws {
        self.init(
            id: try row.name("id"), asOf: try row.day("as_of"), order: try row.value("run_order"),
            isFinished: try row.value("is_finished"),
            startedAt: try row.moment("started_at"),
            finishedAt: (try row.value("finished_at") as Int64?).map(Timestamp.init(milliseconds:)))
    }
}

extension Checkpoint {
    fileprivate init(row: Row) throws {
        self.init(
            stage: try row.word("stage"), cursor: try row.value("cursor"), done: try row.value("done"),
            total: try row.value("total"),
            isComplete: try row.value("is_complete"), startedAt: try row.moment("started_at"),
            updatedAt: try row.moment("updated_at"))
    }
}

extension StoredAccount {
    fileprivate init(row: Row) throws {
        self.init(line: try row.value("line"), account: try JSONColumn.value(LoanAccount.self, row, "snapshot"))
    }
}

extension Episode {
    init(row: Row) throws {
        let isOpen = (try row.value("ended") as String?) == nil
        self.init(
            opened: try row.day("opened"), start: try row.day("start"), ended: isOpen ? nil : try row.day("ended"))
    }
}

extension CaseRecord {
    fileprivate init(row: Row) throws {
        let segment: String? = try row.value("segment")
        let rule: String? = try row.value("segment_rule")
        var match: SegmentMatch?
        if let segment, let rule { match = SegmentMatch(segment: segment, rule: rule) }
        self.init(
            line: try row.value("line"), overdue: try JSONColumn.value(OverdueCase.self, row, "snapshot"), match: match,
            reason: try row.optionalWord("reason"), reasonDetail: try row.value("reason_detail"),
            task: (try row.value("task_id") as String?).map { TaskID($0) })
    }
}
