// Owns: whether a file with a secret is one. Reads nothing of it.
import Foundation

/// A key or a token: what others of this machine can read is no secret.
package enum SecretFile {
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// - Throws: when everybody of the machine may read or write the file. A group may: that is how services share one.
    package static func demandPrivate(_ path: String) throws(Fault) {
        var found = stat()
        // One that is not there is told by whoever reads it.
        guard stat(path, &found) == 0, found.st_mode & 0o006 != 0 else { return }
        let mode = String(found.st_mode & 0o777, radix: 8)
        throw Fault(
            description: "\(path): expected a file that not everybody may read, such as mode 600, got mode \(mode)")
    }
}
