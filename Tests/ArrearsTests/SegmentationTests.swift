// Owns: rules: the first that matches, the default, and each condition on its own.
@testable import Arrears
import Testing

@Suite struct SegmentationTests {
    let asOf = day("2026-11-20")

    func rule(_ name: String, _ conditions: SegmentCondition...) -> SegmentRule {
        SegmentRule(name: name, conditions: conditions, segment: "segment-of-\(name)")
    }

    func range(_ text: String) -> IntegerRange { IntegerRange(text)! }

    /// Whether a rule with these conditions takes the case.
    func matches(
        _ conditions: SegmentCondition..., dpd: Int = 10, balance: String = "100.00",
        history: [CaseHistoryEntry] = [], with change: (inout LoanAccount) -> Void = { _ in }
    ) -> Bool {
        let rules = [SegmentRule(name: "it", conditions: conditions, segment: "it")]
        let overdue = overdueCase(dpd: dpd, asOf: asOf, balance: balance, with: change)
        return policy([], rules: rules).segmentation.match(overdue, history: history).rule == "it"
    }

    @Test func `The first rule that matches wins`() {
        let policy = policy(
            [],
            rules: [
                rule("late", .dpd(range("31.."))), rule("any", .dpd(range("1.."))), rule("never", .dpd(range("5"))),
            ])
        #expect(
            policy.segmentation.match(overdueCase(dpd: 31, asOf: asOf), history: [])
                == SegmentMatch(segment: "segment-of-late", rule: "late"))
        #expect(policy.segmentation.match(overdueCase(dpd: 5, asOf: asOf), history: []).rule == "any")
    }

    @Test func `A condition on what is not known does not hold`() {
        #expect(matches(.firstTime(false)) { $0.isFirstTime = false })
        #expect(!matches(.firstTime(false)) { $0.isFirstTime = nil })
        #expect(!matches(.firstTime(true)) { $0.isFirstTime = nil })
    }

    @Test func `What no rule takes goes to the default`() {
        let policy = policy([], rules: [rule("late", .dpd(range("31..")))])
        #expect(
            policy.segmentation.match(overdueCase(dpd: 30, asOf: asOf), history: [])
                == SegmentMatch(segment: "standard", rule: "default"))
    }

    @Test func `All conditions must hold`() {
        #expect(matches(.dpd(range("1..30")), .product(["cash"])))
        #expect(!matches(.dpd(range("1..30")), .product(["card"])))
        #expect(!matches(.dpd(range("1..9")), .product(["cash"])))
    }

    @Test func `Amounts are compared exactly`() throws {
        let below = try #require(AmountComparison("< 20.00"))
        #expect(matches(.balance([below]), balance: "19.99"))
        #expect(!matches(.balance([below]), balance: "20.00"))
        let from = try #require(AmountComparison(">=20"))
        let to = try #require(AmountComparison("<= 50"))
        for (balance, expected) in [("19.99", false), ("20.00", true), ("50.00", true), ("50.01", false)] {
            #expect(matches(.arrears([from, to]), balance: balance) == expected, "\(balance)")
        }
        let more = try #require(AmountComparison("> 20"))
        #expect(!matches(.balance([more]), balance: "20.00"))
        let equal = try #require(AmountComparison("= 20"))
        #expect(matches(.balance([equal]), balance: "20.00"))
        #expect(AmountComparison("20") == nil)
        #expect(AmountComparison("=< 20") == nil)
        #expect(AmountComparison("< twenty") == nil)
    }

    @Test func `What is not known does not match`() {
        #expect(!matches(.riskScore(range("0.."))))
        #expect(matches(.riskScore(range("700..")), with: { $0.riskScore = 700 }))
        #expect(!matches(.region(["CN-SH"])))
        #expect(matches(.region(["CN-BJ", "CN-SH"]), with: { $0.region = "CN-SH" }))
    }

    @Test func `Previous outcomes are the lenders or ours`() {
        #expect(!matches(.previousOutcome(["hardship", "refusesToPay"])))
        #expect(matches(.previousOutcome(["hardship"]), with: { $0.previousOutcomes = ["reached", "hardship"] }))
        let refused = entry(day("2026-11-01"), "x", .callQueue, .refusesToPay)
        #expect(matches(.previousOutcome(["hardship", "refusesToPay"]), history: [refused]))
    }

    @Test func `The other conditions hold`() {
        #expect(matches(.cycles(range("1"))))
        #expect(!matches(.cycles(range("2.."))))
        #expect(matches(.firstTime(false)) { $0.isFirstTime = false })
        #expect(!matches(.firstTime(true)))
        #expect(matches(.currency([yuan])))
        #expect(!matches(.currency([Currency("TWD")!])))
        #expect(matches(.portfolio([.standard])))
        #expect(!matches(.portfolio(["other"])))
    }

    @Test func `Buckets are named by DPD`() {
        let policy = policy([])
        #expect([-1, 0, 1, 30, 31, 4000].map(policy.bucketName) == ["current", "current", "M1", "M1", "M2+", "M2+"])
    }
}
