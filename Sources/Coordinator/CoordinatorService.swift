// Owns: a coordinator as one thing that starts, serves and ends: the listener, the loop's thread and the ledger in it.
import Arrears
import Foundation
import Leasing
import Ledger
import Logging

/// Everything a coordinator is told at its start.
package struct CoordinatorConfiguration: Sendable {
    /// Holds the ledger, the runs' files and the orders.
    package var dataDirectory: String
    package var host: String
    /// 0: any free port.
    package var port: Int
    package var tls: TLSFiles?
    package var limits: Limits
    /// How portfolios share the workers: a portfolio of weight 3 gets three tasks where one of weight 1 gets one. Those that
    /// are not named have 1.
    package var portfolioWeights: [PortfolioID: Int]
    /// Random, new at each start.
    package var incarnation: UInt32
    /// Name and version, for people.
    package var software: String
    /// End when the run in hand is finished; otherwise wait for orders.
    package var endsWithRun: Bool
    /// Where the address that is listened on is published, as JSON; nil: nowhere.
    package var addressFile: String?

    /// PEM files: the coordinator's own, and the authority that signed the workers'.
    package struct TLSFiles: Hashable, Sendable {
        package var certificate: String
        package var key: String
        /// Workers must show a certificate signed by this authority.
        package var workerAuthority: String

        package init(certificate: String, key: String, workerAuthority: String) {
            self.certificate = certificate
            self.key = key
            self.workerAuthority = workerAuthority
        }
    }

    package init(
        dataDirectory: String, host: String = "127.0.0.1", port: Int = 0, tls: TLSFiles? = nil,
        limits: Limits = Limits(), portfolioWeights: [PortfolioID: Int] = [:], incarnation: UInt32, software: String,
        endsWithRun: Bool, addressFile: String? = nil
    ) {
        self.dataDirectory = dataDirectory
        self.host = host
        self.port = port
        self.tls = tls
        self.limits = limits
        self.portfolioWeights = portfolioWeights
        self.incarnation = incarnation
        self.software = software
        self.endsWithRun = endsWithRun
        self.addressFile = addressFile
    }
}

/// Watches a coordinator; called on the loop's thread, and must return at once.
package protocol CoordinatorObserver: Sendable {
    func listening(host: String, port: Int)
    func progressed(_ progress: RunProgress)
    func workerChanged(_ notice: WorkerNotice)
    /// The ledger failed or its disk is full; nil: all is as it should be.
    func conditionChanged(_ condition: CoordinatorCondition?)
    /// A run ended before anything was planned; the coordinator goes on.
    func runFailed(_ run: RunID, _ fault: RunFault)
}

extension CoordinatorObserver {
    package func conditionChanged(_ condition: CoordinatorCondition?) {}
    package func runFailed(_ run: RunID, _ fault: RunFault) {}
}

/// How a coordinator ended.
package enum CoordinatorEnd: Sendable {
    case stopped
    case runFinished(RunID)
    case runFailed(RunID, RunFault)
}

/// A coordinator process's whole life.
package final class CoordinatorService: Sendable {
    private let configuration: CoordinatorConfiguration
    private let openLedger: @Sendable () throws -> any Ledger
    private let observer: any CoordinatorObserver
    private let logger: Logger
    private let inbox = Inbox()

    /// - Parameter openLedger: called on the thread that will own the ledger, at the start and after a fault of it.
    package init(
        configuration: CoordinatorConfiguration, observer: any CoordinatorObserver, logger: Logger,
        openLedger: @escaping @Sendable () throws -> any Ledger
    ) {
        self.configuration = configuration
        self.openLedger = openLedger
        self.observer = observer
        self.logger = logger
    }

    /// Asks for an orderly end: workers are told, nothing more is granted. Safe from any thread, any number of times.
    package func stop() { inbox.stop() }

    /// Opens the ledger, listens, serves and returns at the end.
    /// - Throws: `LedgerError` when the ledger cannot be opened or written, `RunFault` for a run that
    ///   cannot be resumed, and what the listener throws when its address cannot be had.
    package func run() async throws -> CoordinatorEnd {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { [self] in
                continuation.resume(with: Result { try serve() })
            }
            thread.name = "recoup-ledger"
            thread.stackSize = 8 * 1024 * 1024
            thread.start()
        }
    }

    /// The ledger comes first: a second coordinator is refused before it listens.
    private func serve() throws -> CoordinatorEnd {
        let ledger = try HeldLedger(open: openLedger)
        let listener = try Listener(configuration: configuration, inbox: inbox, logger: logger)
        defer { listener.close() }
        if let file = configuration.addressFile {
            try publish(host: configuration.host, port: listener.port, to: file)
        }
        defer { if let file = configuration.addressFile { unlink(file) } }
        observer.listening(host: configuration.host, port: listener.port)
        let loop = Loop(
            ledger: ledger, inbox: inbox, transport: listener, configuration: configuration, observer: observer)
        switch try loop.run() {
        case .stopped: return .stopped
        case .runFinished(let run): return .runFinished(run)
        case .runFailed(let run, let fault): return .runFailed(run, fault)
        }
    }

    private func publish(host: String, port: Int, to file: String) throws(LedgerError) {
        struct Address: Encodable {
            var host: String
            var port: Int
            var pid: Int32
        }
        do {
            let data = try JSONEncoder().encode(Address(host: host, port: port, pid: getpid()))
            try data.write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw LedgerError(writing: file, error)
        }
    }
}
