// Owns: numbers that look random and are a function of a seed. Knows no entropy.

/// SplitMix64 (Steele, Lea, Flood 2014): small, fast, and the same on every machine.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// A generator for one item of a kind, independent of all others of the same seed.
    package init(seed: UInt64, kind: UInt64, index: Int) {
        var mixer = SplitMix64(seed: seed ^ (kind &* 0xD6E8_FEB8_6659_FD93))
        state = mixer.next() ^ (UInt64(bitPattern: Int64(index)) &* 0x9E37_79B9_7F4A_7C15)
        _ = next()
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A number from 0 up to and without `bound`.
    package mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "a number below \(bound)")
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    package mutating func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    /// True in this many cases of 10,000.
    package mutating func chance(_ perTenThousand: Int) -> Bool { below(10_000) < perTenThousand }

    package mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[below(choices.count)] }

    /// A choice with the weight that stands beside it.
    package mutating func weighted<Choice>(_ choices: [(Choice, weight: Int)]) -> Choice {
        var rest = below(choices.reduce(0) { $0 + $1.weight })
        for (choice, weight) in choices {
            if rest < weight { return choice }
            rest -= weight
        }
        preconditionFailure("weights that do not add up")
    }

    /// An amount around a median, skewed as balances are: half lie within a factor of about 1.7, few beyond one of 8.
    /// Four dice make the exponent nearly normal; between powers of two the curve is a straight line.
    package mutating func skewed(median: Int) -> Int {
        var exponent = 0
        for _ in 0..<4 { exponent += below(65_536) - 32_768 }
        // The exponent is in 1/32,768 of a doubling; its deviation is 1.15 doublings.
        let whole = exponent >= 0 ? exponent / 32_768 : (exponent - 32_767) / 32_768
        let fraction = exponent - whole * 32_768
        let scaled = median * (32_768 + fraction) / 32_768
        return whole >= 0 ? scaled << whole : scaled >> -whole
    }
}
