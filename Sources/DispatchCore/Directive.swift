// Owns: what goes into the core and what comes out of it. Decides nothing.
import Leasing

/// What reaches the core.
package enum Input: Sendable {
    case connected(SessionID, Principal)
    case message(SessionID, Message)
    /// The peer sent something that is no message; the listener has answered it and closed.
    case closed(SessionID)
}

/// What the shell is to do after the commit.
package enum Directive: Sendable {
    case send(SessionID, Message)
    /// After everything sent before has left.
    case close(SessionID)
}

/// What a person is told of this coordinator's workers.
package struct WorkerNotice: Hashable, Sendable {
    package enum Kind: String, Sendable { case joined, left, refused, leaseExpired }
    package var kind: Kind
    package var worker: String
    package var detail: String
}
