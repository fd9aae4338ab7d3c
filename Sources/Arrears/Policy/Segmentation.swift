// Owns: which segment a case is in: ordered rules, the first that matches, an explicit default. Knows nothing of what a
// segment's treatment does.

/// One comparison with an amount, in the account's own currency.
package struct AmountComparison: Hashable, Sendable, CustomStringConvertible {
    package enum Relation: String, Hashable, Sendable, CaseIterable {
        case less = "<"
        case atMost = "<="
        case equal = "="
        case atLeast = ">="
        case more = ">"
    }

    package var relation: Relation
    package var amount: DecimalAmount

    package init(_ relation: Relation, _ amount: DecimalAmount) {
        self.relation = relation
        self.amount = amount
    }

    /// `< 20.00`, `>= 1000`; nil when the text is no comparison.
    package init?(_ text: some StringProtocol) {
        let symbol = text.prefix { "<>=".contains($0) }
        let rest = text[symbol.endIndex...].drop { $0 == " " }
        guard let relation = Relation(rawValue: String(symbol)), let amount = try? DecimalAmount(rest) else {
            return nil
        }
        self.init(relation, amount)
    }

    package func holds(for money: Money) -> Bool {
        let order = amount.order(of: money)
        switch relation {
        case .less: return order < 0
        case .atMost: return order <= 0
        case .equal: return order == 0
        case .atLeast: return order >= 0
        case .more: return order > 0
        }
    }

    package var description: String { "\(relation.rawValue) \(amount)" }
}

/// What a rule asks of a case. All of its conditions must hold.
package enum SegmentCondition: Hashable, Sendable {
    case dpd(IntegerRange)
    case cycles(IntegerRange)
    /// Never holds where the account has no score.
    case riskScore(IntegerRange)
    /// Every comparison must hold.
    case balance([AmountComparison])
    case arrears([AmountComparison])
    /// Any of these.
    case product([String])
    /// Any of these; never holds where the region is not known.
    case region([String])
    case currency([Currency])
    case portfolio([PortfolioID])
    /// Any of these came of an earlier contact, by the lender's codes or by ours.
    case previousOutcome([String])
    /// Never holds where the book does not say.
    case firstTime(Bool)

    func holds(for overdue: OverdueCase, history: [CaseHistoryEntry]) -> Bool {
        let account = overdue.account
        switch self {
        case .dpd(let range): return range.contains(overdue.delinquency.dpd)
        case .cycles(let range): return range.contains(overdue.delinquency.cycles)
        case .riskScore(let range): return account.riskScore.map(range.contains) ?? false
        case .balance(let comparisons): return comparisons.allSatisfy { $0.holds(for: account.balance) }
        case .arrears(let comparisons):
            return comparisons.allSatisfy { $0.holds(for: overdue.delinquency.arrears) }
        case .product(let products): return products.contains(account.product)
        case .region(let regions): return account.region.map(regions.contains) ?? false
        case .currency(let currencies): return currencies.contains(account.balance.currency)
        case .portfolio(let portfolios): return portfolios.contains(account.portfolio)
        case .previousOutcome(let codes):
            return account.previousOutcomes.contains(where: codes.contains)
                || history.contains { codes.contains($0.outcome.rawValue) }
        case .firstTime(let expected): return account.isFirstTime == expected
        }
    }
}

/// One rule of the segmentation.
package struct SegmentRule: Hashable, Sendable {
    package var name: String
    package var conditions: [SegmentCondition]
    package var segment: String
}

/// Ordered rules: the first that matches names the segment; the default takes the rest.
package struct Segmentation: Hashable, Sendable {
    package var rules: [SegmentRule]
    package var defaultSegment: String

    /// The name that `SegmentMatch.rule` has when no rule matched; no rule may be called so.
    package static let defaultRule = "default"

    /// Every segment that a case may be put in, each once.
    package var segments: [String] {
        var seen: Set<String> = []
        return (rules.map(\.segment) + [defaultSegment]).filter { seen.insert($0).inserted }
    }

    /// The segment of the first rule that matches, or the default one.
    package func match(_ overdue: OverdueCase, history: [CaseHistoryEntry]) -> SegmentMatch {
        let rule = rules.first { rule in rule.conditions.allSatisfy { $0.holds(for: overdue, history: history) } }
        return SegmentMatch(segment: rule?.segment ?? defaultSegment, rule: rule?.name ?? Self.defaultRule)
    }
}
