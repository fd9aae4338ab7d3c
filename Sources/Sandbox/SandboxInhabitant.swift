// Owns: the seam for those parts of the sandbox's world that act by themselves, such as agencies.

/// A part of the outside world that acts by itself beside the servers.
package protocol SandboxInhabitant: Sendable {
    /// Acts until its task is cancelled.
    /// - Throws: what ends the whole sandbox, such as a record that cannot be written.
    func run() async throws
}
