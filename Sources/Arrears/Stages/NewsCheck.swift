// Owns: what a worker's word on a task cannot be, whoever the worker is. Knows nothing of leases.

/// What a task is about, to measure a worker's word by.
package struct NewsScale: Hashable, Sendable {
    package var stage: Stage
    /// The account's balance in the task's run: nobody promises or pays more.
    package var balance: Money
    /// The day on which the task's run contacts people.
    package var day: CalendarDate
    /// Today, by the business clock.
    package var today: CalendarDate

    package init(stage: Stage, balance: Money, day: CalendarDate, today: CalendarDate) {
        self.stage = stage
        self.balance = balance
        self.day = day
        self.today = today
    }

    /// A promise is kept within a year, or it is none.
    static let longestPromiseDays = 366

    /// "expected X, got Y"; nil: it can be.
    func fault(amount: Money) -> String? {
        guard amount.currency == balance.currency else {
            return "amount: expected \(balance.currency), as the account has, got \(amount.currency)"
        }
        guard amount.isPositive, amount.minorUnits <= max(0, balance.minorUnits) else {
            return "amount: expected more than 0 and at most the balance, got \(amount.isPositive ? "more" : "none")"
        }
        return nil
    }

    func fault(date: CalendarDate, in days: ClosedRange<CalendarDate>) -> String? {
        guard !days.contains(date) else { return nil }
        return "date: expected \(days.lowerBound) to \(days.upperBound), got \(date)"
    }
}

extension Outcome {
    /// Why this cannot have come of the task; nil: it can. Amounts and dates are looked at only where there are some.
    package func fault(by scale: NewsScale) -> String? {
        if let wrong = fault(in: scale.stage) { return wrong }
        if let amount, let wrong = scale.fault(amount: amount) { return wrong }
        guard let date else { return nil }
        // What was agreed yesterday evening may be told today.
        return scale.fault(
            date: date, in: scale.earliest...scale.latest.adding(days: NewsScale.longestPromiseDays))
    }

    package func fault(in stage: Stage) -> String? {
        guard !stage.mayReport(code) else { return nil }
        return "outcome code: expected one of stage \(stage.rawValue), got \(code.rawValue)"
    }

    /// What is left of an outcome that cannot be: whether the world was touched counts, the rest is set aside.
    package func withoutWhatCannotBe(because fault: String) -> Outcome {
        var kept = self
        kept.code = attempt == .notMade ? .invalidContent : .madeResultUnknown
        kept.amount = nil
        kept.date = nil
        kept.callBackAt = nil
        kept.details = ["refused": fault]
        return kept
    }
}

extension CaseEvent {
    /// Why this cannot be news of the task; nil: it can.
    package func fault(by scale: NewsScale) -> String? {
        switch (kind, amount) {
        case (.payment, .some(let amount)):
            if let wrong = scale.fault(amount: amount) { return wrong }
        case (.payment, nil): return "amount: expected one of a payment, got none"
        case (.contact, .some), (.return, .some): return "amount: expected none of a \(kind.rawValue), got one"
        case (.contact, nil), (.return, nil): break
        }
        // A batch is dated by the book, which may be of the day before; elsewhere it may be tomorrow already.
        return date.flatMap { scale.fault(date: $0, in: scale.earliest...scale.latest.adding(days: 1)) }
    }
}

extension NewsScale {
    fileprivate var earliest: CalendarDate { min(day.adding(days: -1), today) }
    /// A rehearsal's day may be years ahead of the clock that goes on behind it.
    fileprivate var latest: CalendarDate { max(day, today) }
}
