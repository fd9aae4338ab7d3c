// Owns: how many days are played for how many cuts, each from a seed of its own.
import Foundation

/// Cuts the power again and again, and sums up what was found.
package struct Exercise: Sendable {
    package enum Subject: String, Sendable, CaseIterable {
        /// The coordinator's loop on its ledger.
        case coordinator
        /// A worker's journal.
        case journal
    }

    package var subject: Subject
    package var cuts: Int
    /// The seed of the first day; the next days have the next ones.
    package var seed: UInt64
    package var defect: Defect?

    /// After so many cuts a day is over, and a new one begins with an empty directory.
    private static let cutsPerDay = 10

    package init(_ subject: Subject, cuts: Int, seed: UInt64, defect: Defect? = nil) {
        self.subject = subject
        self.cuts = cuts
        self.seed = seed
        self.defect = defect
    }

    /// Ends at the first day that broke a promise.
    /// - Throws: what the coordinator or the journal throws with the power on: a fault of theirs.
    package func run(progress: (Tally) -> Void = { _ in }) async throws -> Tally {
        var tally = Tally()
        var seed = seed
        while tally.cuts < cuts, tally.findings.isEmpty {
            let most = min(Self.cutsPerDay, cuts - tally.cuts)
            let home = Self.newHome()
            switch subject {
            case .coordinator:
                let play = try CoordinatorPlay(seed: seed, defect: defect, home: home)
                _ = try play.play(cuts: most, into: &tally)
            case .journal:
                let play = try JournalPlay(seed: seed, defect: defect, home: home)
                _ = try await play.play(cuts: most, into: &tally)
            }
            progress(tally)
            seed += 1
        }
        return tally
    }

    /// A directory's path stands in its run's order: paths of one length make the same writes on every machine.
    private static func newHome() -> String {
        let home = FileManager.default.temporaryDirectory.appendingPathComponent("power-cut-\(UUID().uuidString)").path
        return home + String(repeating: "-", count: max(0, 160 - home.utf8.count))
    }
}
