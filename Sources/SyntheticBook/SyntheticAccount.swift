// Owns: one made-up account, a function of the seed, its index and the business date. Knows no file.
import Arrears
import SystemParts

struct SyntheticAccount {
    enum Product: String { case card, cash, instalment }

    let index: Int
    let customer: SyntheticCustomer
    let product: Product
    /// Days past due; 0 and less: due in that many days, or nothing is due at all.
    let dpd: Int
    /// fen.
    let balance: Int
    let principal: Int
    let arrears: Int
    let isFirstTime: Bool
    let previousOutcomes: [String]
    let holds: [Hold]
    let documents: [String]
    let limitationRestart: CalendarDate?
    let hasHardshipEvidence: Bool
    let legalApproval: String?
    /// For what else is made up about the account, such as its schedule.
    let random: SplitMix64

    init(seed: UInt64, index: Int, asOf: CalendarDate) {
        var random = SplitMix64(seed: seed, kind: 2, index: index)
        self.index = index
        customer = SyntheticCustomer(seed: seed, number: Self.customerNumber(seed: seed, of: index))
        product = random.weighted([(Product.card, weight: 50), (.cash, weight: 30), (.instalment, weight: 20)])
        dpd = Self.dpd(&random)
        let median =
            switch product {
            case .card: 800_000
            case .cash: 1_500_000
            case .instalment: 350_000
            }
        let owed = random.skewed(median: median)
        // Some cards are paid up, a few are in credit; now and then the file calls such a card late.
        let isPaidUp = product == .card && random.chance(dpd > 0 ? 40 : 600)
        balance = isPaidUp ? (random.chance(3_000) ? -random.within(100...50_000) : 0) : owed
        principal = max(0, balance) * random.within(80...98) / 100
        // A twelfth of the balance falls due each month; from half a year on the loan is called in.
        let months = dpd / 30 + 1
        arrears = dpd <= 0 ? 0 : (dpd > 180 ? max(0, balance) : max(0, balance) * min(12, months) / 12)
        isFirstTime = dpd > 0 && dpd <= 60 && random.chance(4_000)
        previousOutcomes = dpd > 0 && !isFirstTime ? Self.outcomes(&random, count: min(4, dpd / 20)) : []
        holds = dpd > 0 ? Self.holds(&random, asOf) : []
        documents = Self.documents(&random, isLate: dpd > 90)
        limitationRestart = dpd > 0 ? asOf.adding(days: -dpd - random.within(0...25)) : nil
        hasHardshipEvidence = dpd > 0 && random.chance(250)
        legalApproval = dpd > 181 && random.chance(4_500) ? "committee-\(random.within(1...9))" : nil
        self.random = random
    }

    var id: String { "A" + SyntheticCustomer.padded(index + 1, 9) }

    /// Most accounts are their customer's first; the others belong to the customer of some earlier first account.
    /// About 15 of 100 customers have several.
    private static func customerNumber(seed: UInt64, of index: Int) -> Int {
        (firstAccount(seed: seed, of: index) ?? index) + 1
    }

    /// The first account of the customer; nil when the account itself is the first.
    private static func firstAccount(seed: UInt64, of index: Int) -> Int? {
        var random = SplitMix64(seed: seed, kind: 3, index: index)
        guard index > 0, random.chance(1_760) else { return nil }
        let earlier = random.below(index)
        // Only a first account is followed, so that nobody gathers dozens.
        return firstAccount(seed: seed, of: earlier) == nil ? earlier : nil
    }

    /// Four of five are current; the rest is a tail that thins out.
    private static func dpd(_ random: inout SplitMix64) -> Int {
        let range = random.weighted([
            (-30...0, weight: 800), (1...3, weight: 50), (4...30, weight: 75), (31...60, weight: 26),
            (61...90, weight: 15), (91...180, weight: 17), (181...400, weight: 13), (401...900, weight: 3),
            (901...1_500, weight: 1),
        ])
        // The lesser of two: within a range, too, most are early.
        let days = min(random.within(range), random.within(range))
        return range.upperBound == 0 ? random.within(range) : days
    }

    private static func outcomes(_ random: inout SplitMix64, count: Int) -> [String] {
        let codes: [(OutcomeCode, weight: Int)] = [
            (.delivered, weight: 30), (.noAnswer, weight: 30), (.busy, weight: 8), (.rightParty, weight: 12),
            (.promiseToPay, weight: 12), (.refusesToPay, weight: 5), (.wrongNumber, weight: 3),
        ]
        return (0..<count).map { _ in random.weighted(codes).rawValue }
    }

    private static func holds(_ random: inout SplitMix64, _ asOf: CalendarDate) -> [Hold] {
        guard random.chance(200) else { return [] }
        let until = asOf.adding(days: random.within(-10...90))
        let hold = random.weighted([
            (Hold(kind: .dispute), weight: 35), (Hold(kind: .plan, until: until), weight: 30),
            (Hold(kind: .hardship, until: until), weight: 20), (Hold(kind: .optOut), weight: 8),
            (Hold(kind: .bereavement), weight: 4), (Hold(kind: .legalStay), weight: 3),
        ])
        return [hold]
    }

    private static func documents(_ random: inout SplitMix64, isLate: Bool) -> [String] {
        let isThere = isLate ? 9_200 : 8_000
        return ["contract", "statement", "identity"].filter { _ in random.chance(isThere) }
    }
}
