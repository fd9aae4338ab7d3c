// Owns: the order of a run's stages and what is carried from one to the next. Each step is one batch in the loop's own
// transaction, with its checkpoint, so that a run killed anywhere goes on where it was.
import Arrears
import Documents
import Foundation
import Leasing
import Ledger
import LoanBook

/// Why a run cannot go on. The ledger keeps what was done.
package enum RunFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// More rejects than the order accepts; nothing was planned.
    case tooManyRejects(rejects: Int, rows: Int, limit: String, rejectsFile: String)
    case file(FileFault)
    case book(String)
    case document(DocumentFaults)
    /// A zone named by the policy or the book that the system does not know.
    case unknownZone(String)

    package var description: String {
        switch self {
        case .tooManyRejects(let rejects, let rows, let limit, let file):
            "\(rejects) of \(rows) rows were rejected, more than the limit of \(limit); nothing was planned. See \(file)"
        case .file(let fault): fault.description
        case .book(let fault): fault
        case .document(let faults): faults.description
        case .unknownZone(let zone): "time zone: expected an IANA name, got \"\(zone)\""
        }
    }
}

/// Where a run keeps its files, below the data directory.
package struct RunFiles: Hashable, Sendable {
    package var directory: String
    package init(dataDirectory: String, run: RunID) { directory = "\(dataDirectory)/runs/\(run)" }
    package var rejects: String { "\(directory)/rejects.csv" }
    package var reportJSON: String { "\(directory)/report.json" }
    package var reportCSV: String { "\(directory)/report.csv" }
    package var reportHTML: String { "\(directory)/report.html" }
    /// Why a run ended before anything was planned: a `RunFaultNote`.
    package var fault: String { "\(directory)/fault.json" }
}

/// What a coordinator that goes on leaves to whoever waits for a run that could not be begun.
package struct RunFaultNote: Codable, Sendable {
    package enum Kind: String, Codable, Sendable {
        /// More rows were rejected than the order accepts.
        case rejects
        /// A file, a policy or a name in them is at fault.
        case input
    }
    package var kind: Kind
    package var message: String

    init(_ fault: RunFault) {
        if case .tooManyRejects = fault { kind = .rejects } else { kind = .input }
        message = "\(fault)"
    }

    func write(to files: RunFiles) throws(LedgerError) {
        do {
            try FileManager.default.createDirectory(atPath: files.directory, withIntermediateDirectories: true)
            try JSONEncoder().encode(self).write(to: URL(fileURLWithPath: files.fault), options: .atomic)
        } catch {
            throw LedgerError(writing: files.fault, error)
        }
    }
}

/// What a step came to.
enum StepResult: Hashable, Sendable {
    /// There is more to do at once.
    case more
    /// Nothing to do before this uptime, or the next input.
    case waiting(until: Int64)
    case finished
}

/// A run on its way through its stages. Lives on the ledger's thread.
struct RunPipeline {
    let order: RunOrder
    let policy: Policy
    let files: RunFiles
    private var work: Work
    private(set) var checkpoint: Checkpoint

    /// The stage in hand with its own state.
    private enum Work {
        case ingest(IngestStage)
        case recognise
        case segment
        case plan(PlanStage)
        case dispatch
        case reconcile(until: Int64?)
        case report
        case finished
    }

    static let batch = 1_000

    /// Takes a run up where its checkpoints say.
    init(order: RunOrder, dataDirectory: String, ledger: any LedgerReading, now: Now) throws {
        self.order = order
        self.files = RunFiles(dataDirectory: dataDirectory, run: order.run)
        self.policy = try RunPipeline.policy(order.policy)
        let done = try ledger.checkpoints(of: order.run)
        let complete = Set(done.filter(\.isComplete).map(\.stage))
        let stage = RunStage.allCases.first { !complete.contains($0) }
        work = .finished
        checkpoint = Checkpoint(stage: .report, isComplete: true, startedAt: now.machine, updatedAt: now.machine)
        if let stage {
            try begin(stage, ledger: ledger, resuming: done.first { $0.stage == stage }, now: now)
        }
    }

