// Owns: why a request has no response, and whether the server may have acted on it. Knows nothing of sockets.

/// A request that has no response.
///
/// What a caller needs most is `certainty`: a request that was `.notProcessed` may be made again, here or elsewhere;
/// one that is `.unknown` may have had its effect, and is asked about before anything else is done.
package struct HTTP2Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Whether the server may have acted on the request.
    package enum Certainty: String, Hashable, Sendable {
        /// Proved: the request never left this process, or the server said that it did not begin with it.
        case notProcessed
        case unknown
    }

    package enum Code: String, Hashable, Sendable, CaseIterable {
        /// The request cannot be put on the wire: a header name, value, method or path of forbidden characters.
        case invalidRequest
        /// The client's own settings cannot be used, such as a certificate file that is not there.
        case invalidConfiguration
        case connectFailed
        /// No connection that is ready for requests within the connect timeout.
        case connectTimedOut
        /// The server's certificate is not trusted, is for another host, or TLS failed otherwise.
        case tlsFailed
        /// The peer does not speak HTTP/2.
        case notHTTP2
        /// No response within the request's timeout.
        case timedOut
        /// The task that waited was cancelled.
        case cancelled
        /// The server refused the stream before it began with it (REFUSED_STREAM).
        case refusedStream
        /// The server is going away and did not take this stream.
        case goAway
        /// The server reset the stream.
        case streamReset
        case connectionLost
        /// The peer broke the rules of HTTP/2.
        case protocolError
        /// The response's body is over the limit.
        case responseTooLarge
        /// The client was closed.
        case closed
    }

    package var code: Code
    package var certainty: Certainty
    /// Where, what was expected, what came.
    package var message: String

    package init(_ code: Code, _ certainty: Certainty, _ message: String) {
        self.code = code
        self.certainty = certainty
        self.message = message
    }

    /// The same cause for a request that the server may have seen, or provably has not.
    func with(_ certainty: Certainty) -> HTTP2Failure { HTTP2Failure(code, certainty, message) }

    package var description: String { "\(code.rawValue) (\(certainty.rawValue)): \(message)" }
}
