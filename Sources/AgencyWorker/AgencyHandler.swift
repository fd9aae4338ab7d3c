// Owns: the tasks of a lease → batches placed with agencies → outcomes from their answers. Knows nothing of folders and
// file formats.
import Arrears
import Leasing
import WorkerKit

/// Places cases with agencies and takes their answers.
///
/// A placement is made at most once: the intent is durable before a batch is handed over, and whether a case was handed
/// over is answered from the agency's folder, exactly, after a crash anywhere.
package struct AgencyHandler: StageHandler {
    /// A task and the batch that holds it.
    private struct Waiting {
        var batch: PlacedBatch
        var tasks: [TaskID]
        var since: Duration
        var acknowledgedSince: Duration?
    }

    package let stage = Stage.agency

    let exchange: AgencyExchange
    private let configuration: AgencyConfiguration
    private let pace: Pace
    private let note: @Sendable (String) -> Void

    /// Opens the exchange folder and removes what an earlier process left half-written.
    /// - Parameter note: told in words, without personal data, when a file operation failed.
    /// - Throws: `DurableFileFault` when the folder cannot be used.
    package init(
        configuration: AgencyConfiguration, pace: Pace = .continuous, note: @escaping @Sendable (String) -> Void
    ) throws {
        self.configuration = configuration
        self.pace = pace
        self.note = note
        self.exchange = try AgencyExchange(root: configuration.root, lender: configuration.lender)
    }

    package func work(_ tasks: [WorkTask], under lease: any HeldLease) async throws {
        var placements: [PlacementTerms: [TaskID: (mode: TaskMode, content: PlacementContent)]] = [:]
        var unusable: [Outcome] = []
        for task in tasks {
            guard case .placement(let content) = task.content, let terms = AgencyHandler.usableTerms(content) else {
                unusable.append(AgencyHandler.unusable(task))
                continue
            }
            placements[terms, default: [:]][task.id] = (task.mode, content)
        }
        if !unusable.isEmpty { try await lease.finish(unusable) }

        var waiting: [TaskID: PlacedBatch] = [:]
        for (terms, group) in placements.sorted(by: { $0.key.agency < $1.key.agency }) where !lease.isEnding {
            waiting.merge(try await place(group, terms: terms, under: lease)) { first, _ in first }
        }
        try await awaitAnswers(waiting, under: lease)
    }

    /// Hands over what is to be done and was not, and answers what is asked about. The tasks that an agency has.
    private func place(
        _ group: [TaskID: (mode: TaskMode, content: PlacementContent)], terms: PlacementTerms,
        under lease: any HeldLease
    ) async throws -> [TaskID: PlacedBatch] {
        guard var found = attempt({ try exchange.find(group.keys, agency: terms.agency, on: terms.businessDate) })
        else {
            try await answerUnknown(group.filter { $0.value.mode == .inquire }.keys.sorted(), under: lease)
            try await giveBack(group.filter { $0.value.mode == .attempt }.keys.sorted(), under: lease)
            return [:]
        }

        let missing = group.filter { found[$0.key] == nil }
        let neverSeen = missing.filter { $0.value.mode == .inquire }.keys.sorted()
        if !neverSeen.isEmpty {
            try await lease.finish(neverSeen.map { Outcome(task: $0, attempt: .neverSeen, code: .placed) })
        }
        let due = missing.filter { $0.value.mode == .attempt }.keys.sorted()
        guard !due.isEmpty else { return found }

        let begun = try await lease.begin(due)
        let cases = due.filter(begun.contains).compactMap { task in group[task].map { (task, $0.content) } }
        guard !cases.isEmpty else { return found }
        if let placed = attempt({ try exchange.place(cases, terms: terms) }) {
            found.merge(placed) { first, _ in first }
            return found
        }
        // Some of it failed. Whether the agency has the batch all the same is asked of the folder.
        let ids = cases.map(\.0)
        guard let placed = attempt({ try exchange.find(ids, agency: terms.agency, on: terms.businessDate) }) else {
            try await answerUnknown(ids, under: lease)
            return found
        }
        found.merge(placed) { first, _ in first }
        try await giveBack(ids.filter { placed[$0] == nil }, under: lease)
        return found
    }

    /// Gives tasks back that provably were not handed over, after a pause, so that a full disk is not asked in a circle.
    private func giveBack(_ tasks: [TaskID], under lease: any HeldLease) async throws {
        guard !tasks.isEmpty else { return }
        try? await pace.sleep(configuration.faultPause)
        try await lease.release(tasks)
    }

    /// The folder cannot be read now: somebody asks again later.
    private func answerUnknown(_ tasks: [TaskID], under lease: any HeldLease) async throws {
        guard !tasks.isEmpty else { return }
        try await lease.finish(tasks.map { Outcome(task: $0, attempt: .unknown, code: .madeResultUnknown) })
    }

    /// Finishes tasks as their batches are answered, or when the time to wait is over.
    private func awaitAnswers(_ tasks: [TaskID: PlacedBatch], under lease: any HeldLease) async throws {
        let start = pace.now()
        var waiting = Dictionary(grouping: tasks) { $0.value.name }.values.map { entries in
            Waiting(batch: entries[0].value, tasks: entries.map(\.key).sorted(), since: start)
        }
        .sorted { $0.batch.name < $1.batch.name }
        let end = start + configuration.acknowledgementWait + configuration.resultWait + configuration.faultPause
        while !waiting.isEmpty {
            var open: [Waiting] = []
            for var entry in waiting {
                let patience = patience(for: entry)
                switch attempt({ try exchange.answers(to: entry.batch, patience: patience) }) {
                case .settled(let acknowledgement, let results)?:
                    try await lease.finish(
                        entry.tasks.map { task in
                            AgencyOutcomes.outcome(
                                of: task, in: entry.batch, acknowledgement: acknowledgement, results: results)
                        })
                case .open(let isAcknowledged)?:
                    if isAcknowledged && entry.acknowledgedSince == nil { entry.acknowledgedSince = pace.now() }
                    open.append(entry)
                case nil:
                    if pace.now() < end {
                        open.append(entry)
                    } else {
                        try await answerUnknown(entry.tasks, under: lease)
                    }
                }
            }
            waiting = open
            if waiting.isEmpty || lease.isEnding { return }
            do { try await pace.sleep(configuration.pollInterval) } catch { return }
        }
    }

    private func patience(for entry: Waiting) -> AgencyExchange.Patience {
        let now = pace.now()
        if let since = entry.acknowledgedSince {
            return now - since >= configuration.resultWait ? .forAcknowledgement : .forResults
        }
        if now - entry.since >= configuration.acknowledgementWait { return .none }
        return configuration.resultWait == .zero ? .forAcknowledgement : .forResults
    }

    /// What `body` answers; nil when a file operation failed, which is noted.
    func attempt<Result>(_ body: () throws -> Result) -> Result? {
        do {
            return try body()
        } catch {
            note("agency exchange: \(error)")
            return nil
        }
    }

    private static func usableTerms(_ content: PlacementContent) -> PlacementTerms? {
        BatchName.isAgency(content.agencyID) && content.arrears.currency == content.balance.currency
            ? PlacementTerms(content) : nil
    }

    private static func unusable(_ task: WorkTask) -> Outcome {
        let why =
            "expected a placement with an agency id of letters, digits, - and _, and one currency; got another content"
        return Outcome(
            task: task.id, attempt: task.mode == .attempt ? .notMade : .neverSeen, code: .invalidContent,
            details: ["why": why])
    }
}
