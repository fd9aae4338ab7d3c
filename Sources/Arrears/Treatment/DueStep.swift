// Owns: the step that is due for a case today, as the plan stage hands it on.

/// A step of a treatment that is due, with all that makes a task of it.
package struct DueStep: Hashable, Sendable {
    /// The step's name in its treatment, such as `gentle-sms`.
    package var step: String
    /// How often this step was due in this episode of arrears, this time included: 1, 2, …
    package var occurrence: Int
    package var action: StepAction
    /// For a step that goes to law: the last day on which it may; nil: it cannot be computed, or does not matter.
    package var limitationEndsOn: CalendarDate?
    /// Lower goes first.
    package var priority: Int
    /// Local time in which a contact is allowed on the business day, from the conduct rules.
    package var window: LocalWindow
    /// IANA zone of the person.
    package var timeZone: String
    /// Why it is due, in words, for `recoup explain`.
    package var why: String
    /// The number to use, E.164; nil: none is known, or none that may be used.
    package var endpoint: String?

    package var stage: Stage { action.stage }
}

/// What a task *is*: the same step of the same case never becomes two tasks.
package struct TaskIdentity: Hashable, Sendable {
    package var portfolio: PortfolioID
    package var account: AccountID
    /// `Episode.start`: an account that was cured and falls overdue again is a new case.
    package var episode: CalendarDate
    package var step: String
    package var occurrence: Int

    package init(portfolio: PortfolioID, account: AccountID, episode: CalendarDate, step: String, occurrence: Int) {
        self.portfolio = portfolio
        self.account = account
        self.episode = episode
        self.step = step
        self.occurrence = occurrence
    }

    /// The bytes whose digest is the task's id: each part with its length, so that no two identities share them.
    package var canonical: String {
        [portfolio.text, account.text, episode.iso, step, String(occurrence)]
            .map { "\($0.utf8.count):\($0)" }.joined()
    }
}
