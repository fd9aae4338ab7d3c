// Owns: the only place where the coordinator reads a clock.
import Arrears
import Foundation
import Leasing

/// The two clocks of the coordinator.
public struct BusinessClock: Sendable {
    /// Business time at `originUptime`; nil: the wall clock.
    private let simulatedStart: Timestamp?
    private let originUptime: Int64
    private let uptime: @Sendable () -> Int64

    public init(simulatedStart: Timestamp?) { self.init(simulatedStart: simulatedStart, uptime: BusinessClock.uptime) }

    /// - Parameter uptime: milliseconds of a clock that never jumps.
    package init(simulatedStart: Timestamp?, uptime: @escaping @Sendable () -> Int64) {
        self.simulatedStart = simulatedStart
        self.uptime = uptime
        originUptime = uptime()
    }

    public func now() -> Now {
        let uptime = uptime()
        if let simulatedStart {
            return Now(
                uptime: uptime, wall: simulatedStart.adding(milliseconds: uptime - originUptime),
                machine: BusinessClock.wall())
        }
        return Now(uptime: uptime, wall: BusinessClock.wall())
    }

    /// Milliseconds since the machine started, time asleep included: a lease runs out for a sleeper too.
    @Sendable public static func uptime() -> Int64 { read(CLOCK_BOOTTIME) }

    public static func wall() -> Timestamp { Timestamp(milliseconds: read(CLOCK_REALTIME)) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        precondition(clock_gettime(clock, &time) == 0, "clock \(clock) cannot be read")
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// Time zones by name, as the system knows them.
public enum Zones {
    /// The moment at which a local clock shows `minute` on `date` in the zone.
    /// - Returns: nil when the system does not know the zone.
    public static func moment(_ date: CalendarDate, minute: Int, zone name: String) -> Timestamp? {
        guard let zone = TimeZone(identifier: name) else { return nil }
        let local = Int64(date.dayNumber) * 86_400 + Int64(minute) * 60
        // The offset is that of the local moment; a second look settles the hours around a change of clocks.
        var utc = local - Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(local))))
        utc = local - Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(utc))))
        return Timestamp(milliseconds: utc * 1_000)
    }

    /// The day that the moment falls on in the zone.
    public static func date(of moment: Timestamp, zone name: String) -> CalendarDate? {
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