    private static func policy(_ text: RunOrder.NamedText) throws(RunFault) -> Policy {
        do throws(DocumentFaults) {
            let document = try readDocument(yaml: text.text, source: text.source)
            return try Policy(document: document, source: text.source)
        } catch {
            throw .document(error)
        }
    }

    var stage: RunStage { checkpoint.stage }

    var isDispatching: Bool {
        switch work {
        case .dispatch, .reconcile: true
        case .ingest, .recognise, .segment, .plan, .report, .finished: false
        }
    }

    private mutating func begin(
        _ stage: RunStage, ledger: any LedgerReading, resuming: Checkpoint?, now: Now
    ) throws {
        checkpoint = resuming ?? Checkpoint(stage: stage, startedAt: now.machine, updatedAt: now.machine)
        switch stage {
        case .ingest: work = .ingest(try IngestStage(order: order, files: files, resuming: resuming))
        case .recognise:
            checkpoint.total = try ledger.accountCount(of: order.run)
            work = .recognise
        case .segment: work = .segment
        case .plan: work = .plan(PlanStage(order: order, policy: policy))
        case .dispatch: work = .dispatch
        case .reconcile: work = .reconcile(until: nil)
        case .report: work = .report
        }
    }

    /// Does one batch inside the caller's transaction.
    mutating func step(_ ledger: any LedgerTransaction, core: inout Core, now: Now) throws -> StepResult {
        switch work {
        case .ingest(var ingest):
            let isDone = try ingest.step(ledger, checkpoint: &checkpoint)
            work = .ingest(ingest)
            return try advance(isDone, ledger, core: &core, now: now)
        case .recognise:
            let isDone = try recognise(ledger)
            return try advance(isDone, ledger, core: &core, now: now)
        case .segment:
            let isDone = try segment(ledger)
            return try advance(isDone, ledger, core: &core, now: now)
        case .plan(let plan):
            let isDone = try plan.step(ledger, checkpoint: &checkpoint)
            return try advance(isDone, ledger, core: &core, now: now)
        case .dispatch:
            return try dispatch(ledger, core: &core, now: now)
        case .reconcile(let until):
            return try reconcile(ledger, core: &core, until: until, now: now)
        case .report:
            try writeReports(ledger)
            return try advance(true, ledger, core: &core, now: now)
        case .finished:
            return .finished
        }
    }

    /// Stores the checkpoint and, when the stage is done, begins the next.
    private mutating func advance(
        _ isDone: Bool, _ ledger: any LedgerTransaction, core: inout Core, now: Now
    ) throws -> StepResult {
        checkpoint.updatedAt = now.machine
        checkpoint.isComplete = isDone
        try ledger.setCheckpoint(checkpoint, of: order.run)
        guard isDone else { return .more }
        let stages = RunStage.allCases
        let index = stages.firstIndex(of: checkpoint.stage) ?? 0
        guard index + 1 < stages.count else {
            try ledger.finishRun(order.run, at: now.machine)
            core.dispatching = nil
            work = .finished
            return .finished
        }
        try begin(stages[index + 1], ledger: ledger, resuming: nil, now: now)
        return .more
    }

    // MARK: Recognise and segment

    private mutating func recognise(_ ledger: any LedgerTransaction) throws -> Bool {
        let page = try ledger.accounts(of: order.run, afterLine: Int(checkpoint.cursor) ?? 0, limit: RunPipeline.batch)
        guard let last = page.last else { return true }
        var marks: [(line: Int, mark: RecognitionMark)] = []
        var cases: [CaseRecord] = []
        for stored in page {
            switch Arrears.recognise(stored.account, asOf: order.asOf, settings: policy.recognition) {
            case .current:
                marks.append((stored.line, .current))
            case .nothingOwed(let delinquency), .overdue(let delinquency):
                // Late with nothing owed is a case too: the plan stage gives the reason why nobody is contacted.
                marks.append((stored.line, .overdue))
                cases.append(
                    CaseRecord(
                        line: stored.line,
                        overdue: OverdueCase(
                            id: CaseID(stored.account.id), account: stored.account, delinquency: delinquency,
                            bucket: policy.bucketName(dpd: delinquency.dpd))))
            }
        }
        try ledger.recordRecognitions(marks, cases: cases, in: order.run)
        checkpoint.cursor = String(last.line)
        checkpoint.done += page.count
        return false
    }

