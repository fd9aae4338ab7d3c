// Owns: a worker's journal at work, cut off from power again and again, compared each time with what it had
// acknowledged.
import Arrears
import Foundation
import Leasing
import SystemParts
import WorkerKit

/// One worker's journal from its making through several cuts.
final class JournalPlay {
    private let seed: UInt64
    private let defect: Defect?
    private let home: String
    private let disk: CrashDisk
    private var random: SplitMix64
    /// What the journal has acknowledged.
    private var kept = JournalModel()
    /// What it will be when the write under way is done.
    private var next = JournalModel()
    private var leases: UInt64 = 0
    private var cuts = 0

    init(seed: UInt64, defect: Defect?, home: String) throws {
        self.seed = seed
        self.defect = defect
        self.home = home
        random = SplitMix64(seed: seed, kind: 3, index: 0)
        disk = try CrashDisk(directory: home + "/worker", seed: seed, ignoresSync: defect == .syncIgnored)
    }

    /// - Returns: the number of cuts made.
    func play(cuts limit: Int, into tally: inout Tally) async throws -> Int {
        CrashVFS.mount(disk)
        defer {
            CrashVFS.unmount(disk)
            tally.add(disk.losses)
            try? FileManager.default.removeItem(atPath: home)
        }
        while cuts < limit {
            let most = random.pick([4, 40, 400])
            let kind = random.weighted([(CutPoint.Kind.anything, weight: 6), (.sync, 2), (.store, 2)])
            disk.arm(CutPoint(kind, random.within(1...(kind == .anything ? most : max(2, most / 10)))))
            try await live()
            guard disk.isOff else { continue }
            cuts += 1
            try lookAtWhatIsLeft(&tally)
            if !tally.findings.isEmpty { break }
        }
        return cuts
    }

    /// Until the power is cut, or the worker ends in order.
    private func live() async throws {
        do {
            let journal = try Journal(directory: disk.directory)
            defer { journal.close() }
            while !random.chance(150) { try await write(journal) }
        } catch {
            guard disk.isOff else { throw error }
        }
    }

    private func write(_ journal: Journal) async throws {
        next = kept
        let (step, tasks) = chooseStep()
        next.apply(step, to: tasks)
        if defect == .speaksBeforeCommit { kept = next }
        switch step {
        case .take(let lease):
            try await journal.take(tasks.map { JournalModel.task($0.task) }, under: lease)
        case .begin(let lease): try await journal.begin(tasks.map(\.task), under: lease)
        case .putBack(let lease): try await journal.putBack(tasks.map(\.task), under: lease)
        case .finish(let lease): try await journal.finish(tasks.map { JournalModel.outcome($0.task) }, under: lease)
        case .forget: try await journal.forget(tasks.map { ($0.lease, $0.task) })
        case .remember(let value): try journal.setValue(value, for: "batch")
        }
        kept = next
    }

    private func chooseStep() -> (JournalModel.Step, [JournalModel.Key]) {
        let states: Set<JournalModel.State>
        let step: (LeaseKey) -> JournalModel.Step
        switch random.below(6) {
        case 0: (states, step) = ([.granted], { .begin($0) })
        case 1: (states, step) = ([.granted, .begun], { .putBack($0) })
        case 2: (states, step) = ([.begun], { .finish($0) })
        case 3: (states, step) = ([.finished], { _ in .forget })
        default: (states, step) = ([], { .take($0) })
        }
        let open = kept.keys(in: states)
        if let first = open.first {
            let same = open.filter { $0.lease == first.lease }
            return (step(first.lease), Array(same.prefix(random.within(1...same.count))))
        }
        if random.chance(2_000) { return (.remember("\(random.next())"), []) }
        leases += 1
        let lease = LeaseKey(id: LeaseID(leases), epoch: Epoch(leases))
        let tasks = (1...random.within(1...6)).map { JournalModel.Key(lease: lease, task: TaskID("t\(leases)-\($0)")) }
        return (.take(lease), tasks)
    }

    private func lookAtWhatIsLeft(_ tally: inout Tally) throws {
        let left = home + "/left"
        try disk.restorePower(copyingTo: left)
        tally.cuts += 1
        tally.promisesChecked += kept.count
        do {
            let journal = try Journal(directory: left)
            defer { journal.close() }
            let found = JournalModel(try journal.entries(), memory: try journal.value("batch"))
            guard found != kept, found != next else {
                kept = found
                return
            }
            let message = "expected \(kept) or \(next), got \(found)"
            tally.findings.append(Finding(check: .journalKept, seed: seed, cut: cuts, message: message))
        } catch let error as JournalError {
            let message = "expected to open what was left, got: \(error)"
            tally.findings.append(Finding(check: .opens, seed: seed, cut: cuts, message: message))
        }
    }
}

/// A journal's content in plain values.
struct JournalModel: Equatable, CustomStringConvertible {
    enum State: Hashable { case granted, begun, finished }

    struct Key: Hashable {
        var lease: LeaseKey
        var task: TaskID
    }

    enum Step {
        case take(LeaseKey), begin(LeaseKey), putBack(LeaseKey), finish(LeaseKey)
        case forget
        case remember(String)
    }

    private var rows: [Key: State] = [:]
    private var memory: String?

    init() {}

    /// - Precondition: outcomes are those of `outcome`, contents those of `task`.
    init(_ entries: [JournalEntry], memory: String?) {
        self.memory = memory
        for entry in entries {
            let key = Key(lease: entry.lease, task: entry.task.id)
            switch entry.state {
            case .granted: rows[key] = .granted
            case .begun: rows[key] = .begun
            case .finished(let outcome) where outcome == Self.outcome(key.task): rows[key] = .finished
            // Not what was written: it must differ from every model.
            case .finished: rows[Key(lease: key.lease, task: "another outcome")] = .finished
            }
        }
    }

    static func task(_ id: TaskID) -> GrantedTask {
        GrantedTask(id: id, mode: .attempt, startWithinMilliseconds: 1, delivery: 1, content: Array("of \(id)".utf8))
    }

    static func outcome(_ id: TaskID) -> Outcome {
        Outcome(task: id, attempt: .made, code: .delivered, evidence: "message of \(id)")
    }

    var count: Int { rows.count }

    func keys(in states: Set<State>) -> [Key] {
        rows.filter { states.contains($0.value) }.keys.sorted {
            ($0.lease.epoch, $0.task) < ($1.lease.epoch, $1.task)
        }
    }

    mutating func apply(_ step: Step, to tasks: [Key]) {
        switch step {
        case .take, .putBack: for task in tasks { rows[task] = .granted }
        case .begin: for task in tasks { rows[task] = .begun }
        case .finish: for task in tasks { rows[task] = .finished }
        case .forget: for task in tasks { rows[task] = nil }
        case .remember(let value): memory = value
        }
    }

    var description: String {
        let words = keys(in: [.granted, .begun, .finished]).map {
            "\($0.task) \(rows[$0].map(String.init(describing:)) ?? "")"
        }
        return "[\(words.joined(separator: ", "))] with memory \(memory ?? "none")"
    }
}
