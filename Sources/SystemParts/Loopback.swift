// Owns: whether an address is this machine's alone.

/// What is said on loopback stays on this machine.
package enum Loopback {
    /// By the text of a host: a name other than `localhost` may lead anywhere.
    package static func contains(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
