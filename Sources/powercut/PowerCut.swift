// Owns: the command line of the power-cut test: how many cuts, from which seed, what is printed. No product contains it.
import ArgumentParser
import Foundation
import PowerCuts

@main
struct PowerCut: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "powercut",
        abstract: "Cuts the power under a coordinator's ledger and a worker's journal, and looks at what is left.",
        discussion: """
            The disk keeps what was synced; of every later write it keeps all, nothing, or some of its sectors.

            Exit codes: 0 no violation (with --defect: found), 1 a violation (with --defect: not found), 64 usage.
            """)

    @Option(help: "Cuts of the coordinator's ledger, and as many of a worker's journal.")
    var cuts = 1_000

    @Option(help: "The seed of the first day.")
    var seed: UInt64 = 1

    @Option(help: "Switch on a defect, and cut until a check finds it: speaksBeforeCommit or syncIgnored.")
    var defect: Defect?

    mutating func validate() throws {
        guard cuts >= 1 else { throw ValidationError("--cuts: expected 1 or more, got \(cuts)") }
    }

    func run() async throws {
        var isGood = true
        for subject in Exercise.Subject.allCases {
            let start = Date()
            let tally = try await Exercise(subject, cuts: cuts, seed: seed, defect: defect).run()
            show(tally, of: subject, seconds: Date().timeIntervalSince(start))
            isGood = isGood && tally.findings.isEmpty == (defect == nil)
        }
        if !isGood { throw ExitCode(1) }
    }

    private func show(_ tally: Tally, of subject: Exercise.Subject, seconds: TimeInterval) {
        let found = subject == .coordinator ? "acknowledged outcomes checked" : "acknowledged entries checked"
        var words = [
            "\(tally.cuts) cuts in \(String(format: "%.1f", seconds)) s", "\(tally.promisesChecked) \(found)",
        ]
        if subject == .coordinator { words.append("\(tally.leasesChecked) spoken leases checked") }
        words.append(
            "unsynced writes: \(tally.writesKept) kept, \(tally.writesDropped) dropped, \(tally.writesTorn) torn")
        words.append("\(tally.findings.count) violations")
        print("\(subject.rawValue): " + words.joined(separator: "; "))
        for finding in tally.findings.prefix(10) { print("  \(finding)") }
    }
}

extension Defect: ExpressibleByArgument {}
