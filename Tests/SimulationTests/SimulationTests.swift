// Owns: the simulation's own proof: no violation without a defect, the same play for the same seed, and eyes that see.
import Simulation
import Testing

@Suite("Simulation of the lease protocol")
struct SimulationTests {
    @Test("No seed breaks an invariant on the ledger in memory", arguments: [1, 51, 101, 151] as [UInt64])
    func cleanInMemory(first: UInt64) throws {
        for seed in first..<(first + 50) {
            let played = try Scenario(seed: seed).play()
            #expect(played.violation == nil, "seed \(seed)")
            #expect(played.events > 100, "seed \(seed) played nothing")
        }
    }

    @Test("Nor on SQLite")
    func cleanOnSQLite() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let played = try Scenario(seed: seed, store: .sqlite).play()
            #expect(played.violation == nil, "seed \(seed) on SQLite")
        }
    }

    @Test("The same seed plays the same, told or not; another seed plays otherwise", arguments: [3, 8] as [UInt64])
    func sameSeedSamePlay(seed: UInt64) throws {
        let silent = try Scenario(seed: seed).play()
        let told = try Scenario(seed: seed, linesKept: 50).play()
        #expect(told.fingerprint == silent.fingerprint)
        #expect(told.events == silent.events)
        #expect(told.lines.count == 50)
        #expect(try Scenario(seed: seed + 1).play().fingerprint != silent.fingerprint)
    }

    @Test("Both stores play the same")
    func storesPlayTheSame() throws {
        let memory = try Scenario(seed: 5).play()
        let sqlite = try Scenario(seed: 5, store: .sqlite).play()
        #expect(memory.fingerprint == sqlite.fingerprint)
    }

    @Test(
        "A defect is seen by the checker that watches for it",
        arguments: [
            (.speaksBeforeCommit, .acknowledgedIsDurable), (.uncertainMadeReady, .effectAtMostOnce),
            (.releaseIgnoresEpoch, .noChangeUnderOldEpoch),
        ] as [(Mutant, Checker)])
    func defectIsSeen(mutant: Mutant, checker: Checker) throws {
        var caught: Violation?
        for seed in 1...60 as ClosedRange<UInt64> where caught == nil {
            caught = try Scenario(seed: seed, mutant: mutant, linesKept: 20).play().violation
        }
        #expect(caught?.checker == checker, "\(mutant.rawValue) over seeds 1..60")
    }
}
