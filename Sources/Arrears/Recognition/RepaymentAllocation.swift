// Owns: which payment paid which part of which instalment, and what is left unpaid on a day. Knows nothing of accounts
// or of how late is too late.

/// A part of an instalment.
package enum InstalmentPart: String, Hashable, Sendable, Codable, CaseIterable {
    case fees, interest, principal
}

/// In which order a payment is used up.
package struct AllocationOrder: Hashable, Sendable {
    package enum Direction: String, Hashable, Sendable, CaseIterable {
        /// All parts of the oldest instalment, then all parts of the next, …
        case byInstalment
        /// The first part of every instalment that is due on the day of the payment, then the second part of each, …;
        /// what is left goes ahead, instalment by instalment.
        case byPart
    }

    /// Every part once.
    package var parts: [InstalmentPart]
    package var direction: Direction

    package init(parts: [InstalmentPart], direction: Direction) {
        precondition(
            parts.count == InstalmentPart.allCases.count && Set(parts).count == parts.count,
            "an allocation order names every part once, got \(parts)")
        self.parts = parts
        self.direction = direction
    }

    /// Costs, then interest, then principal (Civil Code of China, article 561), the oldest instalment first.
    package static let standard = AllocationOrder(parts: [.fees, .interest, .principal], direction: .byInstalment)
}

/// What is left of one instalment.
package struct InstalmentState: Hashable, Sendable {
    package var instalment: Instalment
    package var unpaidFees: Money
    package var unpaidInterest: Money
    package var unpaidPrincipal: Money

    package var unpaid: Money { unpaidFees + unpaidInterest + unpaidPrincipal }
    package var amount: Money { instalment.fees + instalment.interest + instalment.principal }

    fileprivate subscript(part: InstalmentPart) -> Int64 {
        get {
            switch part {
            case .fees: unpaidFees.minorUnits
            case .interest: unpaidInterest.minorUnits
            case .principal: unpaidPrincipal.minorUnits
            }
        }
        set {
            switch part {
            case .fees: unpaidFees.minorUnits = newValue
            case .interest: unpaidInterest.minorUnits = newValue
            case .principal: unpaidPrincipal.minorUnits = newValue
            }
        }
    }
}

/// Where a schedule stands on a day.
package struct RepaymentState: Hashable, Sendable {
    package var asOf: CalendarDate
    /// In order of due date, then of number.
    package var instalments: [InstalmentState]
    /// Paid beyond everything in the schedule. Negative: more was taken back than had been paid.
    package var advance: Money
    /// All payments up to and with `asOf`, less reversals.
    package var paid: Money
    package var paymentCount: Int
    /// Payments dated after `asOf`, which are ignored.
    package var ignoredPaymentCount: Int

    /// The oldest instalment that was due before `asOf` and is not fully paid. One that is due on `asOf` itself may
    /// still be paid in time.
    package var oldestOverdue: InstalmentState? {
        instalments.first { $0.instalment.dueDate < asOf && $0.unpaid.isPositive }
    }

    /// All that was due before `asOf` and is unpaid.
    package var arrears: Money {
        instalments.lazy.filter { $0.instalment.dueDate < self.asOf }
            .reduce(.zero(advance.currency)) { $0 + $1.unpaid }
    }

    /// How many instalments were due before `asOf` and are not fully paid.
    package var overdueCount: Int {
        instalments.count { $0.instalment.dueDate < asOf && $0.unpaid.isPositive }
    }
}

extension RepaymentSchedule {
    /// Allocates the payments up to and with `asOf`, each on its day, in the stated order.
    ///
    /// Later payments are ignored. What a payment leaves over when all that is due is paid goes ahead to the instalments
    /// that are still to come, the next one first; so an early payment covers an instalment before it is due. A negative
    /// payment is a reversal: it takes back what was allocated last. A negative part of an instalment is nothing to pay.
    ///
    /// All amounts must be of `currency`.
    package func state(asOf: CalendarDate, order: AllocationOrder, currency: Currency) -> RepaymentState {
        var allocation = Allocation(schedule: self, order: order, currency: currency)
        let taken = payments.filter { $0.date <= asOf }.enumerated()
            .sorted { ($0.element.date, $0.offset) < ($1.element.date, $1.offset) }.map(\.element)
        var paid = Money.zero(currency)
        for payment in taken {
            paid = paid + payment.amount
            allocation.apply(payment)
        }
        return RepaymentState(
            asOf: asOf, instalments: allocation.instalments,
            advance: Money(minorUnits: allocation.advance, currency: currency), paid: paid,
            paymentCount: taken.count, ignoredPaymentCount: payments.count - taken.count)
    }
}

/// The schedule while payments are poured into it.
private struct Allocation {
    /// What one payment paid of one part; kept so that a reversal can take it back.
    struct Fill {
        var instalment: Int
        var part: InstalmentPart
        var amount: Int64
    }

    var instalments: [InstalmentState]
    var advance: Int64 = 0
    let order: AllocationOrder
    private var fills: [Fill] = []
    /// Everything before it is paid.
    private var firstUnpaid = 0

    init(schedule: RepaymentSchedule, order: AllocationOrder, currency: Currency) {
        self.order = order
        func owed(_ amount: Money) -> Money { amount.minorUnits > 0 ? amount : .zero(currency) }
        instalments = schedule.instalments
            .sorted { ($0.dueDate, $0.number) < ($1.dueDate, $1.number) }
            .map {
                InstalmentState(
                    instalment: $0, unpaidFees: owed($0.fees), unpaidInterest: owed($0.interest),
                    unpaidPrincipal: owed($0.principal))
            }
    }

    mutating func apply(_ payment: Payment) {
        if payment.amount.minorUnits < 0 {
            takeBack(-payment.amount.minorUnits)
        } else {
            pour(payment.amount.minorUnits, on: payment.date)
        }
        while firstUnpaid < instalments.count, !instalments[firstUnpaid].unpaid.isPositive { firstUnpaid += 1 }
    }

    private mutating func pour(_ amount: Int64, on date: CalendarDate) {
        // A debt left by a reversal is made good first.
        let madeGood = min(amount, max(0, -advance))
        advance += madeGood
        var left = amount - madeGood
        if order.direction == .byPart {
            for part in order.parts {
                for index in firstUnpaid..<instalments.count where instalments[index].instalment.dueDate <= date {
                    fill(index, part, &left)
                }
            }
        }
        for index in firstUnpaid..<instalments.count where left > 0 {
            for part in order.parts { fill(index, part, &left) }
        }
        advance += left
    }

    private mutating func fill(_ index: Int, _ part: InstalmentPart, _ left: inout Int64) {
        let amount = min(left, instalments[index][part])
        guard amount > 0 else { return }
        instalments[index][part] -= amount
        left -= amount
        fills.append(Fill(instalment: index, part: part, amount: amount))
    }

    private mutating func takeBack(_ amount: Int64) {
        let fromAdvance = min(amount, max(0, advance))
        advance -= fromAdvance
        var left = amount - fromAdvance
        while left > 0, var last = fills.popLast() {
            let back = min(left, last.amount)
            instalments[last.instalment][last.part] += back
            firstUnpaid = min(firstUnpaid, last.instalment)
            left -= back
            last.amount -= back
            if last.amount > 0 { fills.append(last) }
        }
        advance -= left
    }
}
