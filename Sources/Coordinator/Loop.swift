// Owns: the one loop: take what waits, apply it in one transaction, commit, then speak, then wait. One thread runs it and
// owns the ledger.
import DispatchCore
import BusinessDay
import Arrears
import Foundation
import Leasing
import Ledger
import SystemParts
import Wire

/// How a coordinator ended.
package enum CoordinatorEnd: Sendable {
    case stopped
    case runFinished(RunID)
    case runFailed(RunID, RunFault)
}

/// The loop. Confined to the thread that calls `run`.
package final class Loop {
    private let ledger: HeldLedger
    private let inbox: Inbox
    private let transport: any Transport
    private let orders: OrderBox
    private let decisions: DecisionBox
    private let events: EventBox
    private let reserve: any RoomReserve
    /// The wait before the ledger is opened anew, doubled with each fault in a row.
    private let pauseMilliseconds: Int64
    private let configuration: CoordinatorConfiguration
    private let observer: CoordinatorObserver
    private let machine: MachineClock
    private var clock: BusinessClock
    private var core: Core
    private var pipeline: RunPipeline?
    private var promises = Promises()
    private var businessDays = RunOrder.businessDays
    private var faults = FaultAllowance()
    private var condition: CoordinatorCondition?

    package init(
        ledger: HeldLedger, inbox: Inbox, transport: any Transport, configuration: CoordinatorConfiguration,
        observer: CoordinatorObserver, reserve: any RoomReserve, pauseMilliseconds: Int64 = 100,
        machine: MachineClock = .system
    ) {
        self.ledger = ledger
        self.inbox = inbox
        self.transport = transport
        self.configuration = configuration
        self.observer = observer
        self.reserve = reserve
        self.pauseMilliseconds = pauseMilliseconds
        self.machine = machine
        orders = OrderBox(dataDirectory: configuration.dataDirectory)
        decisions = DecisionBox(dataDirectory: configuration.dataDirectory)
        events = EventBox(dataDirectory: configuration.dataDirectory)
        clock = BusinessClock(simulatedStart: nil, machine: machine)
        core = Core(
            limits: configuration.limits, weights: configuration.portfolioWeights,
            incarnation: configuration.incarnation, software: configuration.software,
            businessDays: RunOrder.businessDays)
    }

    func run() throws -> CoordinatorEnd {
        defer { reserve.drop() }
        do {
            try start()
        } catch let fault as RunFault {
            if let end = try end(with: fault) { return end }
        }
        while true {
            let (inputs, isStopping) = inbox.take(
                limit: configuration.limits.inputsPerTurn, waitMilliseconds: waitMilliseconds())
            transport.taken(inputs)
            if isStopping {
                transport.perform(core.goodbye("the coordinator stops"))
                return .stopped
            }
            if let end = try pass(inputs) { return end }
        }
    }

    /// Rebuilds what is in memory from the ledger, and takes its reserve of room.
    package func start() throws {
        show(nil)
        try recover()
        takeReserve()
    }

    /// One turn, and what is to be done when it fails.
    package func pass(_ inputs: [Input]) throws -> CoordinatorEnd? {
        do {
            if isShortOfRoom { try endShortageIfRoom() }
            return try turn(inputs)
        } catch let fault as RunFault {
            return try end(with: fault)
        } catch let fault as LedgerError {
            return try recover(from: fault, inputs)
        }
    }

    private var nextStep: Int64 = 0
    private var nextLook: Int64 = 0

    private func waitMilliseconds() -> Int64 {
        let now = clock.now()
        var until = core.nextDeadline(now: now)
        let hasStep = pipeline != nil && !isShortOfRoom
        until = min(until, hasStep ? nextStep : now.uptime + 500)
        return max(0, until - now.uptime)
    }

    private func recover() throws {
        let now = clock.now()
        try ledger.transaction { ledger in
            try core.recover(ledger, now: now)
            try resumeRun(unfinishedIn: ledger)
        }
    }

    /// Makes the pipeline from the ledger alone. A run that was in hand keeps its clock.
    private func resumeRun(unfinishedIn ledger: any LedgerReading) throws {
        let before = pipeline?.order.run
        pipeline = nil
        guard let record = try ledger.unfinishedRun() else {
            clock = BusinessClock(simulatedStart: nil, machine: machine)
            return
        }
        try resume(record, ledger, keepingClock: record.id == before)
    }

    private func resume(_ record: RunRecord, _ ledger: any LedgerReading, keepingClock: Bool = false) throws {
        let order = try RunOrder(json: record.order)
        if !keepingClock { clock = BusinessClock(simulatedStart: order.simulatedClockStart, machine: machine) }
        pipeline = try RunPipeline(
            order: order, dataDirectory: configuration.dataDirectory, limits: configuration.limits, ledger: ledger,
            now: clock.now())
        nextStep = 0
    }

    /// One turn. The directives leave only after the transaction is on disk; when it fails, the core is as it was before.
    private func turn(_ inputs: [Input]) throws -> CoordinatorEnd? {
        let order = pipeline == nil && !isShortOfRoom ? try orders.next() : nil
        let now = clock.now()
        let (decided, told) = leftByOthers(now)
        let before = core
        var directives: [Directive] = []
        var verdicts: [Verdict] = []
        var taken: Result<Int, EventRefusal>?
        var finished: RunID?
        do {
            try ledger.transaction { ledger in
                for input in inputs { directives += try core.apply(input, to: ledger, now: now) }
                for waiting in decided {
                    verdicts.append(
                        try waiting.decision?.apply(to: ledger, businessDays: &businessDays, at: now.wall)
                            ?? .unknownTask)
                }
                // Before anything is leased or planned: what was told counts for it.
                if let told { taken = try events.take(told, into: ledger, at: now.wall) }
                if let order { try begin(order, ledger, now: now) }
                if pipeline != nil, !isShortOfRoom, now.uptime >= nextStep { finished = try step(ledger, now: now) }
                directives += try core.tick(ledger, now: now)
            }
        } catch let fault as LedgerError {
            // The numbers of the grants that failed are spent: nobody knows whether they are in the ledger.
            let spent = core.grants
            core = before
            core.grants = spent
            throw fault
        }
        if let order {
            orders.remove(order.run)
            // Only now: files that are refused at once must leave the run in the ledger, and the order is done with.
            do {
                try ledger.transaction { try resumeRun(unfinishedIn: $0) }
            } catch let fault as LedgerError where fault.code == .full {
                // The turn itself is on disk and is not to be tried again; the run is resumed when there is room.
                beginShortage(fault)
            }
        }
        for (waiting, verdict) in zip(decided, verdicts) { try decisions.done(waiting, verdict) }
        if let told, let taken { putAway(told.name, taken) }
        if verdicts.contains(.accepted) { core.lookEverywhere() }
        promises.note(directives, run: pipeline?.order.run)
        return conclude(directives, finished)
    }

    /// What is said once the turn is on disk.
    private func conclude(_ earned: [Directive], _ finished: RunID?) -> CoordinatorEnd? {
        var directives = earned
        if let finished, configuration.endsWithRun { directives += core.goodbye("run \(finished) is finished") }
        transport.perform(directives)
        for notice in core.takeNotices() { observer.workerChanged(notice) }
        guard let finished else { return nil }
        pipeline = nil
        clock = BusinessClock(simulatedStart: nil, machine: machine)
        return configuration.endsWithRun ? .runFinished(finished) : nil
    }

    /// Decisions that people left, and the next file of events; looked for twice a second, and again at once while there are
    /// more files.
    private func leftByOthers(_ now: Now) -> (decided: [DecisionBox.Waiting], told: EventBox.Waiting?) {
        guard now.uptime >= nextLook else { return ([], nil) }
        let told = events.next()
        nextLook = told == nil ? now.uptime + 500 : now.uptime
        return (decisions.waiting(), told)
    }

    /// What was taken is in the ledger. A file that cannot be put away is taken again, and changes nothing.
    private func putAway(_ file: String, _ taken: Result<Int, EventRefusal>) {
        do throws(DurableFileFault) {
            try events.done(file, taken)
            observer.eventsCame(file, taken)
        } catch {
            observer.eventsCame(file, .failure(EventRefusal(reason: "cannot be put away: \(error)")))
        }
    }

    private func begin(_ order: RunOrder, _ ledger: any LedgerTransaction, now: Now) throws {
        guard try ledger.run(order.run) == nil else { return }
        let record = RunRecord(id: order.run, asOf: order.asOf, order: try order.json(), startedAt: now.machine)
        try ledger.insertRun(record)
    }

    /// One step of the run in hand; the run's id when it was the last.
    private func step(_ ledger: any LedgerTransaction, now: Now) throws -> RunID? {
        guard var run = pipeline else { return nil }
        // Stages before dispatch leave the turn to the workers' messages after every batch.
        let turn = try run.step(ledger, now: clock.now())
        pipeline = run
        for directive in turn.directives {
            switch directive {
            case .beginDispatch(let run): core.beginDispatch(run)
            case .endDispatch: core.endDispatch()
            }
        }
        observer.progressed(
            RunProgress(
                run: run.order.run, checkpoint: run.checkpoint, workers: core.workersByStage, fault: nil))
        switch turn.result {
        case .more:
            nextStep = 0
            return nil
        case .waiting(let until):
            nextStep = until
            return nil
        case .done:
            return run.order.run
        }
    }

    /// A run that cannot go on. Until its book is read whole nothing is planned: it has ended, and is begun anew when its
    /// files are mended; a coordinator that serves one run after another goes on without it. Later it waits to be resumed.
    private func end(with fault: RunFault) throws -> CoordinatorEnd? {
        let now = clock.now()
        let found = try ledger.transaction { ledger -> (run: RunID, isRead: Bool)? in
            guard let run = try ledger.unfinishedRun()?.id else { return nil }
            return (run, try ledger.checkpoints(of: run).contains { $0.stage == .ingest && $0.isComplete })
        }
        guard let (run, isRead) = found else { throw fault }
        if !isRead {
            // First the word, then the end: who waits for the run reads it when it has ended.
            try RunFaultNote(fault).write(to: RunFiles(dataDirectory: configuration.dataDirectory, run: run))
            try ledger.transaction { try $0.finishRun(run, at: now.machine) }
            if !configuration.endsWithRun {
                observer.runFailed(run, fault)
                pipeline = nil
                clock = BusinessClock(simulatedStart: nil, machine: machine)
                return nil
            }
        }
        transport.perform(core.goodbye("run \(run) ended: \(fault)"))
        return .runFailed(run, fault)
    }

    // MARK: Faults of the ledger

    private var isShortOfRoom: Bool { condition?.kind == .diskFull }

    /// Nothing of the turn was promised. Without room the turn is tried once more, without grants; after any other fault
    /// that may pass, everything in memory is made anew from the ledger.
    private func recover(from fault: LedgerError, _ inputs: [Input]) throws -> CoordinatorEnd? {
        switch fault.code {
        case .corrupt, .schema, .notFound: throw fault
        case .inputOutput, .locked, .durability: return try reopen(after: fault, inputs)
        case .full:
            guard !isShortOfRoom else {
                try disconnect(inputs)
                return nil
            }
            beginShortage(fault)
            do {
                return try turn(inputs)
            } catch let again as LedgerError where again.code == .full {
                try disconnect(inputs)
                return nil
            }
        }
    }

    private func reopen(after first: LedgerError, _ inputs: [Input]) throws -> CoordinatorEnd? {
        let run = pipeline?.order.run
        var fault = first
        closeAll(inputs)
        while let count = faults.take(at: machine.uptime()) {
            show(CoordinatorCondition(.ledgerFault, fault))
            pause(pauseMilliseconds << (count - 1))
            do {
                try ledger.reopen()
                try ledger.transaction { try promises.demand(of: $0, nextEpoch: try $0.nextEpoch()) }
                try recover()
                show(nil)
                takeReserve()
                // The turn that failed may stand in the ledger all the same, and have been the run's last.
                guard let run, try ledger.transaction({ try $0.run(run)?.isFinished }) == true else { return nil }
                return conclude([], run)
            } catch let again as LedgerError where again.code != .corrupt && again.code != .schema {
                fault = again
            }
        }
        throw fault
    }

    /// Closes every connection; the core forgets them, and the leases, which are to be found in the ledger.
    private func closeAll(_ inputs: [Input]) {
        var sessions = Set(core.sessionIDs)
        for case .connected(let session, _) in inputs { sessions.insert(session) }
        transport.perform(sessions.sorted().map { .close($0) })
        core = core.renewed()
    }

    /// Not even a report fits: workers keep what they have to say in their journals, and come back.
    private func disconnect(_ inputs: [Input]) throws {
        let dispatching = core.dispatching
        closeAll(inputs)
        if let dispatching { core.beginDispatch(dispatching) }
        core.holdsGrants = true
        try ledger.transaction { try core.recover($0, now: clock.now()) }
        pause(pauseMilliseconds)
    }

    private func takeReserve() {
        if !reserve.fill() { beginShortage(LedgerError(.full, "expected room for the ledger's reserve, got none")) }
    }

    /// The reserve goes to the ledger; nothing is leased and no run goes on until there is room for a new one.
    private func beginShortage(_ fault: LedgerError) {
        reserve.drop()
        core.holdsGrants = true
        show(CoordinatorCondition(.diskFull, fault))
    }

    private func endShortageIfRoom() throws {
        guard reserve.fill() else { return }
        try ledger.transaction { try resumeRun(unfinishedIn: $0) }
        core.holdsGrants = false
        core.lookEverywhere()
        show(nil)
    }

    private func show(_ condition: CoordinatorCondition?) {
        self.condition = condition
        observer.conditionChanged(condition)
        CoordinatorCondition.show(condition, in: configuration.dataDirectory)
    }

    private func pause(_ milliseconds: Int64) {
        Thread.sleep(forTimeInterval: TimeInterval(milliseconds) / 1_000)
    }
}
