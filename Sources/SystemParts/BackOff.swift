// Owns: how long to wait before the next attempt to connect. Knows no clock; randomness is one seed.

/// Exponential back-off with full jitter: a random part of a span that doubles from 250 ms to 15 s, so that workers which
/// lost the same coordinator do not all come back at once.
package struct BackOff: Sendable {
    static let first: Int64 = 250
    static let longest: Int64 = 15_000

    private var span = BackOff.first
    private var random: SplitMix64

    package init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// Milliseconds.
    package mutating func next() -> Int64 {
        let wait = Int64(random.next() % UInt64(span)) + 1
        span = min(BackOff.longest, span * 2)
        return wait
    }

    /// A connection was accepted.
    package mutating func reset() { span = BackOff.first }
}
