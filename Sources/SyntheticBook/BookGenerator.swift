// Owns: a made-up consumer book as the lines of its files. Knows no clock and no file: who writes it asks line by line.
import Arrears
import LoanBook
import Tables

/// A synthetic book of Chinese consumer loans in canonical columns: about four of five accounts current, a tail of DPD
/// that thins out beyond 400, a few missing phones, several accounts for some customers. The same arguments give the
/// same bytes for ever on every machine; the first N accounts are the same in a longer book.
///
/// Nobody in it exists, and its phone numbers ring nowhere (see `SyntheticCustomer`).
package struct BookGenerator: Sequence, Sendable {
    package let seed: UInt64
    package let accounts: Int
    package let asOf: CalendarDate
    /// Arrears come from a schedule and payments instead of from the oldest unpaid due date.
    package let hasSchedule: Bool
    /// Rows besides the accounts that must be rejected, of every kind in turn, spread over the book.
    package let badRows: Int

    package init(seed: UInt64, accounts: Int, asOf: CalendarDate, hasSchedule: Bool = false, badRows: Int = 0) {
        precondition(accounts >= 0 && badRows >= 0, "\(accounts) accounts, \(badRows) bad rows")
        self.seed = seed
        self.accounts = accounts
        self.asOf = asOf
        self.hasSchedule = hasSchedule
        self.badRows = badRows
    }

    /// What one account adds to the files; bytes, since a bad row may be no text.
    package struct Lines: Sendable {
        package var book: [UInt8]
        /// Empty without a schedule.
        package var schedule: [UInt8]
        /// Empty without a schedule.
        package var payments: [UInt8]
    }

    /// The header lines of the three files.
    package var headers: Lines {
        Lines(
            book: Array(CSVWriter.line(bookFields.map(\.name)).utf8),
            schedule: hasSchedule ? Array(CSVWriter.line(Self.scheduleFields.map(\.name)).utf8) : [],
            payments: hasSchedule ? Array(CSVWriter.line(Self.paymentFields.map(\.name)).utf8) : [])
    }

    package func makeIterator() -> Iterator { Iterator(generator: self) }

    package struct Iterator: IteratorProtocol, Sendable {
        fileprivate let generator: BookGenerator
        private var index = 0
        private var badRowsDone = 0

        fileprivate init(generator: BookGenerator) { self.generator = generator }

        /// The next account's lines, with those of the bad rows that stand behind it.
        package mutating func next() -> Lines? {
            guard index < generator.accounts else { return nil }
            var lines = generator.lines(of: index)
            index += 1
            while badRowsDone < generator.badRows * index / generator.accounts {
                lines.book += BadRow(number: badRowsDone).bytes(
                    like: generator.values(of: index - 1).row, generator.bookFields)
                badRowsDone += 1
            }
            return lines
        }
    }

    // MARK: Lines

    private static let scheduleFields: [CanonicalField] = [
        .accountID, .number, .dueDate, .currency, .fees, .interest, .principal,
    ]
    private static let paymentFields: [CanonicalField] = [.accountID, .date, .currency, .amount]

    /// In the order of the book's columns.
    fileprivate var bookFields: [CanonicalField] {
        BookFile.book.fields.filter { field in
            switch field {
            case .dpd, .cyclesPastDue, .portfolio: false
            case .oldestUnpaidDueDate, .arrears: !hasSchedule
            default: true
            }
        }
    }

    /// The values of an account's row by field; a field without a value is empty.
    fileprivate func values(of index: Int) -> (row: [CanonicalField: String], account: SyntheticAccount) {
        let account = SyntheticAccount(seed: seed, index: index, asOf: asOf)
        let customer = account.customer
        var row: [CanonicalField: String] = [
            .id: account.id, .customerID: customer.id, .product: account.product.rawValue, .currency: "CNY",
            .balance: Self.yuan(account.balance), .principal: Self.yuan(account.principal),
            .region: customer.region, .timeZone: customer.timeZone, .name: customer.name,
            .language: customer.language, .riskScore: String(customer.riskScore),
            .firstTime: String(account.isFirstTime), .hardshipEvidence: String(account.hasHardshipEvidence),
            .documents: account.documents.joined(separator: ";"),
            .previousOutcomes: account.previousOutcomes.joined(separator: ";"),
            .holds: account.holds.map { hold in hold.kind.rawValue + (hold.until.map { ":" + $0.iso } ?? "") }
                .joined(separator: ";"),
        ]
        row[.phone] = customer.phone
        row[.limitationRestart] = account.limitationRestart?.iso
        row[.legalApproval] = account.legalApproval
        if !hasSchedule {
            row[.arrears] = Self.yuan(account.arrears)
            // Of the current ones, some tell when the next instalment is due.
            let isTold = account.dpd > 0 || account.dpd < -20
            row[.oldestUnpaidDueDate] = isTold ? asOf.adding(days: -account.dpd).iso : nil
        }
        return (row, account)
    }

    private func lines(of index: Int) -> Lines {
        var (row, account) = values(of: index)
        guard hasSchedule else { return Lines(book: line(row), schedule: [], payments: []) }
        let plan = SyntheticSchedule(account: account, asOf: asOf)
        row[.balance] = Self.yuan(plan.balance)
        row[.principal] = Self.yuan(plan.principal)
        var schedule = ""
        for part in plan.instalments {
            schedule += CSVWriter.line([
                account.id, String(part.number), part.dueDate.iso, "CNY", Self.yuan(part.fees),
                Self.yuan(part.interest), Self.yuan(part.principal),
            ])
        }
        var payments = ""
        for payment in plan.payments {
            payments += CSVWriter.line([account.id, payment.date.iso, "CNY", Self.yuan(payment.amount)])
        }
        return Lines(book: line(row), schedule: Array(schedule.utf8), payments: Array(payments.utf8))
    }

    private func line(_ row: [CanonicalField: String]) -> [UInt8] {
        Array(CSVWriter.line(bookFields.map { row[$0] ?? "" }).utf8)
    }

    private static func yuan(_ fen: Int) -> String {
        "\(fen < 0 ? "-" : "")\(fen.magnitude / 100)." + SyntheticCustomer.padded(Int(fen.magnitude % 100), 2)
    }
}
