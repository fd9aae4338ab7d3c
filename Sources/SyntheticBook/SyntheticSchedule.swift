// Owns: a made-up instalment schedule and the payments that leave exactly the wanted instalment unpaid.
import Arrears
import SystemParts

struct SyntheticSchedule {
    struct Line {
        var number: Int
        var dueDate: CalendarDate
        var fees: Int
        var interest: Int
        var principal: Int
        var total: Int { fees + interest + principal }
    }

    struct Payment {
        var date: CalendarDate
        var amount: Int
    }

    let instalments: [Line]
    let payments: [Payment]

    /// What is unpaid of all instalments, fen.
    let balance: Int
    /// What is unpaid of their principal, at least: payments on a part-paid instalment are counted to it last.
    let principal: Int

    init(account: SyntheticAccount, asOf: CalendarDate) {
        var random = account.random
        let count = account.dpd > 330 ? 24 : random.pick([6, 12, 12, 24])
        let oldestUnpaid = asOf.adding(days: -account.dpd)
        let paidCount = random.below(count)
        let principal = max(1_000, abs(account.balance) / count)
        let interest = principal * random.within(5...14) / 1_000
        instalments = (0..<count).map { position in
            Line(
                number: position + 1, dueDate: oldestUnpaid.adding(months: position - paidCount),
                fees: position == 0 ? 2_000 : 0, interest: interest, principal: principal)
        }
        payments = Self.payments(for: instalments, paidCount: paidCount, asOf: asOf, &random)
        let paid = payments.reduce(0) { $0 + $1.amount }
        balance = instalments.reduce(0) { $0 + $1.total } - paid
        self.principal = min(balance, principal * (count - paidCount))
    }

    /// Early, late, two at once, in two parts; and sometimes a part of the oldest unpaid one.
    private static func payments(
        for instalments: [Line], paidCount: Int, asOf: CalendarDate, _ random: inout SplitMix64
    ) -> [Payment] {
        var payments: [Payment] = []
        // Never after the business date, or it would not have arrived yet.
        func pay(_ amount: Int, on date: CalendarDate) {
            payments.append(Payment(date: min(date, asOf), amount: amount))
        }
        var position = 0
        while position < paidCount {
            let line = instalments[position]
            let date = line.dueDate.adding(days: random.within(-6...4))
            if position + 1 < paidCount, random.chance(800) {
                pay(line.total + instalments[position + 1].total, on: date)
                position += 1
            } else if random.chance(800) {
                let part = line.total / 2
                pay(part, on: date)
                pay(line.total - part, on: date.adding(days: random.within(1...9)))
            } else {
                pay(line.total, on: date)
            }
            position += 1
        }
        if instalments[paidCount].dueDate < asOf, random.chance(2_000) {
            pay(instalments[paidCount].total * random.within(10...70) / 100, on: asOf.adding(days: -1))
        }
        return payments.sorted { $0.date < $1.date }
    }
}
