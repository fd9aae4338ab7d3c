// Owns: what a worker's certificate says of who shows it. Knows no connection.
import Arrears
import Crypto
import DispatchCore
import Foundation
import NIOSSL
import X509

/// How certificates name workers: by a URI in the certificate, or by a subject that the configuration knows.
package struct WorkerCertificates: Hashable, Sendable {
    /// For certificates of an authority that puts no URI of ours into them.
    package struct Subject: Hashable, Sendable {
        /// As RFC 4514 writes it, such as `CN=worker-7,O=Bank`.
        package var subject: String
        package var permit: Principal.Permit

        package init(subject: String, permit: Principal.Permit) {
            self.subject = subject
            self.permit = permit
        }
    }

    /// Whose URIs count; nil: any lender's.
    package var lender: String?
    package var subjects: [Subject]

    package init(lender: String? = nil, subjects: [Subject] = []) {
        self.lender = lender
        self.subjects = subjects
    }

    /// - Returns: nil for what is no certificate, which the handshake should have refused.
    func principal(of certificate: NIOSSLCertificate) -> Principal? {
        guard let der = try? certificate.toDERBytes(), let parsed = try? Certificate(derEncoded: der) else {
            return nil
        }
        let subject = "\(parsed.subject)"
        let names = (try? parsed.extensions.subjectAlternativeNames).map(Array.init) ?? []
        var permits = subjects.filter { $0.subject == subject }.map(\.permit)
        for case .uniformResourceIdentifier(let uri) in names {
            if let permit = permit(uri) { permits.append(permit) }
        }
        return Principal(name: subject, permits: permits)
    }

    /// `recoup://LENDER/worker/NAME?stages=sms,callQueue`; a word more or less permits nothing.
    func permit(_ uri: String) -> Principal.Permit? {
        guard let parts = URLComponents(string: uri), parts.scheme == "recoup", parts.user == nil, parts.port == nil,
            parts.fragment == nil, let host = parts.host, !host.isEmpty, lender.map({ $0 == host }) ?? true,
            let queries = parts.queryItems, queries.count == 1, queries[0].name == "stages"
        else { return nil }
        let path = parts.path.split(separator: "/", omittingEmptySubsequences: false)
        guard path.count == 3, path[0].isEmpty, path[1] == "worker" else { return nil }
        let stages = (queries[0].value ?? "").split(separator: ",", omittingEmptySubsequences: false)
            .map { Stage(rawValue: String($0)) }
        guard !stages.contains(nil) else { return nil }
        return Principal.Permit(names: String(path[2]), stages: Set(stages.compactMap(\.self)))
    }
}

extension NIOSSLCertificate {
    /// SHA-256 of the certificate, lower-case hexadecimal: how it is named among the revoked ones.
    func fingerprint() throws -> String {
        SHA256.hash(data: try toDERBytes()).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
