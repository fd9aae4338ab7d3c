// Owns: the step that is due for a case today, as the plan stage hands it on.

/// A step of a treatment that is due, with all that makes a task of it.
public struct DueStep: Hashable, Sendable {
    /// What the stage is to do.
    public enum Work: Hashable, Sendable {
        case sms(template: String)
        case call(script: String, queue: String, offerPlan: Bool)
        /// `placement` is 1 for the first, 2 for the second, …; the mandate lasts `days`.
        case placement(agency: String, placement: Int, days: Int, purpose: String)
        case legal(minimumBalance: Money, requiredDocuments: [String], limitationEndsOn: CalendarDate?)

        public var stage: Stage {
            switch self {
            case .sms: .sms
            case .call: .callQueue
            case .placement: .agency
            case .legal: .legal
            }
        }
    }

    /// The step's name in its treatment, such as `gentle-sms`.
    public var step: String
    /// How often this step was due in this episode of arrears, this time included: 1, 2, …
    public var occurrence: Int
    public var work: Work
    /// Lower goes first.
    public var priority: Int
    /// Local time in which a contact is allowed on the business day, from the conduct rules.
    public var window: LocalWindow
    /// IANA zone of the person.
    public var timeZone: String
    /// Why it is due, in words, for `recoup explain`.
    public var why: String

    public init(
        step: String, occurrence: Int, work: Work, priority: Int, window: LocalWindow, timeZone: String, why: String
    ) {
        self.step = step
        self.occurrence = occurrence
        self.work = work
        self.priority = priority
        self.window = window
        self.timeZone = timeZone
        self.why = why
    }

    public var stage: Stage { work.stage }
}

/// What a task *is*: the same step of the same episode of the same case never becomes two tasks.
public struct TaskIdentity: Hashable, Sendable {
    public var portfolio: PortfolioID
    public var caseID: CaseID
    /// First day of the episode of arrears; a case that was cured and falls overdue again starts a new one.
    public var episode: CalendarDate
    public var step: String
    public var occurrence: Int

    public init(portfolio: PortfolioID, caseID: CaseID, episode: CalendarDate, step: String, occurrence: Int) {
        self.portfolio = portfolio
        self.caseID = caseID
        self.episode = episode
        self.step = step
        self.occurrence = occurrence
    }

    /// The bytes whose digest is the task's id: each part with its length, so that no two identities share them.
    public var canonical: String {
        [portfolio.text, caseID.text, episode.iso, step, String(occurrence)]
            .map { "\($0.utf8.count):\($0)" }.joined()
    }
}

/// A span of local time on one day, in minutes since midnight; `from` is allowed, `to` is not.
public struct LocalWindow: Hashable, Sendable, Codable {
    public var fromMinute: Int
    public var toMinute: Int

    public init(fromMinute: Int, toMinute: Int) {
        self.fromMinute = fromMinute
        self.toMinute = toMinute
    }

    public static let wholeDay = LocalWindow(fromMinute: 0, toMinute: 24 * 60)

    /// What both windows allow; empty when `fromMinute >= toMinute`.
    public func intersection(_ other: LocalWindow) -> LocalWindow {
        LocalWindow(fromMinute: max(fromMinute, other.fromMinute), toMinute: min(toMinute, other.toMinute))
    }

    public var isEmpty: Bool { fromMinute >= toMinute }

    /// `08:00`.
    public static func clock(_ minute: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
        return "\(two(minute / 60)):\(two(minute % 60))"
    }
}
