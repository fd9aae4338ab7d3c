// Owns: moments ↔ local days and clock times of a zone, as the system knows them.
import Arrears
import Foundation

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
