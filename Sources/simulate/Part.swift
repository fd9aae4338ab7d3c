// Owns: what one process of a simulation does, and the lines in which it tells its parent.
import ArgumentParser
import Foundation
import Simulation

/// What this process is for another one of this program: it plays some of its seeds, or tells of one.
enum PartMode: String, EnumerableFlag {
    case none, brief, told

    static func name(for value: PartMode) -> NameSpecification { .customLong("part-\(value.rawValue)") }
    static func help(for value: PartMode) -> ArgumentHelp? { .hidden }
}

/// Some seeds, played one after another in a process of their own: an assertion of the code ends only that process.
struct Part: Sendable {
    var seeds: SeedRange
    /// Only each so-and-so-many-th.
    var every: UInt64 = 1
    var ledger: Scenario.Store
    var mutant: Mutant?

    private func scenario(_ seed: UInt64) -> Scenario {
        #if DEBUG
            Scenario(seed: seed, store: ledger, mutant: mutant)
        #else
            Scenario(seed: seed, store: ledger)
        #endif
    }

    /// One line per seed. A defect is caught once.
    func play() throws {
        for seed in stride(from: seeds.first, through: seeds.last, by: UInt64.Stride(every)) {
            let played = try scenario(seed).play()
            show(Line(played))
            if mutant != nil, played.violation != nil { return }
        }
    }

    /// Every event of the first seed, as it happens.
    func tell() throws {
        let played = try scenario(seeds.first).play { show($0) }
        show("seed \(played.seed): \(played.violation.map(\.description) ?? "no violation")")
    }

    private func show(_ line: Line) { show(line.text) }

    private func show(_ text: String) {
        print(text)
        fflush(nil)
    }

    func arguments(_ mode: PartMode) -> [String] {
        ["--part-\(mode.rawValue)", "--seeds", seeds.text, "--every", String(every), "--ledger", ledger.rawValue]
            + (mutant.map { ["--mutant", $0.rawValue] } ?? [])
    }

    /// What one seed came to, in one line of words between tabs.
    struct Line {
        var seed: UInt64
        var events: Int
        var fingerprint: UInt64
        var checker: String
        var message: String
        var faults: [String: Int]
        var changes: [String: Int]

        init(_ played: Played) {
            seed = played.seed
            events = played.events
            fingerprint = played.fingerprint
            checker = played.violation?.checker.rawValue ?? ""
            message = played.violation?.description ?? ""
            faults = played.faultKinds
            changes = played.changes
        }

        init?(_ text: String) {
            let words = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard words.count == 7, let seed = UInt64(words[0]), let events = Int(words[1]),
                let fingerprint = UInt64(words[2])
            else { return nil }
            self.seed = seed
            self.events = events
            self.fingerprint = fingerprint
            (checker, message) = (words[3], words[4])
            (faults, changes) = (Self.counts(words[5]), Self.counts(words[6]))
        }

        var text: String {
            [
                String(seed), String(events), String(fingerprint), checker, message, Self.text(faults),
                Self.text(changes),
            ].joined(separator: "\t")
        }

        private static func text(_ counts: [String: Int]) -> String {
            counts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ";")
        }

        private static func counts(_ text: String) -> [String: Int] {
            text.split(separator: ";").reduce(into: [:]) { counts, word in
                let pair = word.split(separator: "=")
                if pair.count == 2, let count = Int(pair[1]) { counts[String(pair[0])] = count }
            }
        }
    }
}
