// Owns: telling one process from another that later has its number. Knows nothing of what the process does.
import Foundation

/// A process for ever: its number, and the tick of the kernel's clock at which it started.
struct ProcessIdentity: Codable, Hashable, Sendable {
    var pid: Int32
    /// Clock ticks after boot, field 22 of `/proc/PID/stat`.
    var startTick: UInt64

}

extension ProcessIdentity {
    static var current: ProcessIdentity? { ProcessIdentity(running: getpid()) }

    /// The process that has this number now; nil when there is none, or only its remains.
    init?(running pid: Int32) {
        guard pid > 0, let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        // The second field is the name in brackets and may hold anything: the rest starts after the last bracket.
        let text = String(decoding: data, as: UTF8.self)
        guard let bracket = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: bracket)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X", let tick = UInt64(fields[19]) else { return nil }
        self.pid = pid
        self.startTick = tick
    }

    var isAlive: Bool { ProcessIdentity(running: pid) == self }

    /// Sends the signal, unless the process has gone or its number has passed to another one.
    func send(_ signal: Int32) {
        if isAlive { _ = kill(pid, signal) }
    }

    /// SIGTERM, then SIGKILL for what still lives after `grace`. Returns when it has gone.
    func end(grace: Duration) async {
        send(SIGTERM)
        let clock = ContinuousClock()
        let deadline = clock.now + grace
        var killed = false
        while isAlive {
            if clock.now >= deadline, !killed {
                send(SIGKILL)
                killed = true
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }
}
