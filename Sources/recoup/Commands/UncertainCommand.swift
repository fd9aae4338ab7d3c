// Owns: `recoup uncertain`: what nobody knows the end of, and what a person decides on it.
import Reporting
import BusinessDay
import Arrears
import ArgumentParser
import Coordinator
import Foundation
import Ledger

struct UncertainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uncertain",
        abstract: "See, settle or release tasks of which nobody knows whether they were done.",
        discussion: """
            An uncertain task is never done again blindly. The outside is asked; what it cannot tell waits for a person. \
            Who decided, and why, stays in the task's story (recoup explain). Name no customer in a reason.

            EXAMPLES:
              recoup uncertain list
              recoup uncertain settle 5f3a… --outcome delivered --reason "on the gateway's invoice" --evidence "inv 2291"
              recoup uncertain release 5f3a… --reason "gateway confirmed by phone: never received"
            """,
        subcommands: [UncertainListCommand.self, UncertainSettleCommand.self, UncertainReleaseCommand.self])
}

struct UncertainListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the uncertain tasks of all runs.")

    @OptionGroup var data: DataOption
    @OptionGroup var output: JSONOption

    private struct Item: Encodable {
        var task: String
        var run: String
        var caseID: String
        var stage: String
        var step: String
        var worker: String?
        var since: String
        /// What came of it so far, the last word last.
        var story: [String]
    }

    func run() throws {
        let reader = try data.existing().store.reader()
        var items: [Item] = []
        for run in try reader.runs() {
            for record in try reader.uncertainTasks(of: run.id, limit: Int(Int32.max)) {
                items.append(
                    Item(
                        task: record.task.id.text, run: run.id.text, caseID: record.task.caseID.text,
                        stage: record.task.stage.rawValue, step: record.task.step, worker: record.worker?.text,
                        since: utc(milliseconds: record.changedAt.milliseconds),
                        story: try reader.transitions(of: record.task.id).map(\.note)))
            }
        }
        if output.json { return try Terminal.json(items) }
        guard !items.isEmpty else { return Terminal.result("Nothing is uncertain.") }
        var table = TextTable([
            ("task", .left), ("run", .left), ("case", .left), ("stage", .left), ("since", .left), ("last word", .left),
        ])
        for item in items {
            table.add([item.task, item.run, item.caseID, item.stage, item.since, item.story.last ?? ""])
        }
        Terminal.result(table.text)
    }
}

/// What both decisions need.
struct DecisionOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The task, as `recoup uncertain list` names it.", valueName: "task"))
    var task: String

    @OptionGroup var data: DataOption

    @Option(help: ArgumentHelp("Why; it is kept with the task. No names of customers.", valueName: "text"))
    var reason: String

    func validate() throws {
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason: expected a reason, got none") }
    }

    /// Decides, here or through the coordinator at work.
    func decide(_ outcome: OutcomeCode?, evidence: String = "") throws {
        let directory = try data.existing()
        let id = TaskID(task)
        let decision = try decision(on: id, outcome, evidence, in: directory)
        let ledger: any Ledger
        do {
            ledger = try directory.store.writer()
        } catch let error as LedgerError where error.code == .locked {
            return try leave(decision, in: directory)
        }
        var businessDays = RunOrder.businessDays
        let verdict = try ledger.transaction {
            try decision.apply(to: $0, businessDays: &businessDays, at: MachineClock.system.wall())
        }
        try ledger.close()
        guard verdict == .accepted else { throw changed(id, in: directory) }
        try tell(id, in: directory)
    }

    private func decision(
        on id: TaskID, _ outcome: OutcomeCode?, _ evidence: String, in directory: DataDirectory
    ) throws -> Decision {
        guard let record = try directory.store.reader().task(id) else {
            throw Failure(.nothingFound, "\(directory.store.place): expected task \(id), got no such task")
        }
        do {
            return try Decision(
                on: record, outcome: outcome, evidence: evidence, reason: reason, person: NSUserName())
        } catch {
            throw Failure(record.state == .uncertain ? .usage : .refused, error.description)
        }
    }

    /// The coordinator takes it in a turn of its own, within a second when it is at work.
    private func leave(_ decision: Decision, in directory: DataDirectory) throws {
        let box = DecisionBox(dataDirectory: directory.path)
        try box.put(decision)
        for _ in 0..<100 {
            switch box.isTaken(decision.task) {
            case true?: return try tell(decision.task, in: directory)
            case false?: throw changed(decision.task, in: directory)
            case nil: usleep(50_000)
            }
        }
        Terminal.note(
            "The decision on task \(decision.task) lies in \(box.directory); the coordinator takes it in its next turn."
        )
    }

    private func tell(_ id: TaskID, in directory: DataDirectory) throws {
        let state = try directory.store.reader().task(id)?.state
        let next =
            switch state {
            case .withdrawn?: "; its run dispatches no more: the next run plans the step again if it is still due"
            case .ready?: "; it will be attempted within its contact window"
            default: ""
            }
        Terminal.result("Task \(id) is \(state?.rawValue ?? "gone")\(next).")
    }

    private func changed(_ id: TaskID, in directory: DataDirectory) -> Failure {
        let state = (try? directory.store.reader().task(id)?.state.rawValue) ?? "unknown"
        return Failure(
            .refused, "task \(id): expected it to be uncertain as when you looked, got \(state); nothing was changed")
    }
}

struct UncertainSettleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle", abstract: "Say what came of a task: it is settled and never done again.")

    @OptionGroup var decision: DecisionOptions

    @Option(
        help: ArgumentHelp(
            "What came of it: one of the stage's codes, or madeResultUnknown.", valueName: "code"))
    var outcome: OutcomeCode

    @Option(help: ArgumentHelp("Where the proof is, such as an invoice number.", valueName: "text"))
    var evidence = ""

    func run() throws { try decision.decide(outcome, evidence: evidence) }
}

struct UncertainReleaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Say that nothing was attempted: the task may be done anew.",
        discussion: """
            While its run dispatches, the task is ready again. Later it is withdrawn, and the next run plans the step \
            again if it is still due.
            """)

    @OptionGroup var decision: DecisionOptions

    func run() throws { try decision.decide(nil) }
}

extension OutcomeCode: ExpressibleByArgument {}
