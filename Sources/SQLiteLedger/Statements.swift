// Owns: the statements that are asked again and again within a run.

/// Statements whose plans are tested.
enum Statement {
    /// Asked once per customer and other run of the day.
    static let tasksOfCustomer = """
        SELECT task.*, lease.worker FROM overdue_case JOIN task ON task.id = overdue_case.task_id
        LEFT JOIN lease ON lease.id = task.lease_id
        WHERE overdue_case.run_id = ? AND overdue_case.customer = ? ORDER BY overdue_case.line
        """
    /// Asked with every heartbeat.
    static let closedTasks = """
        SELECT id FROM task WHERE lease_id = ? AND epoch = ? AND state = 'leased' AND (not_after <= ? OR stop IS NOT NULL) LIMIT ?
        """
    /// Asked with every lease that ends without an answer.
    static let stoppedTasks = """
        SELECT id FROM task WHERE lease_id = ? AND epoch = ? AND state = 'leased' AND stop IS NOT NULL ORDER BY id
        """
    /// Asked once per case.
    static let historyOfCase = "SELECT entry FROM history WHERE case_id = ? ORDER BY date, number"
    /// Asked once per customer.
    static let historyOfCustomer = "SELECT entry FROM history WHERE customer = ? ORDER BY date, number"
    /// Asked once per customer.
    static let eventsOfCustomer = "SELECT number, event FROM register_event WHERE customer = ?"
    /// Asked once per case.
    static let eventsOfCase = "SELECT number, event FROM register_event WHERE case_id = ?"
    /// Asked once per page of the accounts of an earlier book.
    static let accountsKept = """
        SELECT account_id, EXISTS (
            SELECT 1 FROM account AS other WHERE other.run_id = ? AND other.account_id = account.account_id) AS is_kept
        FROM account WHERE run_id = ? AND account_id > ? ORDER BY account_id LIMIT ?
        """
    /// Asked once per overdue account.
    static let episodes = "SELECT * FROM episode WHERE case_id = ? ORDER BY number"
    /// Asked once per account that is current.
    static let openEpisode = "SELECT number FROM episode WHERE case_id = ? AND ended IS NULL AND opened <= ?"

    // Asked with every lease. SQLite uses an index over a part of the rows only where the statement says that part.

    static let isOpen = "(state = 'planned' OR state = 'ready')"
    static let inWindow =
        "run_id = ? AND state = ? AND stage = ? AND portfolio = ? AND not_before = ? AND not_after = ?"
    static let firstInWindow = """
        SELECT priority, id, number FROM task WHERE \(isOpen) AND \(inWindow) AND deliveries = 0
        ORDER BY priority, id LIMIT ?
        """
    static let waitingInWindow = """
        SELECT count(*) AS tasks FROM (
            SELECT 1 FROM task WHERE \(isOpen) AND \(inWindow) AND deliveries = 0 LIMIT ?)
        """
    /// Few tasks are ready and were leased before, and `task_suspect` has only them; left to itself, SQLite looks at all
    /// that are ready.
    static let redelivered = """
        SELECT number, deliveries FROM task INDEXED BY task_suspect
        WHERE run_id = ?1 AND stage = ?2 AND state = 'ready' AND deliveries > 0 AND not_before <= ?3 AND not_after > ?3
        ORDER BY deliveries DESC, priority, id
        """
    static let uncertain = """
        SELECT changed_at, id, number FROM task WHERE run_id = ? AND state = 'uncertain' AND stage = ?
            AND changed_at <= ? AND inquiries < ? ORDER BY changed_at, id LIMIT ?
        """
    // From one window to the next. Not as a comparison of (portfolio, not_before, not_after): SQLite then walks through
    // all tasks of the window that it comes from.
    private static let aWindow = """
        SELECT portfolio, not_before, not_after FROM task WHERE \(isOpen) AND run_id = ? AND state = ? AND stage = ?
        """
    private static let theFirst = "ORDER BY portfolio, not_before, not_after LIMIT 1"
    static let firstWindow = "\(aWindow) \(theFirst)"
    static let windowOfNextPortfolio = "\(aWindow) AND portfolio > ? \(theFirst)"
    static let windowOfNextBeginning = "\(aWindow) AND portfolio = ? AND not_before > ? \(theFirst)"
    static let windowOfNextEnd = "\(aWindow) AND portfolio = ? AND not_before = ? AND not_after > ? \(theFirst)"
}
