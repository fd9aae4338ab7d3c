// Owns: the lock that keeps a second process from writing. Knows nothing of the store.
import Foundation
import Ledger

/// An exclusive `flock` on a file that names its holder. The kernel lets go of it when the process ends, however it
/// ends, so there is no stale lock to clear.
final class ProcessLock {
    private var descriptor: CInt

    /// - Throws: `LedgerError.locked` with the id of the process that holds it.
    init(path: String) throws {
        // Closed on exec: a child that outlives the coordinator must not keep the ledger locked.
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LedgerError(systemError: errno, at: path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            let holder = ProcessLock.holder(descriptor)
            Foundation.close(descriptor)
            guard reason == EWOULDBLOCK else { throw LedgerError(systemError: reason, at: path) }
            throw LedgerError(
                .locked,
                "\(path): expected to be the only process that writes this ledger, got process \(holder) which has it. "
                    + "Stop that process first, or use another directory.")
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
            let reason = errno
            release()
            throw LedgerError(systemError: reason, at: path)
        }
    }

    deinit { release() }

    func release() {
        guard descriptor >= 0 else { return }
        Foundation.close(descriptor)
        descriptor = -1
    }

    private static func holder(_ descriptor: CInt) -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(0, count)).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        // Between taking the lock and writing the number the file is empty.
        return digits.isEmpty ? "(number not yet written)" : String(decoding: digits, as: UTF8.self)
    }
}
