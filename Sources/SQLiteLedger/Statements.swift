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
        SELECT id FROM task WHERE lease_id = ? AND epoch = ? AND state = 'leased' AND not_after <= ? LIMIT ?
        """
    /// Asked once per case.
    static let historyOfCase = "SELECT entry FROM history WHERE case_id = ? ORDER BY date, number"
    /// Asked once per customer.
    static let historyOfCustomer = "SELECT entry FROM history WHERE customer = ? ORDER BY date, number"
    /// Asked once per overdue account.
    static let episodes = "SELECT * FROM episode WHERE case_id = ? ORDER BY number"
    /// Asked once per account that is current.
    static let openEpisode = "SELECT number FROM episode WHERE case_id = ? AND ended IS NULL AND opened <= ?"
}
