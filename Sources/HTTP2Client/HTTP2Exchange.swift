// Owns: one request on its way to a response or a failure, told exactly once to the task that waits. Confined to the
// client's event loop. Knows no connection.
import NIOCore

final class HTTP2Exchange {
    let request: HTTP2Request
    private var continuation: CheckedContinuation<Result<HTTP2Response, HTTP2Failure>, Never>?
    private(set) var isDone = false
    var timer: Scheduled<Void>?
    /// Takes the request off its stream, and tells whether the peer may have seen it; nil: it waits for a stream.
    var cancelStream: (() -> HTTP2Failure.Certainty)?

    init(_ request: HTTP2Request) { self.request = request }

    /// The task that waits. One that was cancelled before it came here is answered at once.
    func wait(_ continuation: CheckedContinuation<Result<HTTP2Response, HTTP2Failure>, Never>) {
        if isDone {
            continuation.resume(returning: .failure(Self.cancelledEarly))
        } else {
            self.continuation = continuation
        }
    }

    func finish(_ result: Result<HTTP2Response, HTTP2Failure>) {
        guard !isDone else { return }
        isDone = true
        timer?.cancel()
        timer = nil
        cancelStream = nil
        continuation?.resume(returning: result)
        continuation = nil
    }

    /// Ends the exchange from this side: the peer is told where it may have seen the request.
    func abandon(_ code: HTTP2Failure.Code, _ message: String) {
        guard !isDone else { return }
        let certainty = cancelStream?() ?? .notProcessed
        finish(.failure(HTTP2Failure(code, certainty, message)))
    }

    private static let cancelledEarly = HTTP2Failure(
        .cancelled, .notProcessed, "the task was cancelled before the request was made")
}
