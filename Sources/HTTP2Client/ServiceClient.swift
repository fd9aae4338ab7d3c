// Owns: what an answer of a JSON service means for the one who asked: answered, not looked at, or unknown. Knows nothing
// of what the service does.
import Foundation
import NIOCore
import NIOPosix

package struct ServiceConfiguration: Hashable, Sendable {
    /// Origin, timeouts and limits.
    package var http: HTTP2ClientConfiguration
    /// Holds the bearer token, nothing else.
    package var tokenFile: String

    package init(http: HTTP2ClientConfiguration, tokenFile: String) {
        self.http = http
        self.tokenFile = tokenFile
    }
}

/// What came of a call of a service.
package enum ServiceReply: Hashable, Sendable {
    /// 2xx, or a 4xx that is about this request.
    case answered(HTTP2Response)
    /// Provably not looked at: it may be asked again, not before this time where the service named one.
    case later(Duration?, reason: String)
    /// It may have been done or not.
    case unknown(reason: String)
}

/// Calls one JSON service over HTTP/2 with a bearer token.
package struct ServiceClient: Sendable {
    private let client: HTTP2Client
    private let token: BearerToken
    private let trouble: ServiceTrouble

    /// - Parameter note: told in words when the service begins to refuse or is out of reach, and when it serves again.
    /// - Throws: when the token cannot be read.
    package init(
        _ configuration: ServiceConfiguration,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        note: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(ServiceSettingsError) {
        token = try BearerToken(file: configuration.tokenFile)
        trouble = ServiceTrouble(of: "\(configuration.http.origin)", tokenFile: configuration.tokenFile, note: note)
        client = HTTP2Client(configuration.http, eventLoopGroup: eventLoopGroup)
    }

    /// - Parameter key: The idempotency key, where the call has an effect that must not come twice.
    package func call(
        _ method: String, _ path: String, key: String? = nil, body: [UInt8] = []
    ) async -> ServiceReply {
        var headers = [HTTP2Header("authorization", "Bearer \(token.text)"), HTTP2Header("accept", "application/json")]
        if !body.isEmpty { headers.append(HTTP2Header("content-type", "application/json")) }
        if let key { headers.append(HTTP2Header("idempotency-key", key)) }
        do throws(HTTP2Failure) {
            let request = HTTP2Request(method: method, path: path, headers: headers, body: body)
            let response = try await client.request(request)
            trouble.heard(response, method, path)
            if response.status == 401 || response.status == 403 { token.readAgain() }
            return Self.reply(response)
        } catch {
            trouble.heard(error)
            switch error.certainty {
            case .notProcessed: return .later(nil, reason: error.description)
            case .unknown: return .unknown(reason: error.description)
            }
        }
    }

    package func close() async { await client.close() }

    /// What a response means, whatever was asked.
    package static func reply(_ response: HTTP2Response) -> ServiceReply {
        switch (response.status, response.hasRefusalCode) {
        case (401, _), (403, _), (429, _), (503, _):
            // Refused at the door: about who asks and when, not about what was asked.
            let wait = response.header("retry-after").flatMap { Int($0) }.map {
                Duration.seconds(min(max($0, 0), 3600))
            }
            return .later(wait, reason: "status \(response.status)")
        case (404, false), (405, false), (410, false), (421, false), (501, false):
            // Nothing of this service is at the address: about where is asked, not about what.
            return .later(nil, reason: "status \(response.status) without a code of the service's")
        case (400, false), (422, false):
            // Whoever said that may stand between: what the service did is not known.
            return .unknown(reason: "status \(response.status) without a code of the service's")
        case (200..<500, _):
            return .answered(response)
        default:
            return .unknown(reason: "status \(response.status)")
        }
    }
}

extension String {
    /// As one segment of a path.
    package var asPathSegment: String {
        addingPercentEncoding(withAllowedCharacters: CharacterSet(charactersIn: Self.unreserved)) ?? ""
    }
    private static let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
}
