// Owns: schedules and payments, compared with what was computed by hand.
@testable import Arrears
import SystemParts
import Testing

/// Three instalments of 500.00: fees 10.00, interest 40.00, principal 450.00.
private let instalments = zip(1..., ["2026-09-01", "2026-10-01", "2026-11-01"]).map {
    Instalment(
        number: $0, dueDate: day($1), fees: cny("10.00"), interest: cny("40.00"), principal: cny("450.00"))
}

private func schedule(_ payments: [(String, String)]) -> RepaymentSchedule {
    RepaymentSchedule(
        instalments: instalments, payments: payments.map { Payment(date: day($0), amount: cny($1)) })
}

/// What is expected on one day; `oldest` nil: nothing is overdue.
struct Standing: Sendable, CustomTestStringConvertible {
    var name: String
    var payments: [(String, String)]
    var asOf: String
    var arrears: String
    var oldest: String?
    var dpd: Int
    var testDescription: String { "\(name), as of \(asOf)" }
}

private let late: [(String, String)] = []
private let partial = [("2026-09-05", "100.00")]
private let early = [("2026-08-20", "500.00")]
private let earlyAndMore = [("2026-08-15", "1200.00")]
private let several = [("2026-09-10", "200.00"), ("2026-09-20", "200.00"), ("2026-10-05", "200.00")]
private let overAll = [("2026-11-15", "1300.00")]
private let tooMuch = [("2026-10-15", "2000.00")]
private let onTime = [("2026-09-01", "500.00"), ("2026-10-01", "500.00"), ("2026-11-01", "500.00")]
private let sameDay = [("2026-09-10", "300.00"), ("2026-09-10", "200.00")]
private let reversed = [("2026-09-01", "500.00"), ("2026-09-20", "-500.00")]

private let standings: [Standing] = [
    .init(name: "nothing paid", payments: late, asOf: "2026-08-31", arrears: "0.00", oldest: nil, dpd: 0),
    .init(name: "nothing paid, due today", payments: late, asOf: "2026-09-01", arrears: "0.00", oldest: nil, dpd: 0),
    .init(name: "nothing paid", payments: late, asOf: "2026-09-02", arrears: "500.00", oldest: "2026-09-01", dpd: 1),
    .init(
        name: "second due today", payments: late, asOf: "2026-10-01", arrears: "500.00", oldest: "2026-09-01", dpd: 30),
    .init(name: "second late", payments: late, asOf: "2026-10-02", arrears: "1000.00", oldest: "2026-09-01", dpd: 31),
    .init(name: "all late", payments: late, asOf: "2026-11-20", arrears: "1500.00", oldest: "2026-09-01", dpd: 80),

    .init(
        name: "partial, to come", payments: partial, asOf: "2026-09-04", arrears: "500.00", oldest: "2026-09-01", dpd: 3
    ),
    .init(name: "partial", payments: partial, asOf: "2026-09-05", arrears: "400.00", oldest: "2026-09-01", dpd: 4),
    .init(name: "partial", payments: partial, asOf: "2026-11-20", arrears: "1400.00", oldest: "2026-09-01", dpd: 80),

    .init(name: "early", payments: early, asOf: "2026-09-10", arrears: "0.00", oldest: nil, dpd: 0),
    .init(name: "early", payments: early, asOf: "2026-10-02", arrears: "500.00", oldest: "2026-10-01", dpd: 1),
    .init(
        name: "early, two and more", payments: earlyAndMore, asOf: "2026-10-31", arrears: "0.00", oldest: nil, dpd: 0),
    .init(
        name: "early, two and more", payments: earlyAndMore, asOf: "2026-11-02", arrears: "300.00",
        oldest: "2026-11-01", dpd: 1),

    .init(name: "several", payments: several, asOf: "2026-09-15", arrears: "300.00", oldest: "2026-09-01", dpd: 14),
    .init(name: "several", payments: several, asOf: "2026-09-25", arrears: "100.00", oldest: "2026-09-01", dpd: 24),
    .init(name: "several", payments: several, asOf: "2026-10-04", arrears: "600.00", oldest: "2026-09-01", dpd: 33),
    .init(name: "several", payments: several, asOf: "2026-10-06", arrears: "400.00", oldest: "2026-10-01", dpd: 5),
    .init(name: "two on one day", payments: sameDay, asOf: "2026-09-10", arrears: "0.00", oldest: nil, dpd: 0),

    .init(
        name: "one over all", payments: overAll, asOf: "2026-11-14", arrears: "1500.00", oldest: "2026-09-01", dpd: 74),
    .init(
        name: "one over all", payments: overAll, asOf: "2026-11-15", arrears: "200.00", oldest: "2026-11-01", dpd: 14),

    .init(name: "too much", payments: tooMuch, asOf: "2026-10-14", arrears: "1000.00", oldest: "2026-09-01", dpd: 43),
    .init(name: "too much", payments: tooMuch, asOf: "2026-11-20", arrears: "0.00", oldest: nil, dpd: 0),

    .init(name: "on time", payments: onTime, asOf: "2026-10-20", arrears: "0.00", oldest: nil, dpd: 0),
    .init(name: "on time", payments: onTime, asOf: "2027-03-01", arrears: "0.00", oldest: nil, dpd: 0),

    .init(name: "reversed", payments: reversed, asOf: "2026-09-19", arrears: "0.00", oldest: nil, dpd: 0),
    .init(name: "reversed", payments: reversed, asOf: "2026-09-20", arrears: "500.00", oldest: "2026-09-01", dpd: 19),
]

