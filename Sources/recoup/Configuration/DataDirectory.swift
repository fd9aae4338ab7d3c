// Owns: what lies where in a data directory. Knows nothing of who put it there.
import Arrears
import BusinessDay
import Foundation
import Ledger

/// The names of the files in a data directory.
struct DataDirectory: Sendable {
    var path: String

    init(_ path: String) {
        self.path = URL(fileURLWithPath: path).standardizedFileURL.path
    }

    var topology: String { "\(path)/topology.json" }
    var coordinator: String { "\(path)/coordinator.json" }
    /// The sandbox's own directory, with its record of effects.
    var sandbox: String { "\(path)/sandbox" }
    var sandboxAddress: String { "\(sandbox)/sandbox.json" }
    var orders: String { "\(path)/orders" }
    var disclosures: String { "\(path)/disclosures.jsonl" }
    var agencies: String { "\(path)/agencies" }
    var legal: String { "\(path)/legal" }
    var token: String { "\(path)/gateway.token" }
    func log(_ name: String) -> String { "\(path)/logs/\(name).log" }
    func worker(_ name: String) -> String { "\(path)/workers/\(name)" }

    /// Makes the directory and those under it; nobody but the owner may look inside, for it holds personal data.
    func create() throws {
        for directory in [path, "\(path)/logs", "\(path)/workers", orders, agencies, legal] {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
    }

    func announcement(at file: String) -> Announcement? { try? readJSON(Announcement.self, from: file) }

    /// The coordinator that works on this directory now, if it stands on this machine.
    var liveCoordinator: Announcement? {
        announcement(at: coordinator).flatMap { $0.isLive ? $0 : nil }
    }

    /// The runs whose orders no coordinator has taken yet.
    var waitingOrders: [RunID] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: orders)) ?? []
        return names.filter { $0.hasSuffix(".json") }.map { RunID(String($0.dropLast(5))) }
    }

    /// The next run of a date: `2026-11-20-1`, `2026-11-20-2`, …. The run's directory is made here, which only one can do:
    /// two commands never give their orders the same name.
    func claimRun(asOf: CalendarDate) throws -> RunID {
        let known = store.hasLedger ? Set(try store.reader().runs().map(\.id)) : []
        try FileManager.default.createDirectory(atPath: "\(path)/runs", withIntermediateDirectories: true)
        for number in 1... {
            let run = RunID("\(asOf.iso)-\(number)")
            let folder = RunFiles(dataDirectory: path, run: run).directory
            if known.contains(run) { continue }
            if mkdir(folder, 0o700) == 0 { return run }
            let number = errno
            guard number == EEXIST else {
                throw Failure(.ledgerUnavailable, "\(folder): cannot be made: \(String(cString: strerror(number)))")
            }
        }
        preconditionFailure("more runs of \(asOf) than there are numbers")
    }

    /// A run of this directory's ledger.
    /// - Parameter wanted: nil: the latest.
    func run(_ wanted: RunID?, in ledger: any LedgerReading) throws -> RunRecord {
        guard let record = try wanted.map({ try ledger.run($0) }) ?? ledger.runs().first else {
            throw Failure(
                .nothingFound, "\(store.place): expected run \(wanted?.text ?? "of any id"), got no such run")
        }
        return record
    }
}
