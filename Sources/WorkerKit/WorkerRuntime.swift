// Owns: the worker's one loop: inputs into the machine, its directives out to link, journal and handler. Decides nothing that
// the machine decides. Everything here runs on one event loop, so that heartbeats never queue behind the work.
import Arrears
import Foundation
import Leasing
import Logging
import NIOCore
import NIOPosix
import SystemParts
import Wire

/// The worker has ended, or is about to: nothing more can be said to the coordinator.
struct WorkerEnding: Error {}

actor WorkerRuntime {
    let eventLoop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    let configuration: WorkerConfiguration
    private let links: LinkMaker
    let journal: Journal
    let handler: any StageHandler
    private let logger: Logger

    var machine: WorkerMachine
    private var backOff: BackOff
    private var channel: (any Channel)?
    private var alarm: (at: Int64, task: Scheduled<Void>)?
    /// Leases whose handler is at work.
    var leases: [LeaseKey: BatchLease] = [:]
    private var forgotten: [(lease: LeaseKey, task: TaskID)] = []
    private var isForgetting = false
    var eventWaiters: [UInt64: CheckedContinuation<Void, any Error>] = [:]
    var exit: WorkerExit?
    private var exitWaiter: CheckedContinuation<WorkerExit, Never>?
    var isTending = false
    var sleeper: CheckedContinuation<Void, Never>?
    /// The first of several failures to connect is told; the others would only repeat it.
    private var saidUnreachable = false

    init(
        _ configuration: WorkerConfiguration, journal: Journal, handler: any StageHandler, logger: Logger
    ) throws(WorkerSetupError) {
        // Never shut down, so that a late continuation still finds its executor.
        eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        self.configuration = configuration
        self.journal = journal
        self.handler = handler
        self.logger = logger
        links = LinkMaker(
            host: configuration.host, port: configuration.port, tls: try configuration.tlsContext())
        let incarnation = max(1, configuration.incarnation)
        var settings = WorkerMachine.Settings(
            worker: WorkerID(configuration.name), incarnation: incarnation, stage: handler.stage,
            capacity: configuration.capacity, software: configuration.software)
        settings.drainMilliseconds = configuration.drainMilliseconds
        machine = WorkerMachine(settings)
        backOff = BackOff(seed: incarnation)
    }

    /// A clock that never jumps and that goes on while the host sleeps, as the coordinator's does.
    var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    // MARK: From start to end

    /// Settles the journal, works, and returns when the worker has ended and its handler with it.
    /// - Parameter settlingOnly: ends when the journal is settled.
    func run(settlingOnly: Bool = false) async throws -> WorkerExit {
        let entries = try journal.entries()
        if !entries.isEmpty { logger.info("settling the journal first", metadata: ["tasks": "\(entries.count)"]) }
        if settlingOnly { machine.finishHeld() }
        perform(machine.recover(entries, now: now))
        connect()
        tend()
        let exit = await withCheckedContinuation { continuation in
            exitWaiter = continuation
            endIfQuiet()
        }
        await handler.shutdown()
        return exit
    }

    func drain() {
        guard exit == nil else { return }
        logger.info("draining: finishing what was begun, giving back the rest")
        perform(machine.drain(now: now))
    }

    private func end(_ reason: WorkerExit) {
        guard exit == nil else { return }
        exit = reason
        logger.info("ending", metadata: ["reason": "\(reason)"])
        alarm?.task.cancel()
        alarm = nil
        for lease in leases.values { lease.drain() }
        for waiter in eventWaiters.values { waiter.resume(throwing: WorkerEnding()) }
        eventWaiters = [:]
        // A handler that does not return must not keep a refused worker alive.
        eventLoop.scheduleTask(in: .milliseconds(configuration.drainMilliseconds)) {
            self.assumeIsolated { $0.finishWaiting() }
        }
        endIfQuiet()
    }

    /// Every handler has returned, and nothing is being written.
    func endIfQuiet() {
        guard exit != nil, leases.isEmpty, !isTending, !isForgetting else { return }
        finishWaiting()
    }

    private func finishWaiting() {
        guard let exit, let waiter = exitWaiter else { return }
        exitWaiter = nil
        waiter.resume(returning: exit)
    }

    func fail(_ error: any Error) { perform(machine.journalFailed("\(error)")) }

    // MARK: Actions

    func perform(_ directives: [WorkerMachine.Directive]) {
        for action in directives {
            switch action {
            case .send(let message): channel?.writeAndFlush(message, promise: nil)
            case .take(let key, let tasks): Task { await take(tasks, under: key) }
            case .resume(let key, let tasks): work(tasks, under: key, isFromJournal: true)
            case .drain(let key): leases[key]?.drain()
            case .cancel(let key, let tasks): leases[key]?.cancel(tasks)
            case .forget(let key, let tasks): forget(tasks.map { (key, $0) })
            case .eventsKnown(let id): eventWaiters.removeValue(forKey: id)?.resume()
            case .disconnect(let reason): dropLink(reason)
            case .exit(let reason): end(reason)
            }
        }
        setAlarm()
        if machine.isEnding || exit != nil { wake() }
    }

    /// One timer: the machine knows what is due when.
    private func setAlarm() {
        let deadline = exit == nil ? machine.nextDeadline() : nil
        guard deadline != alarm?.at else { return }
        alarm?.task.cancel()
        alarm = deadline.map { deadline in
            let task = eventLoop.scheduleTask(in: .milliseconds(max(0, deadline - now))) {
                self.assumeIsolated { $0.ring() }
            }
            return (deadline, task)
        }
    }

    private func ring() {
        alarm = nil
        perform(machine.tick(now: now))
    }

    private func forget(_ tasks: [(lease: LeaseKey, task: TaskID)]) {
        forgotten += tasks
        guard !isForgetting else { return }
        isForgetting = true
        // Whatever is acknowledged while one write is on its way goes into the next.
        Task {
            while !forgotten.isEmpty {
                let batch = forgotten
                forgotten = []
                do { try await journal.forget(batch) } catch { fail(error) }
            }
            isForgetting = false
            endIfQuiet()
        }
    }

    // MARK: The link

    private func connect() {
        guard exit == nil else { return }
        links.connect(on: eventLoop, owner: self).whenComplete { result in
            self.assumeIsolated { $0.connected(result) }
        }
    }

    private func connected(_ result: Result<any Channel, any Error>) {
        switch result {
        case .success(let channel):
            guard exit == nil, channel.isActive else {
                channel.close(promise: nil)
                return reconnect()
            }
            self.channel = channel
            perform(machine.connected(now: now))
        case .failure(let error):
            if !saidUnreachable {
                logger.warning("coordinator not reachable, trying on", metadata: ["error": "\(error)"])
            }
            saidUnreachable = true
            reconnect()
        }
    }

    private func reconnect() {
        guard exit == nil else { return }
        eventLoop.scheduleTask(in: .milliseconds(backOff.next())) { self.assumeIsolated { $0.connect() } }
    }

    private func dropLink(_ reason: String) {
        guard let channel else { return }
        self.channel = nil
        if exit == nil, !machine.isEnding { logger.warning("link dropped", metadata: ["reason": "\(reason)"]) }
        // After what was written before it.
        channel.flush()
        channel.close(promise: nil)
        reconnect()
    }

    private func read(_ message: Message, from channel: any Channel) {
        guard channel === self.channel else { return }
        perform(machine.received(message, now: now))
        switch message {
        case .welcome(let welcome):
            guard machine.isServing else { return }
            backOff.reset()
            saidUnreachable = false
            logger.info("connected", metadata: ["coordinator": "\(welcome.coordinator)"])
        case .error(let failure):
            guard !failure.isFatal else { return }
            logger.warning(
                "coordinator reports", metadata: ["code": "\(failure.code)", "message": "\(failure.message)"])
        case .goodbye(let reason): logger.info("coordinator says goodbye", metadata: ["reason": "\(reason)"])
        case .hello, .refused, .leaseRequest, .leaseGranted, .heartbeat, .heartbeatReply, .report, .reportAck, .release,
            .releaseAck, .eventReport, .eventAck:
            break
        }
    }

    private func failed(_ error: any Error, on channel: any Channel) {
        guard channel === self.channel, exit == nil else { return }
        logger.warning("link failed", metadata: ["error": "\(error)"])
    }

    private func closed(_ channel: any Channel) {
        guard channel === self.channel else { return }
        self.channel = nil
        if exit == nil { logger.info("link closed") }
        perform(machine.disconnected(now: now))
        reconnect()
    }
}

extension WorkerRuntime: LinkOwner {
    nonisolated func linkRead(_ message: Message, from channel: any Channel) {
        assumeIsolated { $0.read(message, from: channel) }
    }
    nonisolated func linkFailed(_ error: any Error, on channel: any Channel) {
        assumeIsolated { $0.failed(error, on: channel) }
    }
    nonisolated func linkClosed(_ channel: any Channel) {
        assumeIsolated { $0.closed(channel) }
    }
}
