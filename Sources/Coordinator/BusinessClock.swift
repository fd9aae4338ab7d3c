// Owns: the only place where the coordinator reads a clock.
import Arrears
import Foundation
import Leasing

/// What a machine knows of time; played in tests and simulations.
package struct MachineClock: Sendable {
    /// Milliseconds of a clock that never jumps.
    package var uptime: @Sendable () -> Int64
    package var wall: @Sendable () -> Timestamp

    package init(
        uptime: @escaping @Sendable () -> Int64, wall: @escaping @Sendable () -> Timestamp = MachineClock.system.wall
    ) {
        self.uptime = uptime
        self.wall = wall
    }

    /// Uptime is the time since the machine started, time asleep included: a lease runs out for a sleeper too.
    package static let system = MachineClock(
        uptime: { read(CLOCK_BOOTTIME) }, wall: { Timestamp(milliseconds: read(CLOCK_REALTIME)) })

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        precondition(clock_gettime(clock, &time) == 0, "clock \(clock) cannot be read")
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// The two clocks of the coordinator.
package struct BusinessClock: Sendable {
    /// Business time at `originUptime`; nil: the wall clock.
    private let simulatedStart: Timestamp?
    private let originUptime: Int64
    private let machine: MachineClock

    package init(simulatedStart: Timestamp?, machine: MachineClock = .system) {
        self.simulatedStart = simulatedStart
        self.machine = machine
        originUptime = machine.uptime()
    }

    package func now() -> Now {
        let (uptime, wall) = (machine.uptime(), machine.wall())
        guard let simulatedStart else { return Now(uptime: uptime, wall: wall) }
        return Now(
            uptime: uptime, wall: simulatedStart.adding(milliseconds: uptime - originUptime), machine: wall)
    }
}
