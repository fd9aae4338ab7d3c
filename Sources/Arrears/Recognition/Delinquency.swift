// Owns: how late an account is on a day, by any of the four bases, and since when. Knows nothing of what is done about it.

/// What recognition needs to know of the lender's habits.
package struct RecognitionSettings: Hashable, Sendable {
    /// How payments are used up; for schedules.
    package var allocation: AllocationOrder
    /// Days past due that are forgiven: an account counts as overdue from the day after. DPD itself is not reduced.
    package var graceDays: Int
    /// Length of a billing cycle in days, 1 or more; for cycles past due, and to tell cycles from DPD.
    package var daysPerCycle: Int

    package init(allocation: AllocationOrder = .standard, graceDays: Int = 0, daysPerCycle: Int = 30) {
        precondition(graceDays >= 0 && daysPerCycle >= 1, "grace \(graceDays), days per cycle \(daysPerCycle)")
        self.allocation = allocation
        self.graceDays = graceDays
        self.daysPerCycle = daysPerCycle
    }
}

/// Whether and how far an account is overdue on `asOf`, with the computation in words.
///
/// - DPD is `asOf` minus the oldest unpaid due date. Nothing is overdue on its due date.
/// - Cycles past due say only a span of days: the DPD is the *least* that so many cycles can mean,
///   (cycles − 1) × days per cycle + 1, so that nobody is treated as later than is known.
/// - What is overdue: computed from a schedule; else the file's stated arrears; else its balance.
/// - Late, but with a balance or arrears of zero or less: nothing is owed, and nobody is contacted.
///
/// All amounts of the account must be of its balance's currency.
package func recognise(
    _ account: LoanAccount, asOf: CalendarDate, settings: RecognitionSettings
) -> Recognition {
    var delinquency = measure(account, asOf: asOf, settings: settings)
    guard delinquency.dpd > 0 else { return .current(delinquency) }
    guard delinquency.dpd > settings.graceDays else {
        delinquency.working.append("within \(settings.graceDays) days of grace: current")
        return .current(delinquency)
    }
    if account.balance.minorUnits <= 0 {
        let kind = account.balance.minorUnits < 0 ? "credit balance" : "zero balance"
        delinquency.working.append("\(kind) \(account.balance): nothing is owed")
        return .nothingOwed(delinquency)
    }
    if !delinquency.arrears.isPositive {
        delinquency.working.append("arrears \(delinquency.arrears): nothing is owed")
        return .nothingOwed(delinquency)
    }
    return .overdue(delinquency)
}

/// The first day of arrears as one book shows it: the oldest unpaid due date, or `asOf` less the DPD where only that is
/// known.
///
/// It moves on with every instalment that is paid, and for cycles with `asOf`. A case keeps that of the day on which it was
/// opened (`Episode.start`).
package func episodeStart(_ delinquency: Delinquency, asOf: CalendarDate) -> CalendarDate {
    delinquency.oldestUnpaidDueDate ?? asOf.adding(days: -max(0, delinquency.dpd))
}

extension OverdueCase {
    /// The earliest day on which the episode can have begun: where only cycles are known, that many whole cycles ago.
    /// Limitation is computed from here: in doubt for the debtor.
    package func earliestStart(asOf: CalendarDate, settings: RecognitionSettings) -> CalendarDate {
        let start = episodeStart(delinquency, asOf: asOf)
        guard case .cyclesPastDue(let cycles) = account.basis else { return start }
        return min(start, asOf.adding(days: -plainProduct(cycles, settings.daysPerCycle)))
    }

    /// The day from which the case's history counts: the case's own first day, or an earlier one that the book shows.
    package func historyStart(asOf: CalendarDate, settings: RecognitionSettings) -> CalendarDate {
        let shown = earliestStart(asOf: asOf, settings: settings)
        guard let episode else { return shown }
        return min(shown, episode.start, episode.opened)
    }
}

private func measure(_ account: LoanAccount, asOf: CalendarDate, settings: RecognitionSettings) -> Delinquency {
    switch account.basis {
    case .oldestUnpaidDueDate(let dueDate):
        return measure(account, dueDate: dueDate, asOf: asOf, settings: settings)
    case .dpd(let stated):
        let dpd = max(-farAway, min(farAway, stated))
        let (arrears, told) = statedArrears(account, isLate: dpd > 0)
        return Delinquency(
            dpd: dpd, cycles: cycles(dpd: dpd, settings), arrears: arrears, oldestUnpaidDueDate: nil,
            working: ["the book states DPD = \(stated)"] + told)
    case .cyclesPastDue(let stated):
        let days = settings.daysPerCycle
        let dpd = stated > 0 ? plainProduct(stated - 1, days) + 1 : 0
        let (arrears, told) = statedArrears(account, isLate: dpd > 0)
        var working = ["the book states \(stated) cycle\(stated == 1 ? "" : "s") past due"]
        if stated > 0 {
            working.append("DPD ≥ (\(stated) − 1) × \(days) + 1 = \(dpd), the least that it can mean")
        }
        return Delinquency(
            dpd: dpd, cycles: max(0, stated), arrears: arrears, oldestUnpaidDueDate: nil, working: working + told)
    case .schedule(let schedule):
        return measure(account, schedule: schedule, asOf: asOf, settings: settings)
    }
}

