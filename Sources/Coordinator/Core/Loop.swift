// Owns: the one loop: take what waits, apply it in one transaction, commit, then speak, then wait. One thread runs it and
// owns the ledger.
import Arrears
import Foundation
import Leasing
import Ledger
import Wire

/// What waits for the loop; filled from any thread.
final class Inbox: @unchecked Sendable {
    // Every access to `waiting` and `isStopping` holds `condition`.
    private let condition = NSCondition()
    private var waiting: [Input] = []
    private var isStopping = false

    func add(_ input: Input) {
        condition.lock()
        waiting.append(input)
        condition.signal()
        condition.unlock()
    }

    func stop() {
        condition.lock()
        isStopping = true
        condition.signal()
        condition.unlock()
    }

    /// Waits until something is there or the time is over, and takes at most `limit`.
    func take(limit: Int, waitMilliseconds: Int64) -> (inputs: [Input], isStopping: Bool) {
        condition.lock()
        defer { condition.unlock() }
        let end = Date(timeIntervalSinceNow: TimeInterval(waitMilliseconds) / 1_000)
        while waiting.isEmpty, !isStopping, waitMilliseconds > 0 {
            if !condition.wait(until: end) { break }
        }
        let inputs = Array(waiting.prefix(limit))
        waiting.removeFirst(inputs.count)
        return (inputs, isStopping)
    }
}

/// How far a run is, for whoever watches.
public struct RunProgress: Sendable {
    public var run: RunID
    public var checkpoint: Checkpoint
    /// Connected workers by stage; a stage in dispatch without any is worth a word.
    public var workers: [Stage: Int]
    public var fault: RunFault?
}

/// What the loop speaks to: the listener in production.
protocol Speaker: Sendable {
    func perform(_ actions: [Action])
}

/// The loop. Confined to the thread that calls `run`.
final class Loop {
    enum End: Sendable {
        case stopped
        case runFinished(RunID)
        case runFailed(RunID, RunFault)
    }

    private let ledger: any Ledger
    private let inbox: Inbox
    private let speaker: any Speaker
    private let orders: OrderBox
    private let configuration: CoordinatorConfiguration
    private let observer: CoordinatorObserver
    private var clock: BusinessClock
    private var core: Core
    private var pipeline: RunPipeline?

    init(
        ledger: any Ledger, inbox: Inbox, speaker: any Speaker, configuration: CoordinatorConfiguration,
        observer: CoordinatorObserver
    ) {
        self.ledger = ledger
        self.inbox = inbox
        self.speaker = speaker
        self.configuration = configuration
        self.observer = observer
        orders = OrderBox(dataDirectory: configuration.dataDirectory)
        clock = BusinessClock(simulatedStart: nil)
        core = Core(
            limits: configuration.limits, incarnation: configuration.incarnation, software: configuration.software)
    }

    func run() throws -> End {
        try recover()
        while true {
            let (inputs, isStopping) = inbox.take(
                limit: configuration.limits.inputsPerTurn, waitMilliseconds: waitMilliseconds())
            if isStopping {
                speaker.perform(core.sayGoodbye("the coordinator stops"))
                return .stopped
            }
            do {
                if let end = try turn(inputs) { return end }
            } catch let fault as RunFault {
                return try end(with: fault)
            }
        }
    }

    private var nextStep: Int64 = 0

    private func waitMilliseconds() -> Int64 {
        let now = clock.now()
        var until = core.nextDeadline(now: now)
        if pipeline != nil { until = min(until, nextStep) } else { until = min(until, now.uptime + 500) }
        return max(0, until - now.uptime)
    }

    /// Rebuilds what is in memory from the ledger.
    private func recover() throws {
        let now = clock.now()
        try ledger.transaction { ledger in
            try core.recover(ledger, now: now)
            if let unfinished = try ledger.unfinishedRun() { try take(up: unfinished, ledger) }
        }
    }

    private func take(up record: RunRecord, _ ledger: any LedgerReading) throws {
        let order = try RunOrder(json: record.order)
        clock = BusinessClock(simulatedStart: order.simulatedClockStart)
        pipeline = try RunPipeline(
            order: order, dataDirectory: configuration.dataDirectory, ledger: ledger, now: clock.now())
        nextStep = 0
    }

    /// One turn. The actions leave only after the transaction is on disk.
    private func turn(_ inputs: [Input]) throws -> End? {
        let order = pipeline == nil ? try orders.next() : nil
        let now = clock.now()
        var actions: [Action] = []
        var finished: RunID?
        try ledger.transaction { ledger in
            for input in inputs { actions += try core.apply(input, to: ledger, now: now) }
            if let order { try begin(order, ledger, now: now) }
            if pipeline != nil, now.uptime >= nextStep {
                finished = try step(ledger, now: now)
            }
            actions += try core.tick(ledger, now: now)
        }
        if let order { orders.remove(order.run) }
        if let finished, configuration.endsWithRun { actions += core.sayGoodbye("run \(finished) is finished") }
        speaker.perform(actions)
        for notice in core.takeNotices() { observer.workerChanged(notice) }
        guard let finished else { return nil }
        pipeline = nil
        clock = BusinessClock(simulatedStart: nil)
        return configuration.endsWithRun ? .runFinished(finished) : nil
    }

    private func begin(_ order: RunOrder, _ ledger: any LedgerTransaction, now: Now) throws {
        guard try ledger.run(order.run) == nil else { return }
        let record = RunRecord(id: order.run, asOf: order.asOf, order: try order.json(), startedAt: now.machine)
        try ledger.insertRun(record)
        try take(up: record, ledger)
    }

    /// One step of the run in hand; the run's id when it was the last.
    private func step(_ ledger: any LedgerTransaction, now: Now) throws -> RunID? {
        guard var run = pipeline else { return nil }
        // Stages before dispatch leave the turn to the workers' messages after every batch.
        let result = try run.step(ledger, core: &core, now: clock.now())
        pipeline = run
        observer.progressed(
            RunProgress(
                run: run.order.run, checkpoint: run.checkpoint, workers: core.workersByStage, fault: nil))
        switch result {
        case .more:
            nextStep = 0
            return nil
        case .waiting(let until):
            nextStep = until
            return nil
        case .finished:
            return run.order.run
        }
    }

    /// A run that cannot go on: too many rejects end it; anything else leaves it to be resumed when it is mended.
    private func end(with fault: RunFault) throws -> End {
        guard let run = pipeline?.order.run else { throw fault }
        if case .tooManyRejects = fault {
            let now = clock.now()
            try ledger.transaction { try $0.finishRun(run, at: now.machine) }
        }
        speaker.perform(core.sayGoodbye("run \(run) ended: \(fault)"))
        return .runFailed(run, fault)
    }
}
