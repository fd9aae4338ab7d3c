// Owns: the coordinator's shell in virtual time: turns, commits that fail, crashes before the commit and between commit and
// speech. Decides nothing that the core decides.
import DispatchCore
import Arrears
import Leasing
import Ledger
import SystemParts

/// What a commit comes to.
enum CommitFate {
    case commits
    /// Nothing was kept: an error before the commit, or a crash.
    case keepsNothing
    /// All was kept, and the coordinator never learns it.
    case keepsUnnoticed
}

/// What a person decided on a task.
struct HandDecision {
    enum Kind { case settle, release }
    var kind: Kind
    var task: TaskID
    var hand: ByHand
}

final class SimulatedCoordinator: CoordinatorEnd {
    private struct Fault: Error {}

    /// The time that one turn needs at least: time alone is looked at no more often.
    private static let idleMilliseconds: Int64 = 1_000

    private unowned let play: Play
    private unowned let network: Network
    private unowned let world: World
    private var random: SplitMix64
    private var core: Core?
    /// Grows with every start; what an earlier process planned does not happen.
    private var generation: UInt32 = 0
    private var inbox: [Input] = []
    private var decisions: [HandDecision] = []
    private var connections: [SessionID: Connection] = [:]
    private var turnAt: Int64?
    private var busyUntil: Int64 = 0
    private var fates: [(fate: CommitFate, downMilliseconds: Int64)] = []
    private var grants: UInt64 = 0
    /// When tasks whose window has closed are looked for again.
    private var nextWithdrawal: Int64 = 0
    /// Reports by connection and number, until their answer leaves.
    private var reports: [SessionID: [UInt64: Message.Report]] = [:]

    init(_ play: Play, _ network: Network, _ world: World) {
        (self.play, self.network, self.world) = (play, network, world)
        random = SplitMix64(seed: play.scenario.seed, kind: 4, index: 0)
    }

    var isUp: Bool { core != nil }

    private func fallingEpoch() -> Epoch {
        grants += 1
        return Epoch(UInt64(1_000_000 - 10_000 * UInt64(generation)) + grants)
    }

    // MARK: Start and end

    func boot() {
        play.reopenStore()
        generation += 1
        var core = Core(
            limits: play.limits,
            weights: play.scenario.mutant == .weightsIgnored ? [:] : play.weights, incarnation: generation,
            software: "simulation", businessDays: BusinessDays { $0.asOf })
        play.fairness = [:]
        core.beginDispatch(Play.run)
        let now = play.wallNow
        play.trace("coordinator", 1, "starts, number \(generation)")
        play.inLedger { ledger in
            if play.scenario.mutant != .restartForgetsLeases { try core.recover(ledger, now: now) }
        }
        self.core = core
        busyUntil = play.now
        play.checkAcknowledged()
        planTurn(after: 0)
    }

    func crash(downMilliseconds: Int64) {
        guard core != nil else { return }
        play.trace("coordinator", 2, "is gone for \(downMilliseconds) ms")
        core = nil
        generation += 1
        inbox = []
        decisions = []
        reports = [:]
        turnAt = nil
        let lost = connections.values.sorted { $0.session < $1.session }
        connections = [:]
        for connection in lost { network.closeAtCoordinator(connection) }
        play.after(downMilliseconds) { [self] in boot() }
    }

    /// Stops executing; its clock goes on.
    func pause(_ milliseconds: Int64) { busyUntil = max(busyUntil, play.now + milliseconds) }

    /// The next turn's commit fails.
    func failCommit(_ fate: CommitFate, downMilliseconds: Int64) { fates.append((fate, downMilliseconds)) }

    // MARK: Inputs

    func accept(_ connection: Connection) {
        connections[connection.session] = connection
        receive(.connected(connection.session, .anyone))
    }

    func receive(_ input: Input) {
        guard core != nil else { return }
        inbox.append(input)
        planTurn(after: Int64(random.below(4)))
    }

    func closed(_ connection: Connection) {
        guard connection.isOpenAtCoordinator else { return }
        connection.isOpenAtCoordinator = false
        guard connections.removeValue(forKey: connection.session) != nil else { return }
        receive(.closed(connection.session))
    }

    /// A person's decision waits for the next turn; one that finds nobody is lost.
    func decide(_ decision: HandDecision) {
        guard core != nil else { return }
        decisions.append(decision)
        planTurn(after: 0)
    }

    // MARK: Turns

    private func planTurn(after delay: Int64) {
        let at = max(play.now + delay, busyUntil)
        if let planned = turnAt, planned <= at { return }
        turnAt = at
        let generation = generation
        play.after(at - play.now) { [self] in
            guard self.generation == generation, turnAt == at else { return }
            turnAt = nil
            if busyUntil > play.now { planTurn(after: 0) } else { turn() }
        }
    }

