// Owns: what portfolios have had of the workers, and the check that none is passed over. Knows nothing of how the core
// divides.
import Arrears
import Leasing

/// One stage's account of the portfolios, by what each task costs: less for a portfolio of more weight.
struct FairnessWatch {
    /// Of a portfolio of weight 1; divisible by the weights of a simulation.
    private static let taskCost: Int64 = 2_520

    private let weights: [PortfolioID: Int]
    private var had: [PortfolioID: Int64] = [:]
    /// Where a portfolio begins that had nothing waiting for a while.
    private var floor: Int64 = 0
    private var waiting: [PortfolioID: Int] = [:]

    init(weights: [PortfolioID: Int]) { self.weights = weights }

    private func cost(_ portfolio: PortfolioID) -> Int64 { Self.taskCost / Int64(weights[portfolio] ?? 1) }

    /// These tasks wait at the moment of a grant.
    mutating func looked(_ waiting: [PortfolioID: Int]) {
        self.waiting = waiting
        for portfolio in waiting.keys { had[portfolio] = max(had[portfolio] ?? floor, floor) }
        if let least = waiting.keys.compactMap({ had[$0] }).min() { floor = least }
    }

    /// A grant, as it came out.
    /// - Returns: what is wrong with it.
    mutating func granted(_ tasks: [LeasedTask]) -> String? {
        let fresh = tasks.filter { $0.mode == .attempt && $0.delivery == 1 }
        var given: [PortfolioID: Int] = [:]
        for task in fresh { given[task.portfolio, default: 0] += 1 }
        let before = had
        for task in tasks { had[task.portfolio, default: floor] += cost(task.portfolio) }
        for (portfolio, count) in given.sorted(by: { $0.key < $1.key }) {
            let after = (before[portfolio] ?? floor) + Int64(count) * cost(portfolio)
            for (other, waits) in waiting.sorted(by: { $0.key < $1.key })
            where other != portfolio && waits > given[other] ?? 0 {
                let others = (before[other] ?? floor) + Int64(given[other] ?? 0) * cost(other)
                if after > others + cost(portfolio) {
                    return "expected the next task for portfolio \(other), of which \(waits) wait, got \(count) for "
                        + "\(portfolio), which had more for its weight: \(after) against \(others)"
                }
            }
        }
        return nil
    }
}