@Suite struct AllocationTests {
    @Test(arguments: standings) func `It is as computed by hand`(_ expected: Standing) {
        let account = account(.schedule(schedule(expected.payments)))
        let recognition = recognise(account, asOf: day(expected.asOf), settings: RecognitionSettings())
        let delinquency: Delinquency
        switch recognition {
        case .overdue(let found):
            #expect(expected.oldest != nil)
            delinquency = found
        case .current(let found):
            #expect(expected.oldest == nil)
            delinquency = found
        case .nothingOwed(let found):
            Issue.record("nothing owed")
            delinquency = found
        }
        #expect(delinquency.arrears == cny(expected.arrears))
        #expect(delinquency.oldestUnpaidDueDate == expected.oldest.map(day))
        #expect(delinquency.dpd == expected.dpd)
    }

    @Test func `The order of the files lines does not matter`() {
        var shuffled = schedule(several)
        shuffled.instalments.reverse()
        shuffled.payments.reverse()
        for asOf in ["2026-09-15", "2026-10-04", "2026-10-06"] {
            let state = shuffled.state(asOf: day(asOf), order: .standard, currency: yuan)
            #expect(state == schedule(several).state(asOf: day(asOf), order: .standard, currency: yuan))
        }
    }

    @Test func `A partial payment pays fees then interest then principal`() {
        let state = schedule(partial).state(asOf: day("2026-09-30"), order: .standard, currency: yuan)
        #expect(state.instalments[0].unpaidFees == cny("0"))
        #expect(state.instalments[0].unpaidInterest == cny("0"))
        #expect(state.instalments[0].unpaidPrincipal == cny("400.00"))
        #expect(state.instalments[1].unpaid == cny("500.00"))
    }

    @Test func `Principal may come first`() {
        let order = AllocationOrder(parts: [.principal, .interest, .fees], direction: .byInstalment)
        let state = schedule([("2026-09-05", "460.00")]).state(asOf: day("2026-09-30"), order: order, currency: yuan)
        #expect(state.instalments[0].unpaidPrincipal == cny("0"))
        #expect(state.instalments[0].unpaidInterest == cny("30.00"))
        #expect(state.instalments[0].unpaidFees == cny("10.00"))
    }

    /// 520.00 on a day when two are due. By instalment: the first is paid, 20.00 go to the second. By part: all fees
    /// (20.00), all interest (80.00), then 420.00 of the first's principal, so that 30.00 of it stay the oldest debt.
    @Test func `Part by part leaves the oldest instalment open`() {
        let paid = schedule([("2026-10-05", "520.00")])
        let byInstalment = paid.state(asOf: day("2026-10-06"), order: .standard, currency: yuan)
        #expect(byInstalment.oldestOverdue?.instalment.number == 2)
        #expect(byInstalment.arrears == cny("480.00"))

        let order = AllocationOrder(parts: [.fees, .interest, .principal], direction: .byPart)
        let byPart = paid.state(asOf: day("2026-10-06"), order: order, currency: yuan)
        #expect(byPart.oldestOverdue?.instalment.number == 1)
        #expect(byPart.oldestOverdue?.unpaid == cny("30.00"))
        #expect(byPart.instalments[1].unpaidInterest == cny("0"))
        #expect(byPart.instalments[1].unpaidPrincipal == cny("450.00"))
        #expect(byPart.instalments[2].unpaid == cny("500.00"))
        #expect(byPart.arrears == cny("480.00"))
    }

