// Owns: outcomes and events on the wire, both ways.
import Arrears
import Leasing

extension Outcome {
    var proto: Recoup_V1_TaskOutcome {
        var proto = Recoup_V1_TaskOutcome()
        proto.taskID = task.text
        proto.attempt =
            switch attempt {
            case .made: .made
            case .notMade: .notMade
            case .neverSeen: .neverSeen
            case .unknown: .unknown
            }
        proto.code = hasCode ? code.rawValue : ""
        proto.evidence = evidence
        if let amount { proto.amount = amount.proto }
        proto.date = date?.iso ?? ""
        proto.callBackAt = callBackAt ?? ""
        proto.details = details
        return proto
    }

    /// Where nothing is known to have happened, no code says what happened.
    private var hasCode: Bool {
        switch attempt {
        case .made, .notMade: true
        case .neverSeen, .unknown: false
        }
    }

    init(_ proto: Recoup_V1_TaskOutcome) throws(WireError) {
        let attempt: Attempt
        switch proto.attempt {
        case .made: attempt = .made
        case .notMade: attempt = .notMade
        case .neverSeen: attempt = .neverSeen
        case .unknown: attempt = .unknown
        case .unspecified, .UNRECOGNIZED: throw .field("attempt", expected: "1–4", got: proto.attempt.rawValue)
        }
        self.init(
            task: try Check.task(proto.taskID), attempt: attempt, code: .madeResultUnknown,
            evidence: proto.evidence, amount: proto.hasAmount ? try Check.money(proto.amount, "amount") : nil,
            date: try Check.optionalDate(proto.date, "date"),
            callBackAt: proto.callBackAt.isEmpty ? nil : proto.callBackAt, details: proto.details)
        if hasCode {
            guard let code = OutcomeCode(rawValue: proto.code) else {
                throw .field(
                    "code of task \(task)", expected: "an outcome code", got: "\"\(proto.code.clipped(to: 40))\"")
            }
            self.code = code
        }
        try checkBounds()
    }

    /// The first bound that this outcome would break on the wire, in words; nil when it may be sent.
    package var wireFault: String? {
        do {
            try checkBounds()
            return nil
        } catch {
            return error.message
        }
    }

    /// The outcome with whatever came from outside and is too long for the wire cut, and marked with `…` where it was.
    package func cutToFit() -> Outcome {
        guard wireFault != nil else { return self }
        var outcome = self
        // No sum of money: nothing is better than a number that nobody meant.
        if let amount, (try? Check.amount(amount, "amount")) == nil { outcome.amount = nil }
        outcome.evidence = evidence.cut(to: Bounds.evidenceBytes)
        outcome.callBackAt = callBackAt.map { $0.cut(to: Bounds.timeBytes) }
        outcome.details = [:]
        for (name, value) in details.sorted(by: { $0.key < $1.key }).prefix(Bounds.details) where !name.isEmpty {
            outcome.details[name.cut(to: Bounds.detailNameBytes)] = value.cut(to: Bounds.detailBytes)
        }
        return outcome
    }

    private func checkBounds() throws(WireError) {
        _ = try Check.task(task.text)
        if let amount { _ = try Check.amount(amount, "amount of task \(task)") }
        _ = try Check.text(evidence, upTo: Bounds.evidenceBytes, "evidence of task \(task)")
        _ = try Check.text(callBackAt ?? "", upTo: Bounds.timeBytes, "call_back_at of task \(task)")
        guard details.count <= Bounds.details else {
            throw .field("details of task \(task)", expected: "at most \(Bounds.details)", got: details.count)
        }
        for (name, value) in details {
            _ = try Check.nonEmpty(name, upTo: Bounds.detailNameBytes, "a detail's name of task \(task)")
            _ = try Check.text(value, upTo: Bounds.detailBytes, "detail \(name) of task \(task)")
        }
    }
}

extension CaseEvent {
    var proto: Recoup_V1_CaseEvent {
        var proto = Recoup_V1_CaseEvent()
        proto.eventID = id
        proto.taskID = task.text
        proto.kind = kind.rawValue
        if let amount { proto.amount = amount.proto }
        proto.date = date?.iso ?? ""
        proto.detail = detail
        return proto
    }

    init(_ proto: Recoup_V1_CaseEvent) throws(WireError) {
        let id = try Check.nonEmpty(proto.eventID, upTo: Bounds.eventIDBytes, "event_id")
        guard let kind = Kind(rawValue: proto.kind) else {
            throw .field("kind", expected: "contact, payment or return", got: "\"\(proto.kind.clipped(to: 40))\"")
        }
        self.init(
            id: id, task: try Check.task(proto.taskID), kind: kind,
            amount: proto.hasAmount ? try Check.money(proto.amount, "amount") : nil,
            date: try Check.optionalDate(proto.date, "date"),
            detail: try Check.text(proto.detail, upTo: Bounds.detailBytes, "detail"))
    }
}

extension CaseEvent {
    /// The event with a detail that is too long for the wire cut, and marked with `…`.
    package func cutToFit() -> CaseEvent {
        var event = self
        event.detail = detail.cut(to: Bounds.detailBytes)
        return event
    }
}

extension String {
    fileprivate func cut(to bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        // By scalars: one character may be longer than all that is left.
        var left = bytes - "…".utf8.count
        let kept = unicodeScalars.prefix { scalar in
            left -= UTF8.width(scalar)
            return left >= 0
        }
        return String(kept) + "…"
    }
}

extension Money {
    var proto: Recoup_V1_Money {
        var proto = Recoup_V1_Money()
        proto.minorUnits = minorUnits
        proto.currency = currency.code
        return proto
    }
}
