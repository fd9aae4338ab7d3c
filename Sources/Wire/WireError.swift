// Owns: what can be wrong with bytes that a peer sent. Every such fault ends the connection.
import Leasing

/// Bytes that are no message of the protocol.
package struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    package var code: ErrorCode
    /// Where, "expected X, got Y"; never a field's content where that could be personal data.
    package var message: String

    package init(_ code: ErrorCode, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "\(code): \(message)" }

    /// The last message of the connection.
    package var farewell: Message { .error(Message.Failure(code: code, isFatal: true, message: message)) }

    static func field(_ name: String, expected: String, got: some CustomStringConvertible) -> WireError {
        WireError(.invalidField, "\(name): expected \(expected), got \(got)")
    }
}
