// Owns: the command line of the simulation: seeds to play, mutants to catch, what is printed. No product contains it.
import ArgumentParser
import Foundation
import Simulation

@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Plays the lease protocol under faults, each play from one seed.",
        discussion: """
            A seed that breaks an invariant is printed with the last events before it. The same seed plays the same.

            Exit codes: 0 no violation (with --mutant: caught), 1 a violation (with --mutant: it survived), 64 usage.
            """)

    @Option(help: "The seeds, such as 1..200, or one seed.")
    var seeds = SeedRange(first: 1, last: 200)

    @Option(help: "The store: memory or sqlite.")
    var store = Scenario.Store.memory

    @Option(help: "Switch on one defect and play until a checker catches it.")
    var mutant: Mutant?

    @Flag(help: "Print the names of all mutants.")
    var listMutants = false

    @Option(help: "Lines of the trace that are printed of a seed that fails.")
    var lines = 60

    func run() throws {
        if listMutants { return Mutant.allCases.forEach { print($0.rawValue) } }
        if let mutant { return try hunt(mutant) }
        try playAll()
    }

    private func playAll() throws {
        let start = Date()
        var (events, faults, violations) = (0, 0, 0)
        for seed in seeds.first...seeds.last {
            let played = try Scenario(seed: seed, store: store).play()
            events += played.events
            faults += played.faults
            guard played.violation != nil else { continue }
            violations += 1
            try show(Scenario(seed: seed, store: store, linesKept: lines))
        }
        let seconds = Date().timeIntervalSince(start)
        let count = seeds.last - seeds.first + 1
        print(
            "\(count) seeds on \(store.rawValue) in \(String(format: "%.1f", seconds)) s: "
                + "\(events) events, \(faults) faults, \(violations) violations")
        if violations > 0 { throw ExitCode(1) }
    }

    /// The same seed plays the same, so it is played again to be told.
    private func show(_ scenario: Scenario) throws {
        let played = try scenario.play()
        print("seed \(played.seed): \(played.violation.map(\.description) ?? "no violation")")
        for line in played.lines { print("  \(line)") }
    }

    private func hunt(_ mutant: Mutant) throws {
        for seed in seeds.first...seeds.last {
            let played = try Scenario(seed: seed, store: store, mutant: mutant).play()
            guard let violation = played.violation else { continue }
            print("caught    \(mutant.rawValue) by \(violation.checker.rawValue) after \(seed - seeds.first + 1) seeds")
            return
        }
        print("SURVIVED  \(mutant.rawValue) over \(seeds.last - seeds.first + 1) seeds")
        throw ExitCode(1)
    }
}

/// `A..B` or `A`.
struct SeedRange: ExpressibleByArgument {
    var first: UInt64
    var last: UInt64

    init(first: UInt64, last: UInt64) {
        self.first = first
        self.last = last
    }

    init?(argument: String) {
        let parts = argument.split(separator: ".", omittingEmptySubsequences: true).map { UInt64($0) }
        guard (1...2).contains(parts.count), let first = parts[0], let last = parts[parts.count - 1], first <= last
        else { return nil }
        self.init(first: first, last: last)
    }

    var defaultValueDescription: String { "\(first)..\(last)" }
}

extension Mutant: ExpressibleByArgument {}
extension Scenario.Store: ExpressibleByArgument {}
