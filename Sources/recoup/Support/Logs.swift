// Owns: how log lines look: one line each on standard error, with the time, no personal data. Knows nothing of who logs.
import Arrears
import ArgumentParser
import Foundation
import Logging

/// How a line is written. The processes of an embedded run write as the one that started them.
enum LogFormat: String, CaseIterable, ExpressibleByArgument {
    /// For people: `2026-11-20T10:00:00Z info coordinator: worker joined worker=sms-1`
    case logfmt
    /// For machines: an object a line.
    case json

    private static let variable = "RECOUP_LOG_FORMAT"

    static let current = ProcessInfo.processInfo.environment[variable].flatMap(LogFormat.init) ?? .logfmt

    /// Before the first line is written.
    func use() { setenv(Self.variable, rawValue, 1) }
}

struct LogOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How log lines are written: logfmt or json. Default: RECOUP_LOG_FORMAT of the environment, or logfmt.",
            valueName: "format"))
    var logFormat: LogFormat?

    func use() { logFormat?.use() }
}

/// One line of a log, whatever stands in its values: none of them ends the line, begins another or moves a terminal's cursor.
struct LogLine {
    var time: String
    var level: String
    var logger: String
    var message: String
    /// In order of name.
    var fields: [(name: String, value: String)]

    func text(_ format: LogFormat) -> String {
        switch format {
        case .logfmt:
            let pairs = fields.map { " \(ShownText.escaped($0.name))=\(Self.quoted($0.value))" }.joined()
            return "\(time) \(level) \(ShownText.escaped(logger)): \(ShownText.escaped(message))\(pairs)"
        case .json: return json
        }
    }

    /// A value with anything that could be taken for the end of it stands in quotes.
    private static func quoted(_ value: String) -> String {
        let isPlain =
            !value.isEmpty && !value.unicodeScalars.contains { " =\"\\".unicodeScalars.contains($0) || !$0.isShown }
        guard !isPlain else { return value }
        let inside = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(ShownText.escaped(inside))\""
    }

    private var json: String {
        struct Object: Encodable {
            var time: String
            var level: String
            var logger: String
            var message: String
            var fields: [String: String]
        }
        let object = Object(
            time: time, level: level, logger: logger, message: message,
            fields: Dictionary(fields.map { ($0.name, $0.value) }) { $1 })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings always have JSON.
        let text = (try? encoder.encode(object)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        return ShownText.escapedInJSON(text)
    }
}

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
        let line = LogLine(
            time: Date().formatted(.iso8601), level: event.level.rawValue, logger: label, message: "\(event.message)",
            fields: all.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") })
        Terminal.note(line.text(.current))
    }
}

func makeLogger(_ label: String) -> Logger {
    Logger(label: label) { LineLogHandler(label: $0) }
}
