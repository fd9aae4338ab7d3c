// Owns: the promise that what was acknowledged survives a power cut, for the coordinator's ledger and a worker's
// journal, and the proof that a build that breaks it is found out.
@testable import PowerCuts
import Testing

@Suite("A power cut", .serialized)
struct PowerCutTests {
    @Test func `takes nothing that the coordinator acknowledged, wherever it comes`() async throws {
        let tally = try await Exercise(.coordinator, cuts: 60, seed: 1).run()
        #expect(tally.cuts == 60)
        #expect(tally.findings == [])
        #expect(tally.promisesChecked > 300, "outcomes were acknowledged before the cuts")
        #expect(tally.leasesChecked > 300)
        #expect(tally.writesDropped > 50 && tally.writesTorn > 5, "there was something to lose")
    }

    @Test func `takes no intent and no outcome that a worker's journal had made durable`() async throws {
        let tally = try await Exercise(.journal, cuts: 60, seed: 1).run()
        #expect(tally.cuts == 60)
        #expect(tally.findings == [])
        #expect(tally.promisesChecked > 300)
        #expect(tally.writesDropped > 20 && tally.writesTorn > 5)
    }

    @Test func `finds out a coordinator that speaks before it commits: outcomes, leases and epochs are missing`()
        async throws
    {
        var checks: Set<Check> = []
        for seed in 1...6 as ClosedRange<UInt64> {
            let day = Exercise(.coordinator, cuts: 10, seed: seed, defect: .speaksBeforeCommit)
            checks.formUnion(try await day.run().findings.map(\.check))
        }
        #expect(checks.isSuperset(of: [.acknowledgedOutcome, .spokenLease, .epochGrows]))
        #expect(!checks.contains(.integrity) && !checks.contains(.opens), "the store itself is sound")
    }

    @Test func `finds out a worker that takes an intent for durable before it is`() async throws {
        let tally = try await Exercise(.journal, cuts: 60, seed: 1, defect: .speaksBeforeCommit).run()
        #expect(tally.findings.map(\.check) == [.journalKept])
    }

    @Test func `finds out a ledger whose log is not synced at a commit`() async throws {
        var checks: Set<Check> = []
        for seed in 1...5 as ClosedRange<UInt64> {
            let day = Exercise(.coordinator, cuts: 60, seed: seed, defect: .syncIgnored)
            checks.formUnion(try await day.run().findings.map(\.check))
        }
        #expect(checks.isSuperset(of: [.spokenLease, .epochGrows]))
    }

    @Test func `of the same seed leaves the same, so that a finding can be looked at again`() async throws {
        let first = try await Exercise(.coordinator, cuts: 5, seed: 7).run()
        #expect(try await Exercise(.coordinator, cuts: 5, seed: 7).run() == first)
    }
}
