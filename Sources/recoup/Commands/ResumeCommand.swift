// Owns: `recoup resume` and `recoup stop`: taking up, and ending, what works on a data directory. Knows nothing of how a
// set of processes is run.
import Arrears
import ArgumentParser
import Foundation

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with an interrupted run, whatever was killed.",
        discussion: """
            Stops what is left of the processes of a demo or of `run --embedded`, starts them all again, and ends with \
            the run's report. Exit 0 also when the run was finished before.

            EXAMPLES:
              recoup resume
              recoup resume --data /var/lib/recoup
            """)

    @OptionGroup var data: DataOption
    @OptionGroup var output: JSONOption

    func run() async throws {
        let directory = data.directory
        guard FileManager.default.fileExists(atPath: directory.path) else {
            throw Failure(.nothingFound, "\(directory.path): expected a data directory, got none")
        }
        let topology = try directory.readTopology()
        if let supervisor = topology?.supervisor, supervisor.isAlive {
            throw Failure(
                .ledgerUnavailable,
                "\(directory.path): process \(supervisor.pid) is at work here; nothing to resume (recoup status)")
        }
        if let topology { await Leftovers(topology).end() }
        let reader = directory.store.hasLedger ? try directory.store.reader() : nil
        let unfinished = try reader?.unfinishedRun()?.id
        // An order may have been left before the coordinator took it.
        guard let run = unfinished ?? directory.waitingOrders.min() else {
            guard let last = try reader?.runs().first else {
                throw Failure(.nothingFound, "\(directory.path): expected a run, got none; start one with recoup run")
            }
            Terminal.note("Run \(last.id) is finished; there is nothing to resume.")
            return try Conclusion(directory: directory, run: last.id).show(json: output.json)
        }
        guard let topology else {
            throw Failure(
                .refused,
                """
                run \(run) was not started with --embedded: its processes are not ours to start.
                Start the coordinator, which takes the run up: recoup coordinator --data \(directory.path) --listen HOST:PORT
                """)
        }
        Terminal.note("Resuming run \(run)")
        try await EmbeddedRun(directory: directory, settings: topology.settings).goOn(run, json: output.json)
    }
}

struct StopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop what works on a data directory, in order.",
        discussion: """
            Workers drain, then the coordinator ends, then the sandbox. Nothing is lost: `recoup resume` goes on. \
            Exit 0 also when nothing was running.

            EXAMPLES:
              recoup stop --data /var/lib/recoup
            """)

    @OptionGroup var data: DataOption

    func run() async throws {
        let directory = data.directory
        var stopped: [String] = []
        let topology = try directory.readTopology()
        if let supervisor = topology?.supervisor, supervisor.isAlive {
            await supervisor.end(grace: .seconds(90))
            stopped.append("supervisor (process \(supervisor.pid))")
        }
        if let topology { stopped += await Leftovers(topology).end() }
        if let coordinator = directory.liveCoordinator, let process = ProcessIdentity(running: coordinator.pid) {
            await process.end(grace: .seconds(30))
            stopped.append("coordinator (process \(process.pid))")
        }
        Terminal.note(stopped.isEmpty ? "Nothing was running." : "Stopped: \(stopped.joined(separator: ", "))")
    }
}

/// What is left of an embedded set whose supervisor has gone.
struct Leftovers {
    private let running: [Topology.Running]

    init(_ topology: Topology) {
        running = topology.running.filter(\.process.isAlive)
    }

    /// Workers before the coordinator, the coordinator before the sandbox: the reverse of their start. The names of
    /// those that were stopped.
    @discardableResult
    func end() async -> [String] {
        for left in running.reversed() {
            Terminal.note("Stopping \(left.name), process \(left.process.pid), left from before")
            await left.process.end(grace: .seconds(10))
        }
        return running.map { "\($0.name) (process \($0.process.pid))" }
    }
}
