// Owns: `recoup status`: how things stand, in figures. Reads only.
import Reporting
import Arrears
import ArgumentParser
import BusinessDay
import Coordinator
import Foundation
import Leasing
import Ledger

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show runs, stages, tasks by state, uncertain items and live leases.",
        discussion: """
            Reads the ledger and changes nothing; works beside a live coordinator and without one.

            EXAMPLES:
              recoup status
              recoup status --data /var/lib/recoup --json
            """)

    @OptionGroup var data: DataOption
    @OptionGroup var output: JSONOption

    @Option(name: .customLong("run"), help: ArgumentHelp("The run to show. Default: the latest.", valueName: "id"))
    var runID: String?

    @Flag(help: "Fail with exit code 7 when no coordinator is at work on the directory; for health checks.")
    var requireCoordinator = false

    func run() throws {
        let directory = try data.existing()
        if requireCoordinator, directory.liveCoordinator == nil {
            throw Failure(.nothingFound, "\(directory.path): expected a coordinator at work, got none")
        }
        let status = try Status(reading: directory.store.reader(), in: directory, run: runID.map { RunID($0) })
        try output.show(status, as: status.text)
    }
}

/// How things stand.
struct Status: Encodable {
    struct Run: Encodable {
        var id: String
        var asOf: String
        var isFinished: Bool
        var kind: RunKind

        init(_ record: RunRecord) throws {
            (id, asOf, isFinished) = (record.id.text, record.asOf.iso, record.isFinished)
            kind = try RunKind(of: record)
        }
    }

    struct StageProgress: Encodable {
        var stage: String
        var done: Int
        var total: Int?
        var isComplete: Bool
    }

    struct Tasks: Encodable {
        var stage: String
        var state: String
        var tasks: Int
    }

    struct Uncertain: Encodable {
        var task: String
        var caseID: String
        var stage: String
        var step: String
        var worker: String?
    }

    struct Lease: Encodable {
        var id: String
        var epoch: UInt64
        var stage: String
        var worker: String
    }

    /// `host:port`, when a coordinator is at work here.
    var coordinator: String?
    /// Why it does less than it could, when it says so.
    var condition: CoordinatorCondition?
    /// The latest first.
    var runs: [Run]
    /// The run that the rest is about.
    var run: Run?
    var stages: [StageProgress]
    var tasks: [Tasks]
    /// At most `Status.uncertainShown` of them.
    var uncertain: [Uncertain]
    var leases: [Lease]

    static let uncertainShown = 20

    init(reading ledger: any LedgerReading, in directory: DataDirectory, run wanted: RunID?) throws {
        let all = try ledger.runs()
        runs = try all.map(Run.init)
        coordinator = directory.liveCoordinator?.endpoint.description
        condition = coordinator.flatMap { _ in CoordinatorCondition(in: directory.path) }
        guard let record = try wanted.map({ try directory.run($0, in: ledger) }) ?? all.first else {
            (run, stages, tasks, uncertain, leases) = (nil, [], [], [], [])
            return
        }
        run = try Run(record)
        stages = try ledger.checkpoints(of: record.id).sorted { $0.stage.order < $1.stage.order }
            .map { StageProgress(stage: $0.stage.rawValue, done: $0.done, total: $0.total, isComplete: $0.isComplete) }
        tasks = try ledger.taskCounts(of: record.id).filter { $0.count > 0 }
            .sorted { ($0.stage, $0.state.rawValue) < ($1.stage, $1.state.rawValue) }
            .map { Tasks(stage: $0.stage.rawValue, state: $0.state.rawValue, tasks: $0.count) }
        uncertain = try ledger.uncertainTasks(of: record.id, limit: Status.uncertainShown).map {
            Uncertain(
                task: $0.task.id.text, caseID: $0.task.caseID.text, stage: $0.task.stage.rawValue, step: $0.task.step,
                worker: $0.worker?.text)
        }
        leases = try ledger.liveLeases().map {
            Lease(
                id: $0.lease.id.description, epoch: $0.lease.epoch.rawValue, stage: $0.stage.rawValue,
                worker: $0.worker.text)
        }
    }

    var text: String {
        var parts = ["Coordinator  " + (coordinator.map { "at work, \($0)" } ?? "not running here")]
        if let condition { parts.append("Condition    \(condition.words)") }
        guard let run else { return (parts + ["Run          none yet"]).joined(separator: "\n") }
        let state = run.isFinished ? "finished" : "not finished"
        parts.append("Run          \(run.id), as of \(run.asOf), \(state), \(run.kind.words)")
        if runs.count > 1 {
            parts.append("Earlier      " + runs.filter { $0.id != run.id }.prefix(5).map(\.id).joined(separator: ", "))
        }
        var stageTable = TextTable([("stage", .left), ("done", .right), ("of", .right), ("", .left)])
        for stage in stages {
            stageTable.add([
                stage.stage, grouped(stage.done), stage.total.map(grouped) ?? "",
                stage.isComplete ? "complete" : "under way",
            ])
        }
        parts += ["", stageTable.text]
        if !tasks.isEmpty { parts += ["", taskTable.text] }
        if !leases.isEmpty {
            var table = TextTable([("lease", .left), ("epoch", .right), ("stage", .left), ("worker", .left)])
            for lease in leases { table.add([lease.id, "\(lease.epoch)", lease.stage, lease.worker]) }
            parts += ["", table.text]
        }
        if !uncertain.isEmpty {
            var table = TextTable([("uncertain task", .left), ("case", .left), ("stage", .left), ("step", .left)])
            for item in uncertain { table.add([item.task, item.caseID, item.stage, item.step]) }
            parts += ["", table.text, "  Nobody knows whether these were done; they are never done again blindly."]
        }
        if !run.isFinished, coordinator == nil {
            parts += ["", "To go on: recoup resume"]
        }
        return parts.joined(separator: "\n")
    }

    /// A row per stage, a column per state that occurs.
    private var taskTable: TextTable {
        let states = TaskState.allCases.map(\.rawValue).filter { state in tasks.contains { $0.state == state } }
        var table = TextTable([("tasks", .left)] + states.map { ($0, .right) })
        for stage in Stage.allCases.map(\.rawValue) where tasks.contains(where: { $0.stage == stage }) {
            table.add(
                [stage]
                    + states.map { state in
                        grouped(tasks.first { $0.stage == stage && $0.state == state }?.tasks ?? 0)
                    })
        }
        return table
    }
}

extension CoordinatorCondition {
    fileprivate var words: String {
        let start = utc(milliseconds: since)
        return switch kind {
        case .diskFull: "disk full since \(start): nothing new is leased, reports are taken while they fit. \(detail)"
        case .ledgerFault: "the ledger failed at \(start), it is being opened again: nobody is served. \(detail)"
        }
    }
}

extension RunStage {
    var order: Int { RunStage.allCases.firstIndex(of: self) ?? 0 }
}
