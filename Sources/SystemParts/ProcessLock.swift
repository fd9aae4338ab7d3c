// Owns: the lock that lets one process at a time own a directory. Knows nothing of what is in it.
import Foundation
import Synchronization

/// An exclusive `flock` on a file that names its holder. The kernel lets go of it when the process ends, however it
/// ends, so there is no stale lock to clear.
package final class ProcessLock: Sendable {
    package enum Fault: Error, Hashable, Sendable {
        /// By another process; its number, once it has written it.
        case held(by: String?)
        /// What the system said of the file.
        case system(CInt)
    }

    private let descriptor: Mutex<CInt>

    package init(path: String) throws(Fault) {
        // Closed on exec: a child that outlives its parent must not keep the directory locked.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            let holder = ProcessLock.holder(descriptor)
            Foundation.close(descriptor)
            throw reason == EWOULDBLOCK ? .held(by: holder) : .system(reason)
        }
        self.descriptor = Mutex(descriptor)
        // The number only tells people who has it; the lock is the kernel's.
        let text = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
    }

    deinit { release() }

    package func release() {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            Foundation.close(descriptor)
            descriptor = -1
        }
    }

    private static func holder(_ descriptor: CInt) -> String? {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(0, count)).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return digits.isEmpty ? nil : String(decoding: digits, as: UTF8.self)
    }
}
