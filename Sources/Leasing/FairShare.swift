// Owns: how the tasks of a grant are divided among portfolios. Knows no ledger: what waits is an argument.
import Arrears

/// One stage's memory of what each portfolio has had, so that over time each has its share of the workers by weight, in
/// grants of any size. Start-time fair queueing: the portfolio that has had least for its weight goes first, and one that
/// had nothing waiting for a while comes back as an equal, without a claim on what it did not use.
package struct FairShare: Hashable, Sendable {
    /// What one task costs a portfolio of weight 1. Divisible by every weight up to 16, and fine enough beyond.
    private static let taskCost: Int64 = 720_720

    /// What each portfolio has had, in costs; only differences mean something.
    private var had: [PortfolioID: Int64] = [:]
    /// The least among those that waited at the last division: nobody starts below it.
    private var floor: Int64 = 0

    package init() {}

    /// How many tasks of each portfolio the next grant takes, at most `limit` in all and at most what waits.
    /// Weights are 1 or more; a portfolio that is not named has 1.
    package mutating func divide(
        _ limit: Int, among waiting: [PortfolioID: Int], weights: [PortfolioID: Int]
    ) -> [PortfolioID: Int] {
        var queue = waiting.filter { $0.value > 0 }.map { portfolio, count in
            Claim(
                portfolio: portfolio, left: count, cost: cost(portfolio, weights),
                had: max(floor, had[portfolio] ?? floor))
        }.sorted { $0.portfolio < $1.portfolio }
        if let least = queue.map(\.had).min() { floor = least }
        for claim in queue { had[claim.portfolio] = claim.had }
        var shares: [PortfolioID: Int] = [:]
        var room = limit
        while room > 0, let next = queue.indices.min(by: { queue[$0].had < queue[$1].had }) {
            shares[queue[next].portfolio, default: 0] += 1
            room -= 1
            queue[next].had += queue[next].cost
            queue[next].left -= 1
            if queue[next].left == 0 { queue.remove(at: next) }
        }
        return shares
    }

    /// A grant took so many tasks of a portfolio.
    package mutating func charge(_ portfolio: PortfolioID, tasks: Int, weights: [PortfolioID: Int]) {
        had[portfolio, default: floor] += Int64(tasks) * cost(portfolio, weights)
    }

    private func cost(_ portfolio: PortfolioID, _ weights: [PortfolioID: Int]) -> Int64 {
        let weight = weights[portfolio] ?? 1
        precondition(weight >= 1, "portfolio \(portfolio): expected a weight of 1 or more, got \(weight)")
        return max(1, Self.taskCost / Int64(weight))
    }

    private struct Claim {
        var portfolio: PortfolioID
        var left: Int
        var cost: Int64
        var had: Int64
    }
}