    private func turn() {
        guard var core else { return }
        var inputs = Array(inbox.prefix(play.limits.inputsPerTurn))
        inbox.removeFirst(inputs.count)
        if play.scenario.mutant == .silentConnectionKept {
            inputs += network.silent.filter { connections[$0] != nil }.map {
                .message($0, .heartbeat(Message.Heartbeat(sequence: 0, leases: [])))
            }
        }
        let decided = decisions
        decisions = []
        keepReports(inputs)
        let now = play.wallNow
        let (fate, down) = fates.isEmpty ? (.commits, 0) : fates.removeFirst()
        var directives: [Directive] = []
        do {
            try play.store.transaction { base in
                let ledger = WatchedLedger(base, play, world, fallingEpoch: fallingEpoch)
                for input in inputs {
                    if case .closed(let session) = input { try endLeases(of: session, ledger, now) }
                    directives += try heard(try core.apply(input, to: ledger, now: now), ledger)
                }
                for decision in decided { try carryOut(decision, ledger, at: now.wall) }
                if now.uptime >= nextWithdrawal {
                    nextWithdrawal = now.uptime + Self.idleMilliseconds
                    _ = try ledger.withdrawClosed(Play.run, now: now.wall)
                }
                directives += try core.tick(ledger, now: now)
                if fate == .keepsNothing { throw Fault() }
            }
        } catch is Fault {
            play.trace("coordinator", 3, "the commit fails, nothing is kept")
        } catch {
            preconditionFailure("seed \(play.scenario.seed): the ledger failed by itself: \(error)")
        }
        _ = core.takeNotices()
        self.core = core
        play.trace("coordinator", 4 + UInt64(inputs.count), "turn: \(inputs.count) in, \(directives.count) out")
        guard fate == .commits else {
            speakInVain(directives)
            crash(downMilliseconds: down)
            return
        }
        speakWhenDurable(directives, now: now)
    }

    private func carryOut(_ decision: HandDecision, _ ledger: WatchedLedger, at: Timestamp) throws {
        switch decision.kind {
        case .settle:
            let outcome = Outcome(task: decision.task, attempt: .made, code: .madeResultUnknown)
            _ = try ledger.settleUncertain(outcome, by: decision.hand, businessDate: Play.date, at: at)
        case .release: _ = try ledger.releaseUncertain(decision.task, by: decision.hand, at: at)
        }
    }

    /// The disk needs its time; a crash before it is done leaves a commit of which nobody was told.
    private func speakWhenDurable(_ directives: [Directive], now: Now) {
        let generation = generation
        let sync = Int64(random.chance(100) ? random.within(200...1_500) : random.within(1...6))
        busyUntil = max(busyUntil, play.now + sync)
        play.after(sync) { [self] in
            guard self.generation == generation, let core else { return }
            perform(directives)
            let wait = max(Self.idleMilliseconds, core.nextDeadline(now: play.wallNow) - play.now)
            planTurn(after: inbox.isEmpty ? wait : 0)
        }
    }

    /// What a coordinator says that does not wait for its commit.
    private func speakInVain(_ directives: [Directive]) {
        switch play.scenario.mutant {
        case .speaksBeforeCommit: perform(directives)
        case .grantSentUnpersisted:
            perform(directives.filter { if case .send(_, .leaseGranted) = $0 { true } else { false } })
        default: break
        }
    }

    private func perform(_ directives: [Directive]) {
        for action in directives {
            switch action {
            case .send(let session, let message):
                if case .reportAck(let ack) = message { promise(ack, in: session) }
                if let connection = connections[session] { network.toWorker(message, on: connection) }
            case .close(let session):
                reports[session] = nil
                if let connection = connections.removeValue(forKey: session) {
                    network.closeAtCoordinator(connection)
                }
            }
        }
    }

    // MARK: What was promised

    private func keepReports(_ inputs: [Input]) {
        for input in inputs {
            switch input {
            case .message(let session, .report(let report)): reports[session, default: [:]][report.id] = report
            case .closed(let session): reports[session] = nil
            case .connected, .message: break
            }
        }
    }

    private func promise(_ ack: Message.ReportAck, in session: SessionID) {
        guard let report = reports[session]?.removeValue(forKey: ack.report) else { return }
        play.acknowledged(report, ack.verdicts)
    }

    /// A heartbeat's answer, as it stands in the transaction that gives it.
    private func heard(_ directives: [Directive], _ ledger: WatchedLedger) throws -> [Directive] {
        try directives.map { action in
            guard case .send(let session, .heartbeatReply(var reply)) = action else { return action }
            if play.scenario.mutant == .extendIgnoresEpoch {
                reply.extended += reply.lost
                reply.lost = []
            }
            let live = Set(try ledger.liveLeases().map(\.lease.id))
            for lease in reply.extended where !live.contains(lease) {
                play.violate(
                    .noChangeUnderOldEpoch, "lease \(lease): expected no extension of a lease that has ended, got one")
            }
            return .send(session, .heartbeatReply(reply))
        }
    }

    private func endLeases(of session: SessionID, _ ledger: WatchedLedger, _ now: Now) throws {
        guard play.scenario.mutant == .connectionEndsLease, let worker = play.sessionWorkers[session] else {
            return
        }
        for live in try ledger.liveLeases() where live.worker == worker {
            _ = try ledger.expireIfHeld(live.lease, at: now.wall)
        }
    }
}
