// Owns: where a run keeps its files. Reads and writes none.
import Arrears

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
