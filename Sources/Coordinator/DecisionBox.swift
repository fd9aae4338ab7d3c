// Owns: decisions that people leave as files for a coordinator at work. Knows nothing of what they decide.
import Arrears
import BusinessDay
import Foundation
import Leasing

/// `DIR/decisions/<task>.json`: decisions left for a coordinator at work, each written whole under another name and
/// renamed; removed when it is in the ledger, kept under `.refused` when it changed nothing.
package struct DecisionBox: Sendable {
    package let directory: String

    package init(dataDirectory: String) { directory = "\(dataDirectory)/decisions" }

    /// A decision as it lies there; nil: it cannot be read.
    struct Waiting {
        var path: String
        var decision: Decision?
    }

    /// Leaves a decision for the coordinator; an earlier one on the same task is replaced.
    package func put(_ decision: Decision) throws(FileFault) {
        let path = path(of: decision.task)
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            unlink(path + ".refused")
            try JSONEncoder().encode(decision).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw FileFault(path: path, reason: "cannot be written: \(error.localizedDescription)")
        }
    }

    /// Whether the coordinator took the decision: nil while it has not looked.
    package func isTaken(_ task: TaskID) -> Bool? {
        let path = path(of: task)
        if FileManager.default.fileExists(atPath: path) { return nil }
        return !FileManager.default.fileExists(atPath: path + ".refused")
    }

    /// What lies there, in order of name.
    func waiting() -> [Waiting] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().map { name in
            let path = "\(directory)/\(name)"
            let data = FileManager.default.contents(atPath: path)
            return Waiting(path: path, decision: data.flatMap { try? JSONDecoder().decode(Decision.self, from: $0) })
        }
    }

    /// After the commit.
    func done(_ waiting: Waiting, _ verdict: Verdict) throws(FileFault) {
        if verdict == .accepted {
            unlink(waiting.path)
        } else if rename(waiting.path, waiting.path + ".refused") != 0 {
            throw FileFault(path: waiting.path, reason: "changed nothing, and cannot be put aside")
        }
    }

    private func path(of task: TaskID) -> String { "\(directory)/\(task).json" }
}
