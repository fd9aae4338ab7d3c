// Owns: how long to wait before the next attempt to connect. Knows no clock; randomness is one seed.

/// Exponential back-off with full jitter: a random part of a span that doubles from 250 ms to 15 s, so that workers which
/// lost the same coordinator do not all come back at once.
struct BackOff: Hashable, Sendable {
    static let first: Int64 = 250
    static let longest: Int64 = 15_000

    private var span = BackOff.first
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// Milliseconds.
    mutating func next() -> Int64 {
        let wait = Int64(random() % UInt64(span)) + 1
        span = min(BackOff.longest, span * 2)
        return wait
    }

    /// A connection was accepted.
    mutating func reset() { span = BackOff.first }

    /// A step of a Weyl sequence, its bits mixed.
    private mutating func random() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
