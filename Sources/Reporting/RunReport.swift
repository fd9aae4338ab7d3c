// Owns: what a run's report says, as a value without personal data. Knows nothing of how it is shown.
import Arrears
import Ledger
import Leasing

/// What became of every account of a run. Amounts are exact; everything that depends on the clock stands in
/// `timings` alone, so that the reports of two runs over one book can be compared.
package struct RunReport: Hashable, Sendable, Codable {
    /// What the run was made from.
    package struct Inputs: Hashable, Sendable, Codable {
        package var policy: String
        package var policyVersion: String
        /// SHA-256 of the policy's text, in hex.
        package var policyDigest: String
        /// The book's file name, without its folder.
        package var book: String
        /// SHA-256 of the book's bytes, in hex.
        package var bookDigest: String
        /// A rehearsal: nobody was contacted.
        package var isRehearsal: Bool

        package init(
            policy: String = "", policyVersion: String = "", policyDigest: String = "", book: String = "",
            bookDigest: String = "", isRehearsal: Bool = false
        ) {
            self.policy = policy
            self.policyVersion = policyVersion
            self.policyDigest = policyDigest
            self.book = book
            self.bookDigest = bookDigest
            self.isRehearsal = isRehearsal
        }
    }

    /// What was read of the book.
    package struct Intake: Hashable, Sendable, Codable {
        package var rowsRead: Int
        package var accounts: Int
        /// By the kind's name; a kind without rejects is left out.
        package var rejects: [String: Int]
        package var rejected: Int { rejects.values.reduce(0, +) }
    }

    /// The accounts that share bucket, segment, stage and result.
    package struct Cell: Hashable, Sendable, Codable {
        package var kind: ReportCell.Kind
        package var bucket: String
        package var segment: String
        package var stage: Stage?
        /// An outcome code, a reason, a recognition mark or a task's state.
        package var result: String
        package var accounts: Int
        package var arrears: Money
        package var balance: Money
        /// Promised or paid.
        package var outcomeAmount: Money
    }

    /// Sums over cells; amounts per currency, in order of code.
    package struct Sum: Hashable, Sendable, Codable {
        package var accounts: Int
        package var arrears: [Money]
        package var balance: [Money]
        package var outcomeAmount: [Money]
    }

    /// All accounts with one result.
    package struct Total: Hashable, Sendable, Codable {
        package var kind: ReportCell.Kind
        package var stage: Stage?
        package var result: String
        package var sum: Sum
    }

    /// Whether every account that was read has a result.
    package struct Balance: Hashable, Sendable, Codable {
        package var accountsRead: Int
        /// The sum over `totals`.
        package var accountsWithResult: Int
        package var isBalanced: Bool
    }

    package struct TaskTally: Hashable, Sendable, Codable {
        package var stage: Stage
        package var state: TaskState
        package var tasks: Int
    }

    /// A task of which nobody can say whether it was done.
    package struct UncertainTask: Hashable, Sendable, Codable {
        package var task: TaskID
        package var stage: Stage
        package var step: String
    }

    /// News about tasks that were settled before.
    package struct EventTally: Hashable, Sendable, Codable {
        package var kind: CaseEvent.Kind
        package var events: Int
        package var amounts: [Money]
    }

    package struct StageTiming: Hashable, Sendable, Codable {
        package var stage: RunStage
        package var items: Int
        package var milliseconds: Int64
        /// Items per second, rounded down.
        package var rate: Int64
    }

    /// All that differs between two runs over the same book.
    package struct Timings: Hashable, Sendable, Codable {
        package var startedAt: Timestamp
        /// nil while the run, or its last stage, is not finished.
        package var finishedAt: Timestamp?
        /// From the start to the last checkpoint.
        package var milliseconds: Int64
        package var stages: [StageTiming]
    }

    /// Grows when a field changes its meaning.
    package var format: Int
    package var run: RunID
    package var asOf: CalendarDate
    /// The run is reconciled: nothing more will change without a person.
    package var isFinal: Bool
    package var inputs: Inputs
    package var intake: Intake
    /// Buckets in the policy's order, then by segment, stage and result.
    package var cells: [Cell]
    package var totals: [Total]
    package var balance: Balance
    package var tasks: [TaskTally]
    /// Tasks that are not done: uncertain, set aside, or still waiting.
    package var openTasks: Int
    package var uncertain: Int
    /// The first of them, at most `RunReport.uncertainShown`.
    package var uncertainTasks: [UncertainTask]
    package var events: [EventTally]
    package var timings: Timings?

    package static let uncertainShown = 50

    /// The same report without what depends on the clock.
    package var withoutTimings: RunReport {
        var copy = self
        copy.timings = nil
        return copy
    }
}

extension RunReport.Sum {
    init(_ cells: some Sequence<RunReport.Cell>) {
        var accounts = 0
        var arrears: [Currency: Int128] = [:]
        var balance: [Currency: Int128] = [:]
        var outcome: [Currency: Int128] = [:]
        for cell in cells {
            accounts += cell.accounts
            arrears[cell.arrears.currency, default: 0] += Int128(cell.arrears.minorUnits)
            balance[cell.balance.currency, default: 0] += Int128(cell.balance.minorUnits)
            outcome[cell.outcomeAmount.currency, default: 0] += Int128(cell.outcomeAmount.minorUnits)
        }
        self.init(
            accounts: accounts, arrears: .sorted(arrears), balance: .sorted(balance),
            outcomeAmount: .sorted(outcome))
    }
}

extension [Money] {
    /// In order of currency code. A sum beyond 64 bits, which only a ledger of an earlier version can hold, stands at the most.
    static func sorted(_ minorUnits: [Currency: Int128]) -> [Money] {
        minorUnits.map { Money(minorUnits: Int64(clamping: $0.value), currency: $0.key) }
            .sorted { $0.currency.code < $1.currency.code }
    }

    func amount(in currency: Currency) -> Money {
        first { $0.currency == currency } ?? .zero(currency)
    }
}
