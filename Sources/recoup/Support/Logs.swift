// Owns: how log lines look: one line each on standard error, with the time, no personal data. Knows nothing of who logs.
import Foundation
import Logging

/// `2026-11-20T10:00:00Z info coordinator: worker joined id=sms-1`
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    private let label: String

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let pairs = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        let time = Date().formatted(.iso8601)
        Terminal.note("\(time) \(event.level) \(label): \(event.message)\(pairs)".replacing("\n", with: " | "))
    }
}

func makeLogger(_ label: String) -> Logger {
    Logger(label: label) { LineLogHandler(label: $0) }
}
