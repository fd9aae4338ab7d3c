@testable import Arrears
@testable import Leasing
import Testing

@Suite("Fair shares")
struct FairShareTests {
    /// Grants of these sizes while everybody has more than enough; how many tasks each portfolio had.
    private func served(_ limits: [Int], _ portfolios: [PortfolioID], _ weights: [PortfolioID: Int]) -> [PortfolioID:
        Int]
    {
        var share = FairShare()
        var total: [PortfolioID: Int] = [:]
        for limit in limits {
            let waiting = Dictionary(uniqueKeysWithValues: portfolios.map { ($0, 10_000) })
            for (portfolio, count) in share.divide(limit, among: waiting, weights: weights) {
                share.charge(portfolio, tasks: count, weights: weights)
                total[portfolio, default: 0] += count
            }
        }
        return total
    }

    @Test func `One portfolio has it all`() {
        #expect(served([7, 1, 500], ["a"], [:]) == ["a": 508])
    }

    @Test func `Weights hold in one large grant and over many small ones`() {
        #expect(served([400], ["a", "b"], ["a": 3]) == ["a": 300, "b": 100])
        #expect(served(Array(repeating: 1, count: 400), ["a", "b"], ["a": 3]) == ["a": 300, "b": 100])
        #expect(served([100, 33, 67], ["a", "b", "c"], ["b": 2]) == ["a": 50, "b": 100, "c": 50])
    }

    @Test func `What one does not need goes to the others`() {
        var share = FairShare()
        #expect(share.divide(10, among: ["a": 2, "b": 50], weights: ["a": 9]) == ["a": 2, "b": 8])
        #expect(share.divide(10, among: ["a": 2, "b": 3], weights: [:]) == ["a": 2, "b": 3])
        #expect(share.divide(10, among: [:], weights: [:]) == [:])
    }

    @Test func `A small portfolio does not wait behind another's backlog`() {
        var share = FairShare()
        for _ in 1...100 {
            share.charge("big", tasks: share.divide(50, among: ["big": 50], weights: [:])["big"] ?? 0, weights: [:])
        }
        #expect(share.divide(50, among: ["big": 50, "small": 5], weights: [:]) == ["big": 45, "small": 5])
    }

    @Test func `Who had nothing waiting for long comes back as an equal, not as a creditor`() {
        var share = FairShare()
        for _ in 1...100 {
            _ = share.divide(50, among: ["steady": 50], weights: [:])
            share.charge("steady", tasks: 50, weights: [:])
        }
        var had: [PortfolioID: Int] = [:]
        for _ in 1...4 {
            for (portfolio, tasks) in share.divide(50, among: ["steady": 1_000, "late": 1_000], weights: [:]) {
                share.charge(portfolio, tasks: tasks, weights: [:])
                had[portfolio, default: 0] += tasks
            }
        }
        // The head start is one grant at most.
        #expect(had == ["late": 125, "steady": 75])
    }
}
