// Owns: the queue of requests for one origin and the connection that they go over. Knows nothing of what they say.
import CNGHTTP2
import NIOCore
import NIOPosix
import NIOSSL

/// A client for one origin: one connection with many streams, opened with the first request and again when it was
/// lost. It never repeats a request on its own once the server may have seen it; whether it may be repeated is said by
/// `HTTP2Failure.certainty`.
package final class HTTP2Client: Sendable {
    private let eventLoop: any EventLoop
    private let core: NIOLoopBoundBox<HTTP2ClientCore>

    package init(
        _ configuration: HTTP2ClientConfiguration,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        let eventLoop = eventLoopGroup.next()
        self.eventLoop = eventLoop
        self.core = NIOLoopBoundBox.makeBoxSendingValue(
            HTTP2ClientCore(configuration, eventLoop: eventLoop), eventLoop: eventLoop)
    }

    /// The response, whatever its status.
    /// - Throws: when there is no whole response; `certainty` says whether the server may have acted on the request.
    package func request(_ request: HTTP2Request) async throws(HTTP2Failure) -> HTTP2Response {
        if let fault = Self.fault(of: request) { throw HTTP2Failure(.invalidRequest, .notProcessed, fault) }
        let exchange = NIOLoopBoundBox.makeBoxSendingValue(HTTP2Exchange(request), eventLoop: eventLoop)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                eventLoop.execute {
                    exchange.value.wait(continuation)
                    self.core.value.start(exchange.value)
                }
            }
        } onCancel: {
            eventLoop.execute { exchange.value.abandon(.cancelled, "the task that waited was cancelled") }
        }
        return try result.get()
    }

    /// Ends the connection. What is under way fails with `.closed`; so do requests that come later.
    package func close() async {
        await withCheckedContinuation { continuation in
            eventLoop.execute {
                self.core.value.close()
                continuation.resume()
            }
        }
    }

    /// What cannot be put on the wire, in words that name the field but not its value.
    private static func fault(of request: HTTP2Request) -> String? {
        func holds(_ text: String, _ check: (UnsafePointer<UInt8>?, Int) -> Int32) -> Bool {
            Array(text.utf8).withUnsafeBufferPointer { check($0.baseAddress, $0.count) != 0 }
        }
        guard !request.method.isEmpty, holds(request.method, nghttp2_check_method) else {
            return "method: expected a token, got \(request.method.utf8.count) bytes that are none"
        }
        guard request.path.hasPrefix("/"), holds(request.path, nghttp2_check_path) else {
            return "path: expected / and visible ASCII, got \(request.path.utf8.count) bytes that are not"
        }
        for header in request.headers {
            guard !header.name.isEmpty, holds(header.name, nghttp2_check_header_name), header.name.first != ":" else {
                return "header name: expected a token, got \(header.name.utf8.count) bytes that are none"
            }
            guard holds(header.value, nghttp2_check_header_value_rfc9113) else {
                return "header \(header.name): expected a value without control characters and outer blanks, got one"
            }
        }
        return nil
    }
}
