// Owns: which call scripts are approved: the files of a directory, read once at the start.
import Foundation

/// The approved scripts: files named `<id>.<lang>.md`. Collectors read them in the dialer; the worker only sees to it
/// that no call is queued under a script that nobody approved.
package struct ScriptLibrary: Sendable {
    private let ids: Set<String>

    /// - Throws: `ScriptLibraryError` when there is no script.
    package init(directory: String) throws(ScriptLibraryError) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        ids = Set(
            names.compactMap { name -> String? in
                let parts = name.split(separator: ".", omittingEmptySubsequences: false)
                return parts.count == 3 && parts[2] == "md" && !parts[0].isEmpty ? String(parts[0]) : nil
            })
        guard !ids.isEmpty else {
            throw ScriptLibraryError(
                description: "\(directory): expected a directory with scripts like standard-call.en.md, got none")
        }
    }

    package func contains(_ id: String) -> Bool { ids.contains(id) }
}

package struct ScriptLibraryError: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String
}
