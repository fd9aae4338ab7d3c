// Owns: seeds as they are written on the command line.
import ArgumentParser

/// `A..B` or `A`.
struct SeedRange: ExpressibleByArgument, Sendable {
    var first: UInt64
    var last: UInt64
    var count: Int { Int(last - first) + 1 }

    init(first: UInt64, last: UInt64) {
        self.first = first
        self.last = last
    }

    init?(argument: String) {
        let parts = argument.split(separator: ".", omittingEmptySubsequences: true).map { UInt64($0) }
        guard (1...2).contains(parts.count), let first = parts[0], let last = parts[parts.count - 1], first <= last,
            last - first < 1 << 32
        else { return nil }
        self.init(first: first, last: last)
    }

    var defaultValueDescription: String { "\(first)..\(last)" }
    var text: String { "\(first)..\(last)" }
}
