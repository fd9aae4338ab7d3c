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

/// Settings that a service cannot be called with.
package struct ServiceSettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
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
    private let token: String

    /// - Throws: when the token cannot be read.
    package init(
        _ configuration: ServiceConfiguration,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) throws(ServiceSettingsError) {
        let path = configuration.tokenFile
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !token.isEmpty else {
            throw ServiceSettingsError("\(path): expected a file with a bearer token, got none or an empty one")
        }
        client = HTTP2Client(configuration.http, eventLoopGroup: eventLoopGroup)
    }

    /// - Parameter key: The idempotency key, where the call has an effect that must not come twice.
    package func call(
        _ method: String, _ path: String, key: String? = nil, body: [UInt8] = []
    ) async -> ServiceReply {
        var headers = [HTTP2Header("authorization", "Bearer \(token)"), HTTP2Header("accept", "application/json")]
        if !body.isEmpty { headers.append(HTTP2Header("content-type", "application/json")) }
        if let key { headers.append(HTTP2Header("idempotency-key", key)) }
        do throws(HTTP2Failure) {
            let request = HTTP2Request(method: method, path: path, headers: headers, body: body)
            return Self.reply(try await client.request(request))
        } catch {
            switch error.certainty {
            case .notProcessed: return .later(nil, reason: error.description)
            case .unknown: return .unknown(reason: error.description)
            }
        }
    }

    package func close() async { await client.close() }

    /// What a response means, whatever was asked.
    package static func reply(_ response: HTTP2Response) -> ServiceReply {
        switch response.status {
        case 401, 403, 429, 503:
            // Refused at the door: about who asks and when, not about what was asked.
            let wait = response.header("retry-after").flatMap { Int($0) }.map {
                Duration.seconds(min(max($0, 0), 3600))
            }
            return .later(wait, reason: "status \(response.status)")
        case 200..<500:
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
