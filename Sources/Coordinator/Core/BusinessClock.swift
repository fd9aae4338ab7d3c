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

/// Time zones by name, as the system knows them.
package enum Zones {
    /// The moment at which a local clock shows `minute` on `date` in the zone.
    /// - Returns: nil when the system does not know the zone.
    package static func moment(_ date: CalendarDate, minute: Int, zone name: String) -> Timestamp? {
        guard let zone = TimeZone(identifier: name) else { return nil }
        let local = Int64(date.dayNumber) * 86_400 + Int64(minute) * 60
        // The offset is that of the local moment; a second look settles the hours around a change of clocks.
        var utc = local - Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(local))))
        utc = local - Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(utc))))
        return Timestamp(milliseconds: utc * 1_000)
    }

    /// The day that the moment falls on in the zone.
    package static func date(of moment: Timestamp, zone name: String) -> CalendarDate? {
        guard let zone = TimeZone(identifier: name) else { return nil }
        let seconds = moment.milliseconds.quotientRoundedDown(by: 1_000)
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds)))
        return CalendarDate(dayNumber: Int((seconds + Int64(offset)).quotientRoundedDown(by: 86_400)))
    }
}

extension Int64 {
    fileprivate func quotientRoundedDown(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
