// Owns: the instalments and payments of all accounts, until the book's rows claim them. Knows nothing of allocation:
// what is in arrears is computed in Arrears.
import Arrears

/// Brings a book, its schedule and its payments together: first all rows of the two files are added, then each account
/// of the book is attached to what is its own. What no account claimed is for an account that the book does not have.
package struct ScheduleBook: Sendable {
    private struct InstalmentLine: Sendable {
        var line: Int
        var instalment: Instalment
    }

    private struct PaymentLine: Sendable {
        var line: Int
        var payment: Payment
    }

    private struct Entry: Sendable {
        var instalments: [InstalmentLine] = []
        var payments: [PaymentLine] = []
        var isClaimed = false
        /// The first row of this account that was rejected.
        var rejected: Reject?
    }

    private var entries: [AccountID: Entry] = [:]

    package init() {}

    /// - Returns: the reject, when the row is one.
    package mutating func add(_ row: ScheduleRow<Instalment>) -> Reject? {
        switch row {
        case .reject(let reject, let account): return taint(account, reject)
        case .item(let instalment, let account, let line):
            let twin = entries[account]?.instalments.first { $0.instalment.number == instalment.number }
            guard let twin else {
                entries[account, default: Entry()].instalments.append(
                    InstalmentLine(line: line, instalment: instalment))
                return nil
            }
            let expected = "each instalment of an account once (first on line \(twin.line))"
            let reject = Reject(
                file: BookFile.schedule.rawValue, line: line, column: CanonicalField.number.name, kind: .duplicateID,
                expected: expected, got: String(instalment.number))
            return taint(account, reject)
        }
    }

    /// - Returns: the reject, when the row is one.
    package mutating func add(_ row: ScheduleRow<Payment>) -> Reject? {
        switch row {
        case .reject(let reject, let account): return taint(account, reject)
        case .item(let payment, let account, let line):
            entries[account, default: Entry()].payments.append(PaymentLine(line: line, payment: payment))
            return nil
        }
    }

    private mutating func taint(_ account: AccountID?, _ reject: Reject) -> Reject {
        if let account, entries[account]?.rejected == nil { entries[account, default: Entry()].rejected = reject }
        return reject
    }

    /// The account with its schedule as its basis. It is a reject when it has no instalments, when a row of its own
    /// was rejected (its arrears would be wrong, and somebody would be asked for what was paid), or when the
    /// currencies differ.
    package mutating func attach(to account: LoanAccount, line: Int) -> BookRow {
        guard var entry = entries[account.id] else { return rejected(line, .missingValue, "none") }
        entry.isClaimed = true
        entries[account.id] = entry
        if let fault = entry.rejected {
            return rejected(line, .badValue, "\(fault.kind.rawValue) on line \(fault.line) of the \(fault.file) file")
        }
        guard !entry.instalments.isEmpty else { return rejected(line, .missingValue, "none") }
        let currencies =
            entry.instalments.map(\.instalment.principal.currency) + entry.payments.map(\.payment.amount.currency)
        if let other = currencies.first(where: { $0 != account.balance.currency }) {
            return rejected(line, .badValue, "\(other.code) beside \(account.balance.currency.code)")
        }
        let instalments = entry.instalments.map(\.instalment)
            .sorted { ($0.dueDate, $0.number) < ($1.dueDate, $1.number) }
        let payments = entry.payments.sorted { ($0.payment.date, $0.line) < ($1.payment.date, $1.line) }
        var attached = account
        attached.basis = .schedule(RepaymentSchedule(instalments: instalments, payments: payments.map(\.payment)))
        if attached.finalDueDate == nil { attached.finalDueDate = instalments.last?.dueDate }
        return .account(attached, line: line)
    }

    private func rejected(_ line: Int, _ kind: RejectKind, _ got: String) -> BookRow {
        .reject(
            Reject(
                file: BookFile.book.rawValue, line: line, column: CanonicalField.id.name, kind: kind,
                expected: "an account whose schedule and payment rows are all there, readable and in its currency",
                got: got))
    }

    /// The rows of accounts that no account of the book claimed, in order of file and line. To be asked when the book
    /// has been read.
    package func unclaimed() -> [Reject] {
        var rejects: [Reject] = []
        for (account, entry) in entries where !entry.isClaimed {
            let lines =
                entry.instalments.map { (BookFile.schedule, $0.line) } + entry.payments.map { (.payments, $0.line) }
            for (file, line) in lines {
                rejects.append(
                    Reject(
                        file: file.rawValue, line: line, column: CanonicalField.accountID.name, kind: .unknownAccount,
                        expected: "an account that the book has", got: account.text.clipped(to: 40)))
            }
        }
        return rejects.sorted { ($0.file == $1.file) ? $0.line < $1.line : $0.file > $1.file }
    }
}
