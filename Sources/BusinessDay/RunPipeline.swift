// Owns: the order of a run's stages and what is carried from one to the next. Each step is one batch in the loop's own
// transaction, with its checkpoint, so that a run killed anywhere goes on where it was.
import Arrears
import Documents
import Leasing
import Ledger

/// A run on its way through its stages. Lives on the ledger's thread.
package struct RunPipeline {
    package let order: RunOrder
    private let policy: Policy
    private let files: RunFiles
    private let limits: Limits
    /// The stage in hand; nil: the run is finished.
    private var stage: (any DayStage)?
    package private(set) var checkpoint: Checkpoint

    /// Resumes a run where its checkpoints say.
    package init(
        order: RunOrder, dataDirectory: String, limits: Limits, ledger: any LedgerReading, now: Now
    ) throws {
        self.order = order
        self.limits = limits
        files = RunFiles(dataDirectory: dataDirectory, run: order.run)
        policy = try Policy(order.policy)
        let done = try ledger.checkpoints(of: order.run)
        let complete = Set(done.filter(\.isComplete).map(\.stage))
        checkpoint = Checkpoint(stage: .report, isComplete: true, startedAt: now.machine, updatedAt: now.machine)
        guard let next = RunStage.allCases.first(where: { !complete.contains($0) }) else { return }
        try begin(next, ledger: ledger, resuming: done.first { $0.stage == next }, now: now)
    }

    private mutating func begin(
        _ next: RunStage, ledger: any LedgerReading, resuming: Checkpoint?, now: Now
    ) throws {
        let isDispatching = stage is DispatchStage
        checkpoint = resuming ?? Checkpoint(stage: next, startedAt: now.machine, updatedAt: now.machine)
        switch next {
        case .ingest:
            try demandKind(of: ledger)
            stage = try IngestStage(order: order, files: files, resuming: resuming)
        case .recognise:
            checkpoint.total = try ledger.accountCount(of: order.run)
            stage = RecogniseStage(order: order, policy: policy)
        case .segment: stage = SegmentStage(order: order, policy: policy)
        case .plan: stage = PlanStage(order: order, policy: policy)
        case .dispatch: stage = DispatchStage(order: order)
        case .reconcile: stage = ReconcileStage(order: order, limits: limits, isDispatching: isDispatching)
        case .report: stage = ReportStage(order: order, policy: policy, files: files)
        }
    }

    /// What is rehearsed stands in the ledger as if it had been done.
    private func demandKind(of ledger: any LedgerReading) throws {
        guard let kind = try RunKind(of: ledger), kind != order.kind else { return }
        throw RunFault.otherKind(order.kind, ledger: kind)
    }

    /// Does one batch inside the caller's transaction. `done`: the run is finished.
    package mutating func step(_ ledger: any LedgerTransaction, now: Now) throws -> StageTurn {
        guard var stage else { return .done }
        let turn = try stage.step(ledger, checkpoint: &checkpoint, now: now)
        self.stage = stage
        switch turn.result {
        case .waiting: return turn
        case .more: return StageTurn(result: try advance(false, ledger, now: now), directives: turn.directives)
        case .done: return StageTurn(result: try advance(true, ledger, now: now), directives: turn.directives)
        }
    }

    /// Stores the checkpoint and, when the stage is done, begins the next.
    private mutating func advance(
        _ isDone: Bool, _ ledger: any LedgerTransaction, now: Now
    ) throws -> StageTurn.Result {
        checkpoint.updatedAt = now.machine
        checkpoint.isComplete = isDone
        try ledger.setCheckpoint(checkpoint, of: order.run)
        guard isDone else { return .more }
        guard let next = checkpoint.stage.next else {
            try ledger.finishRun(order.run, at: now.machine)
            stage = nil
            return .done
        }
        try begin(next, ledger: ledger, resuming: nil, now: now)
        return .more
    }
}

extension Policy {
    /// The policy that a run was ordered with.
    init(_ text: RunOrder.NamedText) throws(RunFault) {
        do throws(DocumentFaults) {
            try self.init(document: readDocument(yaml: text.text, source: text.source), source: text.source)
        } catch {
            throw .document(error)
        }
    }
}