    @Test func `Part by part counts as due what is due on the payments day`() {
        let order = AllocationOrder(parts: [.fees, .interest, .principal], direction: .byPart)
        // On 10-01 both fees and interests are due (100.00); the day before only the first instalment's (50.00).
        let onTheDay = schedule([("2026-10-01", "100.00")]).state(asOf: day("2026-10-02"), order: order, currency: yuan)
        #expect(onTheDay.instalments[1].unpaidInterest == cny("0"))
        let before = schedule([("2026-09-30", "100.00")]).state(asOf: day("2026-10-02"), order: order, currency: yuan)
        #expect(before.instalments[0].unpaidPrincipal == cny("400.00"))
        #expect(before.instalments[1].unpaidFees == cny("10.00"))
    }

    @Test func `An overpayment stays as an advance`() {
        let state = schedule(tooMuch).state(asOf: day("2026-10-15"), order: .standard, currency: yuan)
        #expect(state.instalments.allSatisfy { !$0.unpaid.isPositive })
        #expect(state.advance == cny("500.00"))
    }

    @Test func `A reversal takes back what was allocated last`() {
        let paid = schedule([("2026-09-01", "600.00"), ("2026-09-20", "-200.00")])
        let state = paid.state(asOf: day("2026-09-21"), order: .standard, currency: yuan)
        #expect(state.instalments[0].unpaidPrincipal == cny("100.00"))
        #expect(state.instalments[1].unpaid == cny("500.00"))
        #expect(state.paid == cny("400.00"))
    }

    @Test func `What a reversal opened is paid before what comes later`() {
        let paid = schedule([("2026-09-01", "600.00"), ("2026-09-20", "-600.00"), ("2026-09-25", "500.00")])
        let state = paid.state(asOf: day("2026-09-26"), order: .standard, currency: yuan)
        #expect(state.instalments.map(\.unpaid) == [cny("0"), cny("500.00"), cny("500.00")])
    }

    @Test func `A reversal of more than was paid is made good first`() {
        let paid = schedule([("2026-09-01", "-100.00"), ("2026-09-20", "500.00")])
        #expect(paid.state(asOf: day("2026-09-02"), order: .standard, currency: yuan).advance == cny("-100.00"))
        let after = paid.state(asOf: day("2026-09-21"), order: .standard, currency: yuan)
        #expect(after.advance == cny("0"))
        #expect(after.instalments[0].unpaid == cny("100.00"))
    }

    /// Whatever is paid when, in whichever order: what is paid plus what is unpaid is what was due, plus the advance.
    @Test(arguments: 1...50 as ClosedRange<UInt64>) func `Nothing is lost in allocation`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let payments = (0..<Int.random(in: 0...12, using: &random)).map { _ in
            Payment(
                date: day("2026-08-01").adding(days: Int.random(in: 0...120, using: &random)),
                amount: Money(minorUnits: Int64.random(in: -20_000...60_000, using: &random), currency: yuan))
        }
        let schedule = RepaymentSchedule(instalments: instalments, payments: payments)
        for direction in AllocationOrder.Direction.allCases {
            let order = AllocationOrder(parts: InstalmentPart.allCases.shuffled(using: &random), direction: direction)
            let state = schedule.state(asOf: day("2026-10-20"), order: order, currency: yuan)
            let unpaid = state.instalments.reduce(cny("0")) { $0 + $1.unpaid }
            #expect(state.paid + unpaid == cny("1500.00") + state.advance, "seed \(seed), \(order)")
            for instalment in state.instalments {
                #expect(instalment.unpaid.minorUnits >= 0 && instalment.unpaid.minorUnits <= 50_000, "seed \(seed)")
            }
        }
    }
}
