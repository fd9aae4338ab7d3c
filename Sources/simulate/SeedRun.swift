// Owns: a run over many seeds: progress, what was found, and whether the same seed plays the same twice.
import Foundation
import Simulation
import Synchronization

/// Plays all seeds of a part, in parts of its own.
struct SeedRun {
    var pool: ProcessPool
    var part: Part
    /// Lines of the trace that are printed of a seed that fails.
    var lines: Int

    /// Seeds per process: few enough that all processes end together.
    private static let seedsPerPart: UInt64 = 100
    /// Of the seeds that fail, so many are told.
    private static let told = 3

    private struct Found {
        /// Parts still to be played, the next last.
        var parts: [SeedRange]
        var fingerprints: [UInt64: UInt64] = [:]
        var violations: [UInt64: String] = [:]
        var events = 0
        var faults: [String: Int] = [:]
        var changes: [String: Int] = [:]
    }

    /// False when an invariant was broken, or a seed did not play the same twice.
    func run() -> Bool {
        let start = Date()
        // The script that became this program has built it: those processes are counted too.
        let processorBefore = ProcessPool.processorSeconds
        let progress = Progress(of: part.seeds.count, "seeds")
        let found = Mutex(Found(parts: parts()))
        pool.work({ found.withLock { $0.parts.popLast() } }) { seeds in
            play(seeds, found, progress)
        }
        progress.end()
        let seconds = Date().timeIntervalSince(start)
        let all = found.withLock { $0 }
        show(all, seconds, processor: ProcessPool.processorSeconds - processorBefore)
        let differing = playSomeAgain(all)
        for seed in all.violations.keys.sorted().prefix(Self.told) { tell(seed, all.violations[seed] ?? "") }
        return all.violations.isEmpty && differing.isEmpty
    }

    private func parts() -> [SeedRange] {
        stride(from: part.seeds.first, through: part.seeds.last, by: UInt64.Stride(Self.seedsPerPart)).map { first in
            SeedRange(first: first, last: min(part.seeds.last, first + Self.seedsPerPart - 1))
        }.reversed()
    }

    private func play(_ seeds: SeedRange, _ found: borrowing Mutex<Found>, _ progress: Progress) {
        var part = part
        part.seeds = seeds
        var next = seeds.first
        let end = pool.run(part.arguments(.brief)) { text in
            guard let line = Part.Line(text) else { return }
            next = line.seed + 1
            found.withLock { found in
                found.events += line.events
                found.fingerprints[line.seed] = line.fingerprint
                found.faults.merge(line.faults, uniquingKeysWith: +)
                found.changes.merge(line.changes, uniquingKeysWith: +)
                if !line.checker.isEmpty { found.violations[line.seed] = line.message }
            }
            progress.add(1, line.checker.isEmpty ? nil : "seed \(line.seed): \(line.message)")
        }
        guard next <= seeds.last else { return }
        // The seed after the last one that was told has ended its process.
        let fault = end == .died ? "an assertion of the code itself" : "the process ended: \(end)"
        found.withLock { found in
            found.violations[next] = fault
            if next < seeds.last { found.parts.append(SeedRange(first: next + 1, last: seeds.last)) }
        }
        progress.add(1, "seed \(next): \(fault)")
    }

    /// Each hundredth seed once more, in another process: what it comes to must be the same.
    private func playSomeAgain(_ found: Found) -> [UInt64] {
        var again = part
        again.every = 100
        var count = 0
        var differing: [UInt64] = []
        _ = pool.run(again.arguments(.brief)) { text in
            guard let line = Part.Line(text), let first = found.fingerprints[line.seed] else { return }
            count += 1
            if line.fingerprint != first { differing.append(line.seed) }
        }
        let all = found.fingerprints.sorted { $0.key < $1.key }.reduce(UInt64(0)) { ($0 &* 31) ^ $1.value }
        print(
            "played twice, in two processes: \(count) seeds, "
                + (differing.isEmpty ? "each with the same trace" : "DIFFERENT traces of seeds \(differing)")
                + "; all traces: \(String(all, radix: 16))")
        return differing
    }

    private func show(_ found: Found, _ seconds: Double, processor: Double) {
        func table(_ title: String, _ counts: [String: Int]) {
            print("\(title):")
            for (name, count) in counts.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
                print("  \(String(repeating: " ", count: max(0, 10 - String(count).count)))\(count)  \(name)")
            }
        }
        table("what happened to tasks", found.changes)
        table("faults", found.faults)
        let count = part.seeds.count
        print(
            "\(count) seeds on the ledger in \(part.ledger.rawValue) in \(text(seconds)) s, \(pool.jobs) at once: "
                + "\(text(Double(count) / seconds)) seeds/s (\(text(Double(count) / processor)) per second of one core)"
        )
        print(
            "\(found.events) events, \(found.faults.values.reduce(0, +)) faults, "
                + "\(found.violations.count) violations")
    }

    private func text(_ number: Double) -> String { String(format: "%.1f", number) }

    /// The same seed plays the same, so it is played again to be told.
    private func tell(_ seed: UInt64, _ message: String) {
        var part = part
        part.seeds = SeedRange(first: seed, last: seed)
        print("\nseed \(seed): \(message)")
        var last: [String] = []
        _ = pool.run(part.arguments(.told), showsErrors: true) { line in
            last.append(line)
            if last.count > 2 * lines { last.removeFirst(last.count - lines) }
        }
        for line in last.suffix(lines) { print("  \(line)") }
        print("play it again: scripts/simulate.sh --seeds \(seed) --ledger \(part.ledger.rawValue) --lines 100000")
    }
}

/// How far a long run is, on standard error: often on a terminal, seldom elsewhere.
final class Progress: Sendable {
    private let total: Int
    private let what: String
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let state: Mutex<(done: Int, shownAt: Date, start: Date)>

    init(of total: Int, _ what: String) {
        self.total = total
        self.what = what
        state = Mutex((0, Date(), Date()))
    }

    func add(_ count: Int, _ news: String? = nil) {
        state.withLock { state in
            state.done += count
            if let news { show((isTerminal ? "\r" : "") + news + "\n") }
            guard Date().timeIntervalSince(state.shownAt) > (isTerminal ? 0.5 : 15) else { return }
            state.shownAt = Date()
            let rate = Double(state.done) / Date().timeIntervalSince(state.start)
            let text = "  \(state.done) of \(total) \(what), \(Int(rate))/s"
            show(isTerminal ? "\r\(text)   " : text + "\n")
        }
    }

    func end() { if isTerminal { show("\r") } }

    private func show(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