private func measure(
    _ account: LoanAccount, dueDate: CalendarDate?, asOf: CalendarDate, settings: RecognitionSettings
) -> Delinquency {
    guard let dueDate else {
        return Delinquency(
            dpd: 0, cycles: 0, arrears: .zero(account.balance.currency), oldestUnpaidDueDate: nil,
            working: ["the book states no unpaid due date"])
    }
    let dpd = asOf.days(since: dueDate)
    let (arrears, told) = statedArrears(account, isLate: dpd > 0)
    return Delinquency(
        dpd: dpd, cycles: cycles(dpd: dpd, settings), arrears: arrears, oldestUnpaidDueDate: dueDate,
        working: [
            "the book states the oldest unpaid due date \(dueDate)", "DPD = \(asOf) − \(dueDate) = \(dpd)",
        ] + told)
}

private func measure(
    _ account: LoanAccount, schedule: RepaymentSchedule, asOf: CalendarDate, settings: RecognitionSettings
) -> Delinquency {
    let state = schedule.state(asOf: asOf, order: settings.allocation, currency: account.balance.currency)
    let parts = settings.allocation.parts.map(\.rawValue).joined(separator: ", ")
    let direction = settings.allocation.direction == .byInstalment ? "oldest instalment first" : "part by part"
    var working = [
        "\(state.paymentCount) payment\(state.paymentCount == 1 ? "" : "s") up to \(asOf) paid \(state.paid), "
            + "allocated \(direction): \(parts)"
    ]
    if state.ignoredPaymentCount > 0 {
        working.append("ignored as later than \(asOf): \(state.ignoredPaymentCount)")
    }
    if state.advance.minorUnits != 0 {
        let kind = state.advance.isPositive ? "paid beyond the schedule" : "taken back beyond what was paid"
        working.append("\(kind): \(state.advance)")
    }
    guard let oldest = state.oldestOverdue else {
        working.append("nothing due before \(asOf) is unpaid: DPD = 0")
        return Delinquency(
            dpd: 0, cycles: 0, arrears: state.arrears, oldestUnpaidDueDate: nil, working: working)
    }
    let dueDate = oldest.instalment.dueDate
    let dpd = asOf.days(since: dueDate)
    working.append(
        "oldest unpaid due date \(dueDate) (instalment \(oldest.instalment.number), "
            + "\(oldest.unpaid) of \(oldest.amount.decimal) unpaid)")
    working.append("DPD = \(asOf) − \(dueDate) = \(dpd)")
    working.append("arrears \(state.arrears) in \(state.overdueCount) instalment\(state.overdueCount == 1 ? "" : "s")")
    var arrears = state.arrears
    if account.balance.isPositive, arrears.minorUnits > account.balance.minorUnits {
        // Nobody is asked for more than the whole debt.
        arrears = account.balance
        working.append("held to the balance \(arrears) that the book states")
    }
    return Delinquency(
        dpd: dpd, cycles: cycles(dpd: dpd, settings), arrears: arrears, oldestUnpaidDueDate: dueDate,
        working: working)
}

/// What the file says is overdue: its own column, else the balance; and the line that tells it.
private func statedArrears(_ account: LoanAccount, isLate: Bool) -> (Money, [String]) {
    guard isLate else { return (.zero(account.balance.currency), []) }
    if let stated = account.statedArrears { return (stated, ["arrears \(stated) as the book states"]) }
    let balance = account.balance.isPositive ? account.balance : .zero(account.balance.currency)
    return (balance, ["arrears \(balance), the balance, since the book states none"])
}

/// Whole cycles that have begun: 1 from DPD 1, 2 from DPD 31 of 30-day cycles.
private func cycles(dpd: Int, _ settings: RecognitionSettings) -> Int {
    dpd > 0 ? (dpd - 1) / settings.daysPerCycle + 1 : 0
}

/// Far beyond any DPD; keeps absurd figures of a file from leaving the calendar.
private let farAway = 100_000

private func plainProduct(_ left: Int, _ right: Int) -> Int {
    let (product, overflow) = left.multipliedReportingOverflow(by: right)
    return overflow ? farAway : max(-farAway, min(farAway, product))
}
