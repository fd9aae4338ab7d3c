// Owns: what a simulation tells of itself: a fingerprint of everything, and lines for a person who listens.

/// The words of a play. They are made only when somebody listens: a seed that fails is played again to be read.
struct Trace {
    /// A fingerprint of every event, in order: the same for the same seed.
    private(set) var fingerprint: UInt64 = 0xcbf2_9ce4_8422_2325
    private let tell: ((String) -> Void)?

    init(telling tell: ((String) -> Void)?) { self.tell = tell }

    mutating func add(_ at: Int64, _ who: String, _ number: UInt64, _ text: @autoclosure () -> String) {
        mix(UInt64(bitPattern: at))
        mix(number)
        mix(who)
        guard let tell else { return }
        tell("\(Self.clock(at))  \(Self.wide(who))  \(text())")
    }

    mutating func mix(_ number: UInt64) {
        fingerprint = (fingerprint ^ number) &* 0x9e37_79b9_7f4a_7c15
        fingerprint ^= fingerprint >> 29
    }

    mutating func mix(_ text: String) {
        for byte in text.utf8 { mix(UInt64(byte)) }
    }

    private static func clock(_ at: Int64) -> String {
        let seconds = String(at / 1_000)
        let rest = String(at % 1_000 + 1_000).dropFirst()
        return String(repeating: " ", count: max(0, 4 - seconds.count)) + seconds + "." + rest
    }

    private static func wide(_ who: String) -> String {
        who + String(repeating: " ", count: max(0, 11 - who.count))
    }
}
