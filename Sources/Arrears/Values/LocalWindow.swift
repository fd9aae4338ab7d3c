// Owns: a span of local time on a day, and how it is written.

/// A span of local time on one day, in minutes since midnight; `from` is allowed, `to` is not.
package struct LocalWindow: Hashable, Sendable, Codable {
    package var fromMinute: Int
    package var toMinute: Int

    package static let wholeDay = LocalWindow(fromMinute: 0, toMinute: 24 * 60)

    /// What both windows allow; empty when `fromMinute >= toMinute`.
    package func intersection(_ other: LocalWindow) -> LocalWindow {
        LocalWindow(fromMinute: max(fromMinute, other.fromMinute), toMinute: min(toMinute, other.toMinute))
    }

    package var isEmpty: Bool { fromMinute >= toMinute }

    /// `08:00`.
    package static func clock(_ minute: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
        return "\(two(minute / 60)):\(two(minute % 60))"
    }
}

extension LocalWindow {
    /// Minutes since midnight of `HH:MM`, `00:00` to `24:00`; nil when the text is no such time.
    package static func minute(clock text: some StringProtocol) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
        var digits: [Int] = []
        for index in [0, 1, 3, 4] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { return nil }
            digits.append(Int(bytes[index] - UInt8(ascii: "0")))
        }
        let hour = digits[0] * 10 + digits[1]
        let minute = digits[2] * 10 + digits[3]
        guard minute < 60, hour < 24 || (hour == 24 && minute == 0) else { return nil }
        return hour * 60 + minute
    }
}
