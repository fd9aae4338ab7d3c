// Owns: the simulation's own proof: no violation without a defect, the same play for the same seed, and eyes that see.
@testable import Simulation
import Testing

@Suite("Simulation of the lease protocol")
struct SimulationTests {
    @Test(arguments: [1, 51, 101, 151] as [UInt64])
    func `No seed breaks an invariant on the ledger in memory`(first: UInt64) throws {
        for seed in first..<(first + 50) {
            let played = try Scenario(seed: seed).play()
            #expect(played.violation == nil, "seed \(seed)")
            #expect(played.events > 100, "seed \(seed) played nothing")
        }
    }

    @Test func `Nor on SQLite`() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let played = try Scenario(seed: seed, store: .sqlite).play()
            #expect(played.violation == nil, "seed \(seed) on SQLite")
        }
    }

    @Test(arguments: [3, 8] as [UInt64])
    func `The same seed plays the same, told or not; another seed plays otherwise`(seed: UInt64) throws {
        let silent = try Scenario(seed: seed).play()
        var lines: [String] = []
        let told = try Scenario(seed: seed).play { lines.append($0) }
        #expect(told == silent)
        #expect(lines.count > 100)
        #expect(try Scenario(seed: seed + 1).play().fingerprint != silent.fingerprint)
    }

    @Test func `Both stores play the same, and their ledgers tell the same story`() throws {
        for seed in 5...9 as ClosedRange<UInt64> {
            #expect(try Scenario(seed: seed).play() == Scenario(seed: seed, store: .sqlite).play(), "seed \(seed)")
        }
    }

    @Test func `Few seeds are enough for every kind of fault, and for everything that can become of a task`() throws {
        var faults: Set<String> = []
        var changes: Set<String> = []
        for seed in 1...100 as ClosedRange<UInt64> {
            let played = try Scenario(seed: seed).play()
            faults.formUnion(played.faultKinds.keys)
            changes.formUnion(played.changes.keys)
        }
        #expect(faults == Scenario.faultKinds)
        let expected: Set = [
            "due", "attempt", "inquiry", "released", "released after a restart", "lease ended", "never seen outside",
            "the outside cannot tell",
            "contact window closed", "delivered", "delivered, late",
        ]
        #expect(expected.subtracting(changes).isEmpty, "got only \(changes.sorted())")
        #expect(changes.contains { $0.hasPrefix("leased ") && $0.hasSuffix("without an outcome") }, "no poison")
    }

    @Test(
        arguments: [
            (.uncertainMadeReady, .effectAtMostOnce), (.releaseIgnoresEpoch, .noChangeUnderOldEpoch),
            (.sharesIgnored, .portfolioNotPassedOver), (.windowIgnored, .attemptInWindow),
            (.journalNotSynced, .journaledIsReported), (.deathsNotCounted, .everyTaskEnds),
        ] as [(Mutant, Checker)])
    func `A defect is seen by the checker that watches for it`(mutant: Mutant, checker: Checker) throws {
        var caught: Violation?
        for seed in 1...60 as ClosedRange<UInt64> where caught == nil {
            caught = try Scenario(seed: seed, mutant: mutant).play().violation
        }
        #expect(caught?.checker == checker, "\(mutant.rawValue) over seeds 1..60")
    }
}
