// Owns: the folder in which other systems leave files of events, and what becomes of each. Knows nothing of what is told.
import Arrears
import BusinessDay
import Foundation
import Leasing
import Ledger
import SystemParts

/// `DIR/events/*.jsonl`: each written whole under another name and renamed. A file that is in the ledger is removed; one
/// that cannot be taken is kept as `<file>.refused`, with the reason in `<file>.reason.txt`.
package struct EventBox: Sendable {
    package let directory: String

    package init(dataDirectory: String) { directory = "\(dataDirectory)/events" }

    /// A file as it lies there.
    struct Waiting {
        var name: String
        var content: Result<EventFile, EventRefusal>
    }

    /// Leaves events for the coordinator; a new name each time.
    /// - Returns: the file's name.
    package func put(_ bytes: [UInt8]) throws(DurableFileFault) -> String {
        let name = "\(UUID().uuidString.lowercased()).jsonl"
        try DurableFiles.makeFolder(directory)
        try DurableFiles.write(bytes, to: path(name))
        return name
    }

    /// Whether the coordinator took the file: nil while it has not looked; else why not, and no reason when it did.
    package func fate(of name: String) -> String?? {
        if DurableFiles.exists(path(name)) { return nil }
        guard DurableFiles.exists(path(name) + ".refused") else { return .some(nil) }
        let reason = (try? DurableFiles.read(path(name) + ".reason.txt", limit: 1 << 20)) ?? nil
        return String(decoding: reason ?? Array("no reason was kept".utf8), as: UTF8.self)
    }

    /// The first in order of name; one a turn, so that workers are heard between them.
    func next() -> Waiting? {
        let names = (try? DurableFiles.names(in: directory)) ?? []
        guard let name = names.first(where: { $0.hasSuffix(".jsonl") }) else { return nil }
        return Waiting(name: name, content: read(name))
    }

    private func read(_ name: String) -> Result<EventFile, EventRefusal> {
        do throws(DurableFileFault) {
            guard let bytes = try DurableFiles.read(path(name), limit: EventFile.mostBytes) else {
                return .failure(EventRefusal(reason: "\(name): it is gone"))
            }
            do throws(DocumentFaults) {
                return .success(try EventFile(bytes, name: name))
            } catch {
                return .failure(EventRefusal(reason: error.description))
            }
        } catch {
            return .failure(EventRefusal(reason: error.description))
        }
    }

    /// Brings a file's events into the ledger.
    /// - Returns: how many were new, or why none was kept.
    func take(
        _ waiting: Waiting, into ledger: any LedgerTransaction, at: Timestamp
    ) throws -> Result<Int, EventRefusal> {
        switch waiting.content {
        case .failure(let refusal): return .failure(refusal)
        case .success(let file):
            do {
                return .success(try file.take(into: ledger, name: waiting.name, at: at))
            } catch let faults as DocumentFaults {
                return .failure(EventRefusal(reason: faults.description))
            }
        }
    }

    /// After the commit.
    func done(_ name: String, _ result: Result<Int, EventRefusal>) throws(DurableFileFault) {
        guard case .failure(let refusal) = result else { return try DurableFiles.remove(path(name)) }
        try DurableFiles.write(Array((refusal.reason + "\n").utf8), to: path(name) + ".reason.txt")
        try DurableFiles.move(path(name), to: path(name) + ".refused")
    }

    private func path(_ name: String) -> String { "\(directory)/\(name)" }
}

/// Why a file of events is not taken.
package struct EventRefusal: Error, Hashable, Sendable {
    package var reason: String
}
