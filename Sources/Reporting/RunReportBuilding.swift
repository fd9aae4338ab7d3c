// Owns: the ledger's cells, checkpoints and counts → a run's report. Knows nothing of files and formats.
import Arrears
import Ledger

extension RunReport {
    /// Reads a run's report from the ledger.
    /// - Parameters:
    ///   - rowsRead: rows of the book, rejected ones included; nil: as the ingest checkpoint counted them.
    ///   - buckets: bucket names in the policy's order; others follow in natural order.
    /// - Throws: `LedgerError`: `.notFound` without such a run, `.corrupt` when a cell holds an unknown result, or
    ///   what the store threw.
    package init(
        reading ledger: any LedgerReading, run id: RunID, inputs: Inputs = Inputs(), rowsRead: Int? = nil,
        buckets: [String] = []
    ) throws {
        guard let record = try ledger.run(id) else {
            throw LedgerError(.notFound, "report: expected a run \"\(id)\" in the ledger, got none")
        }
        let checkpoints = try ledger.checkpoints(of: id)
        let cells = try ledger.reportCells(of: id).map(Cell.init(checking:))
            .sorted(by: RunReport.cellOrder(buckets: buckets))
        let accounts = try ledger.accountCount(of: id)
        let counts = try ledger.taskCounts(of: id)
        let rejects = try ledger.rejectCounts(of: id).filter { $0.value > 0 }

        self.format = 1
        self.run = id
        self.asOf = record.asOf
        self.isFinal = checkpoints.contains { $0.stage == .reconcile && $0.isComplete }
        self.inputs = inputs
        self.intake = Intake(
            rowsRead: rowsRead ?? checkpoints.first { $0.stage == .ingest }?.done ?? accounts,
            accounts: accounts,
            rejects: Dictionary(uniqueKeysWithValues: rejects.map { ($0.key.rawValue, $0.value) }))
        self.cells = cells
        self.totals = RunReport.totals(of: cells)
        let withResult = cells.reduce(0) { $0 + $1.accounts }
        self.balance = Balance(
            accountsRead: accounts, accountsWithResult: withResult, isBalanced: accounts == withResult)
        self.tasks = counts.filter { $0.count > 0 }
            .map { TaskTally(stage: $0.stage, state: $0.state, tasks: $0.count) }
            .sorted { ($0.stage, $0.state.rawValue) < ($1.stage, $1.state.rawValue) }
        self.openTasks = counts.filter { $0.state != .settled }.reduce(0) { $0 + $1.count }
        self.uncertain = counts.filter { $0.state == .uncertain }.reduce(0) { $0 + $1.count }
        self.uncertainTasks = try ledger.uncertainTasks(of: id, limit: RunReport.uncertainShown)
            .map { UncertainTask(task: $0.task.id, stage: $0.task.stage, step: $0.task.step) }
            .sorted { $0.task < $1.task }
        self.events = RunReport.tallies(of: try ledger.events(of: id))
        self.timings = Timings(record: record, checkpoints: checkpoints)
    }

    private static func totals(of cells: [Cell]) -> [Total] {
        struct Key: Hashable {
            var kind: ReportCell.Kind
            var stage: Stage?
            var result: String
        }
        let groups = Dictionary(grouping: cells) { Key(kind: $0.kind, stage: $0.stage, result: $0.result) }
        return groups.map { key, cells in
            Total(kind: key.kind, stage: key.stage, result: key.result, sum: Sum(cells))
        }
        .sorted { left, right in
            if left.kind != right.kind { return left.kind.order < right.kind.order }
            if left.stage != right.stage { return left.stage.order < right.stage.order }
            if left.sum.accounts != right.sum.accounts { return left.sum.accounts > right.sum.accounts }
            return left.result < right.result
        }
    }

    private static func tallies(of events: [CaseEvent]) -> [EventTally] {
        Dictionary(grouping: events, by: \.kind).map { kind, events in
            var amounts: [Currency: Int128] = [:]
            for case let amount? in events.map(\.amount) {
                amounts[amount.currency, default: 0] += Int128(amount.minorUnits)
            }
            return EventTally(kind: kind, events: events.count, amounts: .sorted(amounts))
        }
        .sorted { $0.kind.rawValue < $1.kind.rawValue }
    }

    private static func cellOrder(buckets: [String]) -> (Cell, Cell) -> Bool {
        var rank: [String: Int] = ["": -1]
        for (index, bucket) in buckets.enumerated() where rank[bucket] == nil { rank[bucket] = index }
        return { left, right in
            if left.bucket != right.bucket {
                let (leftRank, rightRank) = (rank[left.bucket] ?? .max, rank[right.bucket] ?? .max)
                if leftRank != rightRank { return leftRank < rightRank }
                return ReportWords.naturalOrder(left.bucket, right.bucket)
            }
            if left.segment != right.segment { return left.segment < right.segment }
            if left.kind != right.kind { return left.kind.order < right.kind.order }
            if left.stage != right.stage { return left.stage.order < right.stage.order }
            if left.result != right.result { return left.result < right.result }
            return left.arrears.currency.code < right.arrears.currency.code
        }
    }
}

extension RunReport.Cell {
    /// - Throws: `LedgerError.corrupt` when an outcome or a reason is not one of the closed lists.
    fileprivate init(checking cell: ReportCell) throws {
        let isKnown =
            switch cell.kind {
            case .notACase: RecognitionMark(rawValue: cell.result) != nil
            case .reason: NoTaskReason(rawValue: cell.result) != nil
            case .outcome: OutcomeCode(rawValue: cell.result) != nil
            case .open: !cell.result.isEmpty
            }
        guard isKnown else {
            throw LedgerError(
                .corrupt, "report cell of kind \(cell.kind.rawValue): expected a known result, got \"\(cell.result)\"")
        }
        func money(_ minorUnits: Int64) -> Money { Money(minorUnits: minorUnits, currency: cell.currency) }
        self.init(
            kind: cell.kind, bucket: cell.bucket, segment: cell.segment, stage: cell.stage, result: cell.result,
            accounts: cell.accounts, arrears: money(cell.arrearsMinorUnits), balance: money(cell.balanceMinorUnits),
            outcomeAmount: money(cell.outcomeMinorUnits))
    }
}

extension RunReport.Timings {
    fileprivate init(record: RunRecord, checkpoints: [Checkpoint]) {
        let last = checkpoints.map(\.updatedAt).max() ?? record.startedAt
        let stages = RunStage.allCases.compactMap { stage -> RunReport.StageTiming? in
            guard let checkpoint = checkpoints.first(where: { $0.stage == stage }) else { return nil }
            let span = max(0, checkpoint.updatedAt.milliseconds - checkpoint.startedAt.milliseconds)
            return RunReport.StageTiming(
                stage: stage, items: checkpoint.done, milliseconds: span,
                rate: Int64(checkpoint.done) * 1000 / max(1, span))
        }
        self.init(
            startedAt: record.startedAt, finishedAt: record.finishedAt,
            milliseconds: max(0, last.milliseconds - record.startedAt.milliseconds), stages: stages)
    }
}

extension ReportCell.Kind {
    /// The order in which a report tells: nothing to do, left alone, done, not done.
    var order: Int {
        switch self {
        case .notACase: 0
        case .reason: 1
        case .outcome: 2
        case .open: 3
        }
    }
}

extension Stage? {
    fileprivate var order: Int {
        guard let self else { return -1 }
        return Stage.allCases.firstIndex(of: self) ?? Stage.allCases.count
    }
}
