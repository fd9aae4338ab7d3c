// Owns: what every store writes beside a change, so that all stores tell one story: the words of transitions, the
// entries of a case's history, the order of lists. Knows nothing of how a store keeps them.
import Arrears
import Leasing

/// The note of a transition: why the task changed.
package enum TransitionNote {
    package static let due = "due"
    package static let takenOver = "taken over from an earlier run"
    package static let attempt = "attempt"
    package static let inquiry = "inquiry"
    package static let released = "released"
    package static let releasedAfterRestart = "released after a restart"
    package static let leaseEnded = "lease ended"
    package static let releasedLate = "released, late"
    package static let neverSeen = "never seen outside"
    package static let unknown = "the outside cannot tell"
    package static let windowClosed = "contact window closed"

    package static func settled(_ outcome: Outcome, by hand: ByHand) -> String {
        "\(settled(outcome, isLate: false)), by hand, \(hand.person): \(hand.reason)"
    }

    /// By a process that lives, or by one that began anew: that one may have died of the task.
    package static func released(isCounted: Bool) -> String { isCounted ? releasedAfterRestart : released }

    package static func released(by hand: ByHand) -> String { "released by hand, \(hand.person): \(hand.reason)" }

    package static func deadLetter(deliveries: Int) -> String { "leased \(deliveries) times without an outcome" }

    package static func settled(_ outcome: Outcome, isLate: Bool) -> String {
        outcome.code.rawValue + (outcome.attempt == .notMade ? ", not attempted" : "") + (isLate ? ", late" : "")
    }
}

extension CaseHistoryEntry {
    /// What a settled task adds to its case's history.
    package init(
        settling outcome: Outcome, stage: Stage, step: String, endpoint: String?, businessDate: CalendarDate
    ) {
        self.init(
            date: businessDate, kind: stage.descriptor.historyKind, stage: stage, step: step, outcome: outcome.code,
            amount: outcome.amount, due: outcome.date, evidence: outcome.evidence, endpoint: endpoint,
            endpointFact: endpoint == nil ? nil : outcome.endpointFact)
    }

    /// What news about a settled task adds; dated as the news says, or else today.
    package init(event: CaseEvent, stage: Stage, step: String, businessDate: CalendarDate) {
        let (kind, code): (HistoryKind, OutcomeCode) =
            switch event.kind {
            case .contact: (.contact, .agencyContact)
            case .payment: (.payment, .agencyPayment)
            case .return: (.return, .agencyReturn)
            }
        self.init(
            date: event.date ?? businessDate, kind: kind, stage: stage, step: step, outcome: code,
            amount: event.amount, evidence: event.id)
    }
}

extension TaskRecord {
    /// The number of a task of an earlier run that is taken over. Where it was perhaps tried with another number than it has
    /// now, what comes of it tells of neither.
    package func endpointAfterTakeOver(by task: StageTask) -> String? {
        state == .uncertain && self.task.endpoint != task.endpoint ? nil : task.endpoint
    }
}

extension [Episode] {
    /// An account was found overdue on `date`. Where it was found current on that day or a later one, that was no cure: the
    /// case goes on.
    /// - Returns: the episode that lasts.
    package mutating func keep(start: CalendarDate, on date: CalendarDate) -> Episode {
        if let last = indices.last, self[last].ended.map({ date <= $0 }) ?? true {
            self[last].ended = nil
        } else {
            append(Episode(opened: date, start: start))
        }
        return self[count - 1]
    }

    /// An account was found current on `date`. A case that was opened later is not touched.
    package mutating func end(on date: CalendarDate) {
        guard let last = indices.last, self[last].ended == nil, self[last].opened <= date else { return }
        self[last].ended = date
    }
}

extension ReportCell {
    /// The result of a case for which nothing was planned yet, with kind `open`.
    package static let undecided = "undecided"
}

extension Sequence<ReportCell> {
    /// By kind, then bucket, segment, stage, result and currency.
    package func inReportOrder() -> [ReportCell] {
        func words(_ cell: ReportCell) -> [String] {
            let stage = cell.stage.flatMap { Stage.allCases.firstIndex(of: $0) }.map(String.init) ?? ""
            return [cell.kind.rawValue, cell.bucket, cell.segment, stage, cell.result, cell.currency.code]
        }
        return map { (words: words($0), cell: $0) }
            .sorted { $0.words.lexicographicallyPrecedes($1.words) }
            .map(\.cell)
    }
}

extension Sequence<TaskCount> {
    /// By stage, then along a task's life.
    package func inTaskOrder() -> [TaskCount] {
        func place(_ state: TaskState) -> Int { TaskState.allCases.firstIndex(of: state) ?? 0 }
        return sorted { ($0.stage, place($0.state)) < ($1.stage, place($1.state)) }
    }
}

extension Sequence<Checkpoint> {
    /// In the order of a run's stages.
    package func inStageOrder() -> [Checkpoint] {
        func place(_ stage: RunStage) -> Int { RunStage.allCases.firstIndex(of: stage) ?? 0 }
        return sorted { place($0.stage) < place($1.stage) }
    }
}