    private mutating func segment(_ ledger: any LedgerTransaction) throws -> Bool {
        let page = try ledger.cases(of: order.run, afterLine: Int(checkpoint.cursor) ?? 0, limit: RunPipeline.batch)
        guard let last = page.last else { return true }
        var matches: [(caseID: CaseID, match: SegmentMatch)] = []
        for record in page {
            let history = try ledger.history(of: record.overdue.id)
            matches.append((record.overdue.id, policy.segment(record.overdue, history: history)))
        }
        try ledger.recordSegments(matches, in: order.run)
        checkpoint.cursor = String(last.line)
        checkpoint.done += page.count
        return false
    }

    // MARK: Dispatch and reconcile

    /// How often an idle dispatch counts what is open.
    private static let countMilliseconds: Int64 = 200

    private mutating func dispatch(
        _ ledger: any LedgerTransaction, core: inout Core, now: Now
    ) throws -> StepResult {
        if core.dispatching == nil {
            _ = try ledger.makeReady(order.run, at: now.wall)
            core.dispatching = Core.Dispatching(run: order.run, businessDate: order.contactDate)
            core.lookEverywhere()
        }
        let open = try countOpen(ledger, now: now)
        if open.unfinished == 0 { return try advance(true, ledger, core: &core, now: now) }
        return .waiting(until: now.uptime + RunPipeline.countMilliseconds)
    }

    private struct OpenCount {
        /// Planned, ready or leased.
        var unfinished = 0
        var uncertain = 0
        var total = 0
    }

    /// Counts the run's tasks, after withdrawing those whose window has closed.
    private mutating func countOpen(_ ledger: any LedgerTransaction, now: Now) throws -> OpenCount {
        _ = try ledger.withdrawClosed(order.run, now: now.wall)
        var open = OpenCount()
        for count in try ledger.taskCounts(of: order.run) {
            open.total += count.count
            switch count.state {
            case .planned, .ready, .leased: open.unfinished += count.count
            case .uncertain: open.uncertain += count.count
            case .settled, .withdrawn, .deadLetter: break
            }
        }
        let done = open.total - open.unfinished
        if done != checkpoint.done || checkpoint.total != open.total {
            checkpoint.done = done
            checkpoint.total = open.total
            checkpoint.updatedAt = now.machine
            try ledger.setCheckpoint(checkpoint, of: order.run)
        }
        return open
    }

    /// Inquiries may still settle what is uncertain, or make it ready again; after a time it is left for a person.
    private mutating func reconcile(
        _ ledger: any LedgerTransaction, core: inout Core, until: Int64?, now: Now
    ) throws -> StepResult {
        if core.dispatching == nil {
            core.dispatching = Core.Dispatching(run: order.run, businessDate: order.contactDate)
            core.lookEverywhere()
        }
        let end = until ?? now.uptime + 4 * core.limits.inquiryDelayMilliseconds + core.limits.leaseMilliseconds
        work = .reconcile(until: end)
        let open = try countOpen(ledger, now: now)
        if open.unfinished == 0, open.uncertain == 0 || now.uptime >= end {
            checkpoint.cursor = "\(open.uncertain) uncertain"
            core.dispatching = nil
            return try advance(true, ledger, core: &core, now: now)
        }
        return .waiting(until: now.uptime + RunPipeline.countMilliseconds)
    }
}
