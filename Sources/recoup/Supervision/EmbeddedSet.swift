// Owns: which children make up an embedded set (sandbox, coordinator, four workers) and with which arguments each is
// started. Knows nothing of how children are started and stopped.
import Arrears
import Foundation

struct EmbeddedSet {
    let directory: DataDirectory
    let settings: EmbeddedSettings

    static let sandboxName = "sandbox"
    static let coordinatorName = "coordinator"

    /// In the order in which they start: the outside world, the coordinator, the workers.
    var plans: [ChildPlan] { (settings.sandbox ? [sandbox] : []) + [coordinator] + Stage.allCases.map(worker) }

    private var sandbox: ChildPlan {
        ChildPlan(
            member: .init(name: EmbeddedSet.sandboxName, announces: true, stopGroup: 2, isLead: false),
            announcement: directory.sandboxAddress
        ) {
            [
                "sandbox", "--data", directory.sandbox, "--listen", "127.0.0.1:0", "--seed", "\(settings.seed)",
                "--token-file", directory.token, "--agencies", directory.agencies, "--until-end-of-input",
            ]
        }
    }

    private var coordinator: ChildPlan {
        ChildPlan(
            member: .init(name: EmbeddedSet.coordinatorName, announces: true, stopGroup: 1, isLead: true),
            announcement: directory.coordinator
        ) {
            ["coordinator", "--data", directory.path, "--listen", settings.listen.description, "--until-run-finished"]
                + configuration + ["--until-end-of-input"]
        }
    }

    private func worker(_ stage: Stage) -> ChildPlan {
        let name = "\(stage.rawValue)-1"
        return ChildPlan(
            member: .init(name: name, announces: false, stopGroup: 0, isLead: false), announcement: nil
        ) {
            let coordinator = try announced(directory.coordinator)
            var arguments = [
                "worker", "--stage", stage.rawValue, "--id", name, "--coordinator", coordinator.endpoint.description,
                "--data",
                directory.worker(name),
            ]
            arguments += try outside(of: stage)
            // The sandbox answers in less than half a second; a real outside is not asked so often.
            if settings.sandbox { arguments += ["--poll-milliseconds", "200"] }
            // A coordinator of the same set that does not answer has gone, and comes back with this worker only.
            return arguments + configuration + ["--drain-milliseconds", "3000", "--until-end-of-input"]
        }
    }

    private var configuration: [String] { settings.configuration.map { ["--config", $0] } ?? [] }

    func announced(_ file: String) throws -> Announcement {
        guard let found = directory.announcement(at: file) else {
            throw Failure(.bug, "\(file): expected an address, got no readable file")
        }
        return found
    }
}
