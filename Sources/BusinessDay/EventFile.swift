// Owns: a file of events, a line each, as JSON. Knows nothing of where it lies and of what becomes of it.
import Arrears
import Documents
import Foundation

/// Events that were told together: all of a file, or none.
package struct EventFile: Hashable, Sendable {
    /// More are split over several files, so that no turn of the coordinator's loop is long.
    package static let mostEvents = 1_000
    package static let mostBytes = 2 * 1_024 * 1_024

    package var events: [RegisterEvent]

    /// Reads a file: JSON Lines, UTF-8, one object a line; empty lines are passed over.
    /// - Parameter name: the file's, for the faults.
    /// - Throws: every fault of every line, without personal data; also where it has no event or too many.
    package init(_ bytes: [UInt8], name: String) throws(DocumentFaults) {
        var events: [RegisterEvent] = []
        var faults: [DocumentFault] = []
        var told: [[String]: RegisterEvent] = [:]
        func fault(_ line: Int, _ expected: String, _ got: String) {
            faults.append(DocumentFault(line: line, path: "event", expected: expected, got: got))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw DocumentFaults(
                source: name,
                faults: [DocumentFault(line: 1, path: "file", expected: "UTF-8", got: "other bytes")])
        }
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard !line.allSatisfy(\.isWhitespace) else { continue }
            guard events.count < Self.mostEvents else {
                fault(index + 1, "at most \(Self.mostEvents) events in a file", "more")
                break
            }
            do throws(DocumentFaults) {
                let event = try Self.event(String(line), name: name)
                if let other = told.updateValue(event, forKey: [event.source, event.id]), other != event {
                    fault(index + 1, "one event under an id", "another under \(event.source) \(event.id)")
                }
                events.append(event)
            } catch {
                faults += error.faults.map { fault in
                    var fault = fault
                    fault.line = index + 1
                    return fault
                }
            }
        }
        if events.isEmpty && faults.isEmpty { fault(1, "at least one event", "none") }
        guard faults.isEmpty else { throw DocumentFaults(source: name, faults: faults) }
        self.events = events
    }

    private static func event(_ line: String, name: String) throws(DocumentFaults) -> RegisterEvent {
        // JSON is read as the YAML that it is, for the faults' sake; what is YAML only is no event.
        guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)), object is [String: Any] else {
            throw DocumentFaults(
                source: name,
                faults: [DocumentFault(line: 1, path: "event", expected: "an object of JSON", got: "something else")])
        }
        return try RegisterEvent(document: readDocument(yaml: line, source: name), source: name)
    }
}
