// Owns: the lock that lets one process at a time own a directory. Knows nothing of what is in it.
import Foundation

/// Held until it is released or the process ends, however it ends: the kernel lets go of it.
struct ProcessLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `.locked` with the owner's process id, or `.inputOutput`.
    init(path: String) throws(JournalError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .inputOutput(path, errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            let owner = (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n").first
            close(descriptor)
            guard reason == EWOULDBLOCK else { throw .inputOutput(path, reason) }
            let who = owner.map { "process \($0)" } ?? "another process"
            throw JournalError(
                .locked,
                "\(path): expected no other owner, got \(who): one worker per data directory; stop it, or give this "
                    + "one another directory")
        }
        let text = "\(getpid())\n"
        // The process id only tells people who owns it; the lock is the kernel's.
        _ = ftruncate(descriptor, 0)
        _ = text.withCString { pwrite(descriptor, $0, text.utf8.count, 0) }
        self.descriptor = descriptor
    }

    func release() { close(descriptor) }
}

extension JournalError {
    static func inputOutput(_ path: String, _ number: Int32) -> JournalError {
        JournalError(.inputOutput, "\(path): \(String(cString: strerror(number)))")
    }
}
