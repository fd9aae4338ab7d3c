// Owns: how much of its portfolios a book still has: a broken export looks like debts that were paid.
import Arrears
import Ledger

/// A portfolio that lost more of its accounts from one book to the next than debts are paid in a day.
package struct ShrunkPortfolio: Hashable, Sendable {
    package var portfolio: PortfolioID
    package var lost: Int
    /// Accounts of the book before.
    package var before: Int
    package var lastBook: PortfolioBook
    /// Per cent.
    package var limit: Double
}

/// The accounts of earlier books that stand in this one, found a page at a time.
struct BookComparison {
    /// A portfolio of fewer accounts is not judged by a share: one that is paid is a fifth of five.
    static let leastAccounts = 10

    private let run: RunID
    private let lastBooks: [PortfolioID: PortfolioBook]
    /// Earlier runs that are still to be looked through.
    private var earlier: [RunID]
    private var after: CaseID?
    private var tallies: [PortfolioID: (lost: Int, before: Int)] = [:]

    init(of run: RunID, portfolios: Set<PortfolioID>, ledger: any LedgerReading) throws {
        var books: [PortfolioID: PortfolioBook] = [:]
        for portfolio in portfolios { books[portfolio] = try ledger.lastBook(of: portfolio) }
        self.run = run
        lastBooks = books
        earlier = Set(books.values.map(\.run)).sorted()
    }

    /// One page. True when there is no other.
    mutating func step(_ ledger: any LedgerReading) throws -> Bool {
        guard let current = earlier.last else { return true }
        let page = try ledger.accounts(of: current, keptIn: run, after: after, limit: Batch.rows)
        for (caseID, isKept) in page where lastBooks[caseID.portfolio]?.run == current {
            var tally = tallies[caseID.portfolio] ?? (0, 0)
            tally.before += 1
            if !isKept { tally.lost += 1 }
            tallies[caseID.portfolio] = tally
        }
        after = page.last?.caseID
        if page.count < Batch.rows {
            earlier.removeLast()
            after = nil
        }
        return earlier.isEmpty
    }

    /// The first portfolio that lost more than so many per cent of its accounts.
    func shrunk(beyond limit: Double) -> ShrunkPortfolio? {
        for portfolio in tallies.keys.sorted() {
            guard let tally = tallies[portfolio], let book = lastBooks[portfolio] else { continue }
            guard tally.before >= Self.leastAccounts, Double(tally.lost) > Double(tally.before) * limit / 100 else {
                continue
            }
            return ShrunkPortfolio(
                portfolio: portfolio, lost: tally.lost, before: tally.before, lastBook: book, limit: limit)
        }
        return nil
    }
}
