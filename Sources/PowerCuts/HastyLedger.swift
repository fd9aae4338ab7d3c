// Owns: the defect of a coordinator that speaks before it commits, as a ledger that is one commit late.
import Foundation
import Ledger

/// Runs each transaction to its end, and lets it commit only when the next one is asked for: whatever is said in
/// between is said before the commit.
final class HastyLedger: Ledger {
    private let inner: any Ledger
    private var open: OpenTransaction?

    init(_ inner: any Ledger) { self.inner = inner }

    deinit { try? open?.commit() }

    func close() throws {
        try open?.commit()
        open = nil
        try inner.close()
    }

    func transaction<Result>(_ body: (any LedgerTransaction) throws -> Result) throws -> Result {
        if let last = open {
            open = nil
            try last.commit()
        }
        return try withoutActuallyEscaping(body) { body in
            var answer: Swift.Result<Result, any Error>?
            let next = OpenTransaction(inner) { transaction in
                let result = Swift.Result { try body(transaction) }
                answer = result
                _ = try result.get()
            }
            guard let answer else {
                try next.commit()
                preconditionFailure("a transaction ended without its body and without an error")
            }
            if case .success = answer { open = next } else { try next.commit() }
            return try answer.get()
        }
    }
}

/// A transaction that waits, on a thread of its own, to be committed.
private final class OpenTransaction: @unchecked Sendable {
    // The two threads take turns, handed over by the semaphores: `body`, `inner` and `fault` are never used by both at
    // once.
    private var inner: (any Ledger)?
    private var body: ((any LedgerTransaction) throws -> Void)?
    private var fault: (any Error)?
    private let isDone = DispatchSemaphore(value: 0)
    private let mayCommit = DispatchSemaphore(value: 0)
    private let isOver = DispatchSemaphore(value: 0)

    /// Returns when `body` is done, or could not begin.
    init(_ inner: any Ledger, _ body: @escaping (any LedgerTransaction) throws -> Void) {
        self.inner = inner
        self.body = body
        let thread = Thread { [self] in run() }
        thread.stackSize = 8 * 1024 * 1024
        thread.start()
        isDone.wait()
        self.body = nil
    }

    private func run() {
        do {
            try inner?.transaction { transaction in
                defer {
                    isDone.signal()
                    mayCommit.wait()
                }
                try body?(transaction)
            }
        } catch {
            fault = error
        }
        // Whoever waits for the end may let go of the ledger, and it closes then and there.
        inner = nil
        // When the transaction could not begin, its body was not called.
        isDone.signal()
        isOver.signal()
    }

    func commit() throws {
        mayCommit.signal()
        isOver.wait()
        if let fault { throw fault }
    }
}
