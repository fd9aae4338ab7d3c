// Owns: what somebody outside tells between books, and the tasks that are stopped for it.
import Arrears
import GRDB
import Leasing
import Ledger

extension SQLiteReading {
    package func registerEvents(of customer: CustomerID, accounts: [CaseID]) throws -> [RegisterEvent] {
        try read { database in
            var rows = try database.rows(Statement.eventsOfCustomer, [customer.text])
            for account in Set(accounts) { rows += try database.rows(Statement.eventsOfCase, [account.text]) }
            try rows.sort { (try $0.value("number") as Int64) < (try $1.value("number") as Int64) }
            return try rows.map { try JSONColumn.value(RegisterEvent.self, $0, "event") }
        }
    }

    package func registerEvent(_ id: String, of source: String) throws -> RegisterEvent? {
        try read { database in
            try database.row("SELECT event FROM register_event WHERE source = ? AND id = ?", [source, id])
                .map { try JSONColumn.value(RegisterEvent.self, $0, "event") }
        }
    }
}

extension SQLiteTransaction {
    func insertRegisterEvent(_ event: RegisterEvent, at: Timestamp) throws -> Bool {
        var account: CaseID?
        var customer: CustomerID?
        switch event.subject {
        case .account(let id): account = id
        case .customer(let id): customer = id
        }
        let inserted = try database.run(
            """
            INSERT INTO register_event (source, id, case_id, customer, taken_at, event) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (source, id) DO NOTHING
            """,
            [
                event.source, event.id, account?.text, customer?.text, at.milliseconds, try JSONColumn.text(event),
            ])
        return inserted == 1
    }

    func stop(_ task: TaskID, why: String, at: Timestamp) throws {
        let marked = try database.run(
            "UPDATE task SET stop = ? WHERE id = ? AND state IN ('planned', 'ready', 'leased', 'uncertain')",
            [why, task.text])
        guard marked == 1 else { return }
        try withdrawIfStopped(task, at: at)
    }

    /// What could be attempted but for its reason, which is gone, is withdrawn. Every verb that makes a task ready that was
    /// leased before ends with this.
    func withdrawIfStopped(_ task: TaskID, at: Timestamp) throws {
        let stopped = try database.row(
            """
            UPDATE task SET state = 'withdrawn', changed_at = ?
            WHERE id = ? AND (state = 'planned' OR state = 'ready') AND stop IS NOT NULL RETURNING number, stop
            """, [at.milliseconds, task.text])
        guard let stopped else { return }
        try insertTransition(stopped.value("number"), to: .withdrawn, under: nil, at: at, note: stopped.value("stop"))
    }
}
