// Owns: the command line of the simulation: seeds to play, mutants to catch. No product contains it.
import ArgumentParser
import Foundation
import Simulation

@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Plays the lease protocol under faults, each play from one seed.",
        discussion: """
            A seed that breaks an invariant is printed with the last events before it. The same seed plays the same.

            Exit codes: 0 no violation (with --mutants: all caught), 1 a violation, or a seed that did not play the same \
            twice (with --mutants: one survived), 64 usage.
            """)

    @Option(help: "The seeds, such as 1..200, or one seed.")
    var seeds = SeedRange(first: 1, last: 200)

    @Option(help: "The ledger: memory or sqlite.")
    var ledger = Scenario.Store.memory

    @Option(help: "Processes at once.")
    var jobs = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Lines of the trace that are printed of a seed that fails.")
    var lines = 60

    @Flag(help: "Switch on one defect after the other, and play each until it is caught. Debug builds only.")
    var mutants = false

    @Option(help: "Only this defect, by name.")
    var mutant: Mutant?

    @Flag(help: "Print the names of all defects.")
    var listMutants = false

    @Flag(help: .hidden)
    var part = PartMode.none

    @Option(help: .hidden)
    var every: UInt64 = 1

    func validate() throws {
        guard jobs >= 1 else { throw ValidationError("--jobs: expected 1 or more, got \(jobs)") }
        #if !DEBUG
            guard mutant == nil, !mutants else {
                throw ValidationError("--mutants: expected a debug build, got a release build, which has no defects")
            }
        #endif
    }

    func run() throws {
        if listMutants { return Mutant.allCases.forEach { print($0.rawValue) } }
        let part = Part(seeds: seeds, every: every, ledger: ledger, mutant: mutant)
        switch self.part {
        case .brief: return try part.play()
        case .told: return try part.tell()
        case .none: break
        }
        let pool = ProcessPool(jobs: jobs)
        let isFine =
            mutants || mutant != nil
            ? MutantHunt(pool: pool, mutants: mutant.map { [$0] } ?? Mutant.allCases, part: part).run()
            : SeedRun(pool: pool, part: part, lines: lines).run()
        if !isFine { throw ExitCode(1) }
    }
}

extension Mutant: ExpressibleByArgument {}
extension Scenario.Store: ExpressibleByArgument {}
