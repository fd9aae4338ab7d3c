// Owns: what a run's report says, as a value without personal data. Knows nothing of how it is shown.
import Arrears
import Ledger
import Leasing

/// What became of every account of a run. Amounts are exact; everything that depends on the clock stands in
/// `timings` alone, so that the reports of two runs over one book can be compared.
public struct RunReport: Hashable, Sendable, Codable {
    /// What the run was made from.
    public struct Inputs: Hashable, Sendable, Codable {
        public var policy: String
        public var policyVersion: String
        /// SHA-256 of the policy's text, in hex.
        public var policyDigest: String
        /// The book's file name, without its folder.
        public var book: String
        /// SHA-256 of the book's bytes, in hex.
        public var bookDigest: String

        public init(
            policy: String = "", policyVersion: String = "", policyDigest: String = "", book: String = "",
            bookDigest: String = ""
        ) {
            self.policy = policy
            self.policyVersion = policyVersion
            self.policyDigest = policyDigest
            self.book = book
            self.bookDigest = bookDigest
        }
    }

    /// What was read of the book.
    public struct Intake: Hashable, Sendable, Codable {
        public var rowsRead: Int
        public var accounts: Int
        /// By the kind's name; a kind without rejects is left out.
        public var rejects: [String: Int]
        public var rejected: Int { rejects.values.reduce(0, +) }
    }

    /// The accounts that share bucket, segment, stage and result.
    public struct Cell: Hashable, Sendable, Codable {
        public var kind: ReportCell.Kind
        public var bucket: String
        public var segment: String
        public var stage: Stage?
        /// An outcome code, a reason, a recognition mark or a task's state.
        public var result: String
        public var accounts: Int
        public var arrears: Money
        public var balance: Money
        /// Promised or paid.
        public var outcomeAmount: Money
    }

    /// Sums over cells; amounts per currency, in order of code.
    public struct Sum: Hashable, Sendable, Codable {
        public var accounts: Int
        public var arrears: [Money]
        public var balance: [Money]
        public var outcomeAmount: [Money]
    }

    /// All accounts with one result.
    public struct Total: Hashable, Sendable, Codable {
        public var kind: ReportCell.Kind
        public var stage: Stage?
        public var result: String
        public var sum: Sum
    }

    /// Whether every account that was read has a result.
    public struct Balance: Hashable, Sendable, Codable {
        public var accountsRead: Int
        /// The sum over `totals`.
        public var accountsWithResult: Int
        public var isBalanced: Bool
    }

    public struct TaskTally: Hashable, Sendable, Codable {
        public var stage: Stage
        public var state: TaskState
        public var tasks: Int
    }

    /// A task of which nobody can say whether it was done.
    public struct UncertainTask: Hashable, Sendable, Codable {
        public var task: TaskID
        public var stage: Stage
        public var step: String
    }

    /// News about tasks that were settled before.
    public struct EventTally: Hashable, Sendable, Codable {
        public var kind: CaseEvent.Kind
        public var events: Int
        public var amounts: [Money]
    }

    public struct StageTiming: Hashable, Sendable, Codable {
        public var stage: RunStage
        public var items: Int
        public var milliseconds: Int64
        /// Items per second, rounded down.
        public var rate: Int64
    }

    /// All that differs between two runs over the same book.
    public struct Timings: Hashable, Sendable, Codable {
        public var startedAt: Timestamp
        /// nil while the run, or its last stage, is not finished.
        public var finishedAt: Timestamp?
        /// From the start to the last checkpoint.
        public var milliseconds: Int64
        public var stages: [StageTiming]
    }

    /// Grows when a field changes its meaning.
    public var format: Int
    public var run: RunID
    public var asOf: CalendarDate
    /// The run is reconciled: nothing more will change without a person.
    public var isFinal: Bool
    public var inputs: Inputs
    public var intake: Intake
    /// Buckets in the policy's order, then by segment, stage and result.
    public var cells: [Cell]
    public var totals: [Total]
    public var balance: Balance
    public var tasks: [TaskTally]
    /// Tasks that are not done: uncertain, set aside, or still waiting.
    public var openTasks: Int
    public var uncertain: Int
    /// The first of them, at most `RunReport.uncertainShown`.
    public var uncertainTasks: [UncertainTask]
    public var events: [EventTally]
    public var timings: Timings?

    public static let uncertainShown = 50

    /// The same report without what depends on the clock.
    public var withoutTimings: RunReport {
        var copy = self
        copy.timings = nil
        return copy
    }
}

extension RunReport.Sum {
    init(_ cells: some Sequence<RunReport.Cell>) {
        var accounts = 0
        var arrears: [Currency: Int64] = [:]
        var balance: [Currency: Int64] = [:]
        var outcome: [Currency: Int64] = [:]
        for cell in cells {
            accounts += cell.accounts
            arrears[cell.arrears.currency, default: 0] += cell.arrears.minorUnits
            balance[cell.balance.currency, default: 0] += cell.balance.minorUnits
            outcome[cell.outcomeAmount.currency, default: 0] += cell.outcomeAmount.minorUnits
        }
        self.init(
            accounts: accounts, arrears: .sorted(arrears), balance: .sorted(balance),
            outcomeAmount: .sorted(outcome))
    }
}

extension [Money] {
    /// In order of currency code.
    static func sorted(_ minorUnits: [Currency: Int64]) -> [Money] {
        minorUnits.map { Money(minorUnits: $0.value, currency: $0.key) }
            .sorted { $0.currency.code < $1.currency.code }
    }

    func amount(in currency: Currency) -> Money {
        first { $0.currency == currency } ?? .zero(currency)
    }
}
