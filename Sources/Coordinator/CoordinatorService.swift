// Owns: a coordinator as one thing that starts, serves and ends: the listener, the loop's thread and the ledger in it.
import Arrears
import Foundation
import Leasing
import Ledger
import Logging

/// A coordinator process's whole life.
package final class CoordinatorService: Sendable {
    private let configuration: CoordinatorConfiguration
    private let store: any LedgerStore
    private let observer: any CoordinatorObserver
    private let logger: Logger
    private let inbox = Inbox()

    /// - Parameter store: its ledger is opened on the thread that will own it, at the start and after a fault of it.
    package init(
        configuration: CoordinatorConfiguration, store: any LedgerStore, observer: any CoordinatorObserver,
        logger: Logger
    ) {
        self.configuration = configuration
        self.store = store
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
        let ledger = try HeldLedger(open: store.writer)
        let listener = try Listener(configuration: configuration, inbox: inbox, logger: logger)
        defer { listener.close() }
        if let file = configuration.addressFile {
            try publish(host: configuration.host, port: listener.port, to: file)
        }
        defer { if let file = configuration.addressFile { unlink(file) } }
        observer.listening(host: configuration.host, port: listener.port)
        let loop = Loop(
            ledger: ledger, inbox: inbox, transport: listener, configuration: configuration, observer: observer,
            reserve: store.reserve)
        return try loop.run()
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
