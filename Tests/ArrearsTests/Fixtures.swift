// Owns: short ways to say what the tests of Arrears are about.
@testable import Arrears

let yuan = Currency("CNY")!

/// `cny("12.50")`.
func cny(_ text: String) -> Money { try! Money(decimal: text, currency: yuan) }

func day(_ iso: String) -> CalendarDate { CalendarDate(iso: iso)! }

func account(
    _ basis: ArrearsBasis, balance: String = "1500.00", arrears: String? = nil, product: String = "cash",
    phone: String? = "+8613800000000"
) -> LoanAccount {
    LoanAccount(
        id: "A1", customer: "C1", product: product, balance: cny(balance), statedArrears: arrears.map { cny($0) },
        basis: basis, phone: phone)
}

/// A case whose oldest unpaid due date is `dpd` days before `asOf`.
func overdueCase(
    dpd: Int, asOf: CalendarDate, balance: String = "1500.00",
    with change: (inout LoanAccount) -> Void = { _ in }
) -> OverdueCase {
    let due = asOf.adding(days: -dpd)
    var account = account(.oldestUnpaidDueDate(due), balance: balance)
    change(&account)
    return OverdueCase(
        id: account.caseID, account: account,
        delinquency: Delinquency(
            dpd: dpd, cycles: (dpd - 1) / 30 + 1, arrears: account.balance, oldestUnpaidDueDate: due, working: []),
        bucket: "M1")
}

/// An entry as the ledger writes it for a settled task of the stage.
func entry(
    _ date: CalendarDate, _ step: String, _ stage: Stage, _ outcome: OutcomeCode, due: CalendarDate? = nil
) -> CaseHistoryEntry {
    CaseHistoryEntry(
        date: date, kind: stage.descriptor.historyKind, stage: stage, step: step, outcome: outcome, due: due)
}
