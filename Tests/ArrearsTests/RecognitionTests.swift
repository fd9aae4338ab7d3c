// Owns: the four bases of arrears, and what counts as nothing owed.
@testable import Arrears
import Testing

@Suite struct RecognitionTests {
    let asOf = day("2026-11-20")

    func overdue(_ account: LoanAccount, _ settings: RecognitionSettings = .init()) throws -> Delinquency {
        guard case .overdue(let delinquency) = recognise(account, asOf: asOf, settings: settings) else {
            throw Mismatch(found: "\(recognise(account, asOf: asOf, settings: settings))")
        }
        return delinquency
    }

    struct Mismatch: Error { var found: String }

    @Test(
        arguments: [
            ("2026-11-19", 1, 1), ("2026-10-21", 30, 1), ("2026-10-20", 31, 2), ("2024-02-29", 995, 34),
            ("2025-11-20", 365, 13),
        ])
    func `The oldest unpaid due date tells DPD`(_ due: String, _ dpd: Int, _ cycles: Int) throws {
        let found = try overdue(account(.oldestUnpaidDueDate(day(due))))
        #expect(found.dpd == dpd)
        #expect(found.cycles == cycles)
        #expect(found.oldestUnpaidDueDate == day(due))
        #expect(found.arrears == cny("1500.00"))
        #expect(found.working.contains("DPD = 2026-11-20 − \(due) = \(dpd)"))
    }

    @Test(arguments: ["2026-11-20", "2026-11-21", "2027-01-01"])
    func `A due date of today or later is current`(_ due: String) {
        guard
            case .current(let found) = recognise(
                account(.oldestUnpaidDueDate(day(due))), asOf: asOf, settings: .init())
        else {
            Issue.record("not current")
            return
        }
        #expect(found.dpd <= 0)
        #expect(found.arrears == cny("0"))
        #expect(found.cycles == 0)
    }

    @Test func `No unpaid due date is current`() {
        guard case .current(let found) = recognise(account(.oldestUnpaidDueDate(nil)), asOf: asOf, settings: .init())
        else {
            Issue.record("not current")
            return
        }
        #expect(found.dpd == 0)
    }

    @Test func `Stated DPD is taken as it is`() throws {
        let found = try overdue(account(.dpd(45), arrears: "300.00"))
        #expect(found.dpd == 45)
        #expect(found.cycles == 2)
        #expect(found.arrears == cny("300.00"))
        #expect(found.oldestUnpaidDueDate == nil)
        #expect(episodeStart(found, asOf: asOf) == day("2026-10-06"))
    }

    @Test(arguments: [0, -3]) func `A DPD of zero or less is current`(_ dpd: Int) {
        guard case .current = recognise(account(.dpd(dpd)), asOf: asOf, settings: .init()) else {
            Issue.record("not current")
            return
        }
    }

    @Test(arguments: [(1, 1), (2, 31), (3, 61), (8, 211)])
    func `Cycles mean the least DPD they can`(_ cycles: Int, _ dpd: Int) throws {
        let found = try overdue(account(.cyclesPastDue(cycles)))
        #expect(found.cycles == cycles)
        #expect(found.dpd == dpd)
        #expect(found.working.contains("DPD ≥ (\(cycles) − 1) × 30 + 1 = \(dpd), the least that it can mean"))
    }

    @Test func `No cycles are current`() {
        for cycles in [0, -1, -2] {
            guard case .current = recognise(account(.cyclesPastDue(cycles)), asOf: asOf, settings: .init()) else {
                Issue.record("\(cycles) cycles are not current")
                continue
            }
        }
    }

    @Test(
        arguments: [
            ("-12.00", nil, "credit balance -12.00 CNY: nothing is owed"),
            ("0", nil, "zero balance 0.00 CNY: nothing is owed"),
            ("100.00", "0", "arrears 0.00 CNY: nothing is owed"),
        ] as [(String, String?, String)])
    func `Late without a debt is nothing owed`(_ balance: String, _ arrears: String?, _ told: String) {
        for basis in [ArrearsBasis.dpd(10), .cyclesPastDue(1), .oldestUnpaidDueDate(day("2026-11-01"))] {
            let recognition = recognise(
                account(basis, balance: balance, arrears: arrears), asOf: asOf, settings: .init())
            guard case .nothingOwed(let found) = recognition else {
                Issue.record("\(basis): \(recognition)")
                continue
            }
            #expect(found.working.last == told)
        }
    }

    @Test func `Grace forgives days but does not change the count`() throws {
        let settings = RecognitionSettings(graceDays: 3)
        guard case .current(let within) = recognise(account(.dpd(3)), asOf: asOf, settings: settings) else {
            Issue.record("not current")
            return
        }
        #expect(within.dpd == 3)
        #expect(try overdue(account(.dpd(4)), settings).dpd == 4)
    }

    @Test func `The working tells the computation`() throws {
        let instalment = Instalment(
            number: 3, dueDate: day("2026-10-01"), fees: cny("0"), interest: cny("50.00"), principal: cny("450.00"))
        let schedule = RepaymentSchedule(
            instalments: [instalment],
            payments: [
                Payment(date: day("2026-10-20"), amount: cny("100.00")),
                Payment(date: day("2026-11-21"), amount: cny("400.00")),
            ])
        let found = try overdue(account(.schedule(schedule)))
        #expect(
            found.working == [
                "1 payment up to 2026-11-20 paid 100.00 CNY, allocated oldest instalment first: fees, interest, principal",
                "ignored as later than 2026-11-20: 1",
                "oldest unpaid due date 2026-10-01 (instalment 3, 400.00 CNY of 500.00 unpaid)",
                "DPD = 2026-11-20 − 2026-10-01 = 50",
                "arrears 400.00 CNY in 1 instalment",
            ])
    }

    @Test func `Absurd figures stay within the calendar`() throws {
        #expect(try overdue(account(.dpd(.max))).dpd == 100_000)
        #expect(try overdue(account(.cyclesPastDue(.max))).dpd > 0)
        guard case .current = recognise(account(.dpd(.min)), asOf: asOf, settings: .init()) else {
            Issue.record("not current")
            return
        }
    }
}
