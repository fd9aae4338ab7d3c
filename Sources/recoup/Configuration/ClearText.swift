// Owns: who is spoken to without TLS. Opens nothing.
import SystemParts

extension Configuration {
    /// Tokens and debtors' data leave this machine under TLS, unless somebody meant otherwise in words.
    /// - Parameter place: the flag that names the host.
    func demandPrivacy(towards host: String, isPrivate: Bool, _ place: String) throws {
        guard !isPrivate, !allowsClearText, !Loopback.contains(host) else { return }
        throw Failure(
            .usage,
            """
            \(place): expected TLS towards another machine, got \(host) without it.
            If clear text is meant, say so in the configuration: clearText: allowed
            """)
    }
}
