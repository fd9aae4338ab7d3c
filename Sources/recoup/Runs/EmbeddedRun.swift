// Owns: carrying out one order with an embedded set of processes, or with a coordinator that is already at work: from
// the order to the words at the end. Knows nothing of processes' arguments.
import BusinessDay
import Arrears
import Coordinator
import Foundation

struct EmbeddedRun {
    let directory: DataDirectory
    let settings: EmbeddedSettings

    /// Leaves the order for the coordinator, starts the set and ends with the report.
    func carryOut(_ order: RunOrder, json: Bool) async throws {
        try OrderBox(dataDirectory: directory.path).put(order)
        try await goOn(order.run, json: json)
    }

    /// Starts the set, which resumes the run where it stands.
    func goOn(_ run: RunID, json: Bool) async throws {
        try directory.create()
        if settings.sandbox { try GatewayToken.make(at: directory.token) }
        let supervisor = Supervisor(
            directory: directory, topology: Topology(settings: settings),
            plans: EmbeddedSet(directory: directory, settings: settings).plans)
        let follower = ProgressFollower(directory, run: run)
        // A reader's hiccup costs one look, never the run: the next look tells.
        supervisor.whileRunning = { _ = try? follower.look() }
        let ending = try await supervisor.run()
        _ = try? follower.look(force: true)
        follower.clear()
        switch ending {
        case .done: try Conclusion(directory: directory, run: run).show(json: json)
        case .leadFailed, .died, .asked, .silent: throw failure(ending)
        }
    }

    private func failure(_ ending: SupervisionMachine.Ending) -> Failure {
        let resume =
            "Nothing is lost. To go on: scripts/resume.sh \(directory.path)   (or: recoup resume --data \(directory.path))"
        switch ending {
        case .done: preconditionFailure("a set that is done has not failed")
        case .leadFailed(let code):
            let last = lastLine(of: EmbeddedSet.coordinatorName)
            return Failure(
                Exit(rawValue: code) ?? .bug,
                "the coordinator gave up: \(last)\nIts log: \(directory.log(EmbeddedSet.coordinatorName))")
        case .died(let name, let end):
            let last = lastLine(of: name)
            return Failure(
                .interrupted,
                "\(name) \(end); the others were stopped in order.\nIts last words: \(last)\nIts log: \(directory.log(name))\n\(resume)"
            )
        case .asked(let signal):
            return Failure(.interrupted, "stopped by signal \(signal). \(resume)")
        case .silent(let name):
            return Failure(
                .interrupted, "\(name) did not come up in time.\nIts log: \(directory.log(name))\n\(resume)")
        }
    }

    private func lastLine(of name: String) -> String {
        let text = (try? String(contentsOfFile: directory.log(name), encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").last.map(String.init) ?? "none"
        return line.hasPrefix("recoup: ") ? String(line.dropFirst("recoup: ".count)) : line
    }
}

/// A run in the hands of a coordinator that was at work before.
struct LiveRun {
    let directory: DataDirectory

    func carryOut(_ order: RunOrder, json: Bool) async throws {
        try OrderBox(dataDirectory: directory.path).put(order)
        let follower = ProgressFollower(directory, run: order.run)
        while try !follower.look() {
            guard directory.liveCoordinator != nil else {
                follower.clear()
                throw Failure(
                    .interrupted,
                    "the coordinator has gone; it takes run \(order.run) up when it is started again on \(directory.path)"
                )
            }
            try await Task.sleep(for: .milliseconds(400))
        }
        follower.clear()
        try Conclusion(directory: directory, run: order.run).show(json: json)
    }
}
