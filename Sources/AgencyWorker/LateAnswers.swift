// Owns: answers that come after their batch was settled → news. Knows nothing of leases.
import Arrears
import SystemParts
import WorkerKit

extension AgencyHandler {
    /// Events in one report, so that it stays well within a frame.
    private static let eventsPerReport = 500

    /// A file in an inbox, as far as it is anybody's business here.
    private enum LateFile {
        /// Still awaited by a lease, put away, or refused.
        case done
        case news(AnswerName, [CaseEvent])
    }

    package func tend(report: @Sendable ([CaseEvent]) async throws -> Void) async throws {
        for agency in attempt({ try exchange.agencies() }) ?? [] {
            let inbox = AgencyFolder(root: exchange.root, agency: agency).inbox
            for file in attempt({ try DurableFiles.names(in: inbox) }) ?? [] where isCSV(file) {
                guard case .news(let name, let events)? = attempt({ try look(at: file, of: agency) }) else { continue }
                var rest = events[...]
                while !rest.isEmpty {
                    try await report(Array(rest.prefix(AgencyHandler.eventsPerReport)))
                    rest = rest.dropFirst(AgencyHandler.eventsPerReport)
                }
                // Only now: a crash before this reports the same events again, under the same ids.
                _ = attempt {
                    try exchange.inFolder(agency) { folder in
                        try folder.process(name)
                        if try folder.settlement(of: name.batch) != nil { try folder.moveToSent(name.batch) }
                    }
                }
            }
        }
    }

    /// Any file of CSV, also one whose ending is not written as ours is: it is refused with a reason, and does not lie
    /// unread.
    private func isCSV(_ file: String) -> Bool { file.lowercased().hasSuffix(".csv") }

    private func look(at file: String, of agency: String) throws -> LateFile {
        try exchange.inFolder(agency) { folder in
            func refused(_ reason: String) throws -> LateFile {
                try folder.refuse(file: file, because: reason)
                return .done
            }
            guard DurableFiles.exists("\(folder.inbox)/\(file)") else { return .done }
            guard let name = AnswerName(file: file), name.batch.agency == agency else {
                return try refused("file name: expected <batch>.ack.csv or <batch>.results.csv, got another")
            }
            guard let batch = try folder.placed(name.batch) else {
                return try refused("file name: expected a batch that was placed with \(agency), got another")
            }
            guard !folder.isProcessed(name) else {
                return try refused("file name: expected one that was not taken before, such as the next number")
            }
            guard let settlement = try folder.settlement(of: name.batch) else {
                // A lease, or an inquiry after a crash, waits for it. Later files wait behind the first.
                return .done
            }
            if settlement.covers(name.kind) {
                try folder.fileAway(name.batch, settlement)
                return .done
            }
            do {
                guard let bytes = try folder.waiting(name) else { return .done }
                switch name.kind {
                case .acknowledgement:
                    return .news(name, AgencyOutcomes.events(in: try Acknowledgement(bytes, for: batch), of: name))
                case .results:
                    return .news(name, AgencyOutcomes.events(in: try AgencyResults(bytes, for: batch), of: name))
                }
            } catch let fault as AnswerFault {
                return try refused(fault.description)
            } catch let fault as DurableFileFault where fault.code == .notRegular || fault.code == .tooLarge {
                return try refused(fault.description)
            }
        }
    }
}
