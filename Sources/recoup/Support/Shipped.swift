// Owns: finding the files that ship with Recoup (default policy, templates). Knows nothing of what they say.
import Foundation

enum Shipped {
    /// The path of a shipped file or directory, such as `policies/cn-consumer.yaml`: under RECOUP_HOME, beside the
    /// executable or above it (a build from source), under `share/recoup` of its prefix, or in the current directory.
    static func path(_ relative: String) throws -> String {
        let candidates = homes.map { "\($0)/\(relative)" }
        if let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) { return found }
        throw Failure(
            .usage,
            "\(relative): expected it in one of \(homes.joined(separator: ", ")); set RECOUP_HOME to the project's directory"
        )
    }

    private static var homes: [String] {
        if let home = ProcessInfo.processInfo.environment["RECOUP_HOME"], !home.isEmpty { return [home] }
        var homes: [String] = []
        if let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            var directory = URL(fileURLWithPath: executable).deletingLastPathComponent()
            homes.append(directory.deletingLastPathComponent().appendingPathComponent("share/recoup").path)
            // `.build/x86_64-unknown-linux-gnu/debug/recoup` stands four steps below the project.
            for _ in 0..<4 {
                homes.append(directory.path)
                directory = directory.deletingLastPathComponent()
            }
        }
        homes.append(FileManager.default.currentDirectoryPath)
        return homes
    }
}
