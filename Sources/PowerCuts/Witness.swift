// Owns: what a coordinator said aloud, noted by somebody who was not cut off from power, and what follows from it for
// every ledger that is found later.
import DispatchCore
import Arrears
import Leasing
import Ledger

struct Witness {
    private struct Held: Hashable {
        var lease: LeaseKey
        var task: TaskID
    }

    private var epoch = Epoch(0)
    private var granted: Set<Held> = []
    private var lost: Set<LeaseKey> = []
    private var released: Set<Held> = []
    private var events: Set<String> = []
    private var outcomes: [TaskID: (outcome: Outcome, lease: LeaseKey)] = [:]

    // What was said to the coordinator, whether or not it heard.
    private var reports: [UInt64: Message.Report] = [:]
    private var releases: [UInt64: Message.Release] = [:]
    private var eventReports: [UInt64: Message.EventReport] = [:]
    private var heartbeats: [UInt64: Message.Heartbeat] = [:]
    private var reported: [TaskID: Set<Outcome>] = [:]

    /// Answers that differ from those before.
    private(set) var contradictions: [String] = []

    var outcomeCount: Int { outcomes.count }
    var leaseCount: Int { Set(granted.map(\.lease)).count }

    // MARK: Listening

    mutating func sent(_ inputs: [Input]) {
        for case .message(_, let message) in inputs {
            switch message {
            case .report(let report):
                reports[report.id] = report
                for outcome in report.outcomes { reported[outcome.task, default: []].insert(outcome) }
            case .release(let release): releases[release.id] = release
            case .eventReport(let report): eventReports[report.id] = report
            case .heartbeat(let heartbeat): heartbeats[heartbeat.sequence] = heartbeat
            default: break
            }
        }
    }

    mutating func heard(_ directives: [Directive]) {
        for case .send(_, let message) in directives {
            switch message {
            case .leaseGranted(let grant):
                epoch = max(epoch, grant.lease.epoch)
                for task in grant.tasks { granted.insert(Held(lease: grant.lease, task: task.id)) }
            case .reportAck(let ack): acknowledged(ack)
            case .releaseAck(let ack):
                guard let release = releases[ack.release] else { continue }
                for verdict in ack.verdicts where verdict.verdict == .accepted {
                    released.insert(Held(lease: release.lease, task: verdict.task))
                }
            case .heartbeatReply(let reply):
                let named = heartbeats[reply.sequence]?.leases ?? []
                lost.formUnion(named.filter { reply.lost.contains($0.id) })
            case .eventAck(let ack):
                let told = eventReports[ack.report]?.events ?? []
                events.formUnion(told.filter { !ack.unknownTasks.contains($0.task) }.map(\.id))
            default: break
            }
        }
    }

    private mutating func acknowledged(_ ack: Message.ReportAck) {
        guard let report = reports[ack.report] else { return }
        for verdict in ack.verdicts {
            guard let outcome = report.outcomes.first(where: { $0.task == verdict.task }),
                outcome.attempt == .made || outcome.attempt == .notMade
            else { continue }
            let before = outcomes[verdict.task]
            switch verdict.verdict {
            case .accepted, .late, .alreadyKnown:
                outcomes[verdict.task] = (outcome, report.lease)
            case .leaseLost, .unknownTask:
                if let before, before.lease == report.lease, before.outcome == outcome {
                    contradictions.append(
                        "\(verdict.task) under epoch \(report.lease.epoch): expected the acknowledgement from before, "
                            + "got \(verdict.verdict)")
                }
            }
        }
    }

    // MARK: Looking

    /// What a ledger lacks of all that was said.
    func missing(in ledger: any LedgerTransaction, runs: [RunID]) throws -> [(check: Check, message: String)] {
        var missing: [(check: Check, message: String)] = []
        let next = try ledger.nextEpoch()
        if next <= epoch { missing.append((.epochGrows, "expected an epoch after \(epoch), got \(next)")) }
        for (task, kept) in outcomes.sorted(by: { $0.key < $1.key }) {
            let record = try ledger.task(task)
            if record?.state != .settled || record?.outcome != kept.outcome {
                missing.append(
                    (.acknowledgedOutcome, "\(task): expected \(kept.outcome.code.rawValue), got \(words(record))"))
            }
        }
        for held in granted.sorted(by: { ($0.lease.epoch, $0.task) < ($1.lease.epoch, $1.task) }) {
            let story = try ledger.transitions(of: held.task)
            if !story.contains(where: { $0.to == .leased && $0.lease == held.lease }) {
                missing.append(
                    (.spokenLease, "\(held.task): expected its lease under epoch \(held.lease.epoch), got none"))
            }
        }
        missing += try stillHeld(in: ledger)
        let found = try Set(runs.flatMap { try ledger.events(of: $0) }.map(\.id))
        missing += events.subtracting(found).sorted().map { (.eventKept, "expected event \($0), got none") }
        for (task, said) in reported.sorted(by: { $0.key < $1.key }) {
            if let outcome = try ledger.task(task)?.outcome, !said.contains(outcome) {
                missing.append((.nothingInvented, "\(task): expected an outcome that was reported, got another"))
            }
        }
        return missing
    }

    private func stillHeld(in ledger: any LedgerTransaction) throws -> [(check: Check, message: String)] {
        var held: [(check: Check, message: String)] = []
        for given in released.sorted(by: { ($0.lease.epoch, $0.task) < ($1.lease.epoch, $1.task) }) {
            let record = try ledger.task(given.task)
            if record?.state == .leased, record?.lease == given.lease {
                held.append((.releaseKept, "\(given.task): expected it taken back, got \(words(record))"))
            }
        }
        for live in try ledger.liveLeases() where lost.contains(live.lease) {
            held.append((.releaseKept, "lease of epoch \(live.lease.epoch): expected it lost as told, got it alive"))
        }
        return held
    }

    private func words(_ record: TaskRecord?) -> String {
        guard let record else { return "no such task" }
        return record.outcome.map { "\(record.state.rawValue) as \($0.code.rawValue)" } ?? record.state.rawValue
    }
}
