// Owns: the secret between the workers and the sandbox. Knows nothing of who shows it.

import Foundation

/// The secret between workers and sandbox.
enum GatewayToken {
    /// Made once, readable by its owner only.
    static func make(at path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        var generator = SystemRandomNumberGenerator()
        let token = (0..<4).map { _ in String(generator.next(), radix: 36) }.joined()
        try writeAtomically(Array(token.utf8), to: path)
    }
}
