// Owns: writing to the two streams. Results go to standard output, everything else to standard error.
import Arrears
import Foundation
import Synchronization

enum Terminal {
    static func result(_ text: String) { write(line(text), to: STDOUT_FILENO) }

    static func note(_ text: String) { write(line(text), to: STDERR_FILENO) }

    /// Our own line ends, columns and colours stay; whatever else of a book, a policy or an answer would move the cursor or turn
    /// the direction of the text is shown by its name. Escape characters never come from a book: its reader refuses them.
    private static func line(_ text: String) -> [UInt8] {
        let shown = ShownText.escaped(text, keeping: ["\n", "\t", "\u{1b}"])
        return Array((shown.hasSuffix("\n") ? shown : shown + "\n").utf8)
    }

    /// A result that may be no text.
    static func result(bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }

    /// Without a line end: for the live line.
    static func draw(_ text: String) { write(Array(text.utf8), to: STDERR_FILENO) }

    static func json(_ value: some Encodable) throws {
        result(ShownText.escapedInJSON(String(decoding: try readableJSON(value), as: UTF8.self)))
    }

    /// Progress may redraw a line.
    static var isLive: Bool { isatty(STDERR_FILENO) == 1 && !isDumb }

    /// Colour on standard output, unless the person said no.
    static var usesColour: Bool {
        isatty(STDOUT_FILENO) == 1 && !isDumb && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
    }

    /// Columns of the stream's terminal; `fallback` where it is none.
    static func width(of descriptor: Int32 = STDOUT_FILENO, fallback: Int = 100) -> Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return fallback }
        return Int(size.ws_col)
    }

    private static var isDumb: Bool { ProcessInfo.processInfo.environment["TERM"] == "dumb" }

    /// Two tasks may speak at once; a line is never torn.
    private static let gate = Mutex<Void>(())

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        gate.withLock { _ in
            var bytes = bytes[...]
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count < 0 {
                    if errno == EINTR || errno == EAGAIN { continue }
                    return  // The reader has gone (`recoup report | head`): nobody is left to tell.
                }
                bytes = bytes.dropFirst(count)
            }
        }
    }
}

/// Lines whose columns stand under each other.
struct TextTable {
    enum Alignment { case left, right }
    var columns: [(title: String, alignment: Alignment)]
    var rows: [[String]] = []

    init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

    mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "expected \(columns.count) cells, got \(cells.count)")
        rows.append(cells)
    }

    var text: String {
        let all = [columns.map(\.title)] + rows
        let widths = columns.indices.map { index in all.map { $0[index].count }.max() ?? 0 }
        let lines = all.map { cells in
            let padded = cells.indices.map { index in
                let space = String(repeating: " ", count: widths[index] - cells[index].count)
                return columns[index].alignment == .left ? cells[index] + space : space + cells[index]
            }
            return ("  " + padded.joined(separator: "  ")).trimmingTrailingSpaces
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    var trimmingTrailingSpaces: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

/// `12345` as `12,345`.
func grouped(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
        text.append(digit)
    }
    return (number < 0 ? "-" : "") + text
}

/// A moment in UTC, as `2026-11-20T10:00:00Z`.
func utc(milliseconds: Int64) -> String {
    Date(timeIntervalSince1970: TimeInterval(milliseconds) / 1_000).formatted(.iso8601)
}
