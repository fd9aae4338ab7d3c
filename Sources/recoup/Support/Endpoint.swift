// Owns: where a process listens, and the file in which it says so. Knows nothing of what it listens for.
import ArgumentParser
import Foundation

/// Where a process listens, or where one is found.
struct Endpoint: Codable, Hashable, Sendable, CustomStringConvertible {
    var host: String
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `HOST:PORT`, `[IPv6]:PORT`; nil for anything else.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: host, port: port)
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension Endpoint: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}

/// Where a listening process is found: DIR/coordinator.json, DIR/sandbox.json.
struct Announcement: Codable, Hashable, Sendable {
    var host: String
    var port: Int
    var pid: Int32

    var endpoint: Endpoint { Endpoint(host: host, port: port) }

    /// The process that wrote it still lives: one with its number that is a recoup, not whatever got the number since.
    var isLive: Bool {
        guard ProcessIdentity(running: pid) != nil,
            let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline")
        else { return false }
        let name = line.prefix { $0 != 0 }
        return String(decoding: name, as: UTF8.self).split(separator: "/").last == "recoup"
    }
}
