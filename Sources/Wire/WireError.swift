// Owns: what can be wrong with bytes that a peer sent. Every such fault ends the connection.
import Leasing

/// Bytes that are no message of the protocol.
public struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: ErrorCode
    /// Where, "expected X, got Y"; never a field's content where that could be personal data.
    public var message: String

    public init(_ code: ErrorCode, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code): \(message)" }

    /// The last message of the connection.
    public var farewell: Message { .error(Message.Failure(code: code, isFatal: true, message: message)) }

    static func field(_ name: String, expected: String, got: some CustomStringConvertible) -> WireError {
        WireError(.invalidField, "\(name): expected \(expected), got \(got)")
    }
}
