// Owns: what a simulation tells of itself: a fingerprint of everything, and the last lines for a person.

/// The words of a run. The lines are made only when they are kept: a seed that fails is run again to be read.
struct Trace {
    /// A fingerprint of every event, in order: the same for the same seed.
    private(set) var fingerprint: UInt64 = 0xcbf2_9ce4_8422_2325
    private var kept: [String] = []
    private var next = 0
    private let limit: Int

    init(keeping limit: Int) { self.limit = limit }

    mutating func say(_ at: Int64, _ who: String, _ number: UInt64, _ text: @autoclosure () -> String) {
        mix(UInt64(bitPattern: at))
        mix(number)
        for byte in who.utf8 { mix(UInt64(byte)) }
        guard limit > 0 else { return }
        let line = "\(Self.clock(at))  \(Self.wide(who))  \(text())"
        if kept.count < limit { kept.append(line) } else { kept[next] = line }
        next = (next + 1) % limit
    }

    /// The oldest first.
    var lines: [String] { kept.count < limit ? kept : Array(kept[next...] + kept[..<next]) }

    private mutating func mix(_ number: UInt64) {
        fingerprint = (fingerprint ^ number) &* 0x9e37_79b9_7f4a_7c15
        fingerprint ^= fingerprint >> 29
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
