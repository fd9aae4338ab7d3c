// Owns: the SMS gateway's JSON, to and from domain values. The names are those of proto/gateway/openapi.yaml, in
// snake_case there.
import Arrears
import WorkerKit

/// One message, ready to be sent.
struct GatewayMessage: Hashable, Sendable, Encodable {
    var to: String
    var text: String
    var sender: String
    var encoding: String
    var segments: Int
}

struct AcceptedMessage: Decodable {
    var messageId: String

    var evidence: String { "message \(messageId)" }
}

struct Receipt: Decodable {
    var key: String
    var messageId: String
    var state: String

    /// What it means. A state of no known name is not final.
    var answer: OutsideAnswer {
        let evidence = AcceptedMessage(messageId: messageId).evidence
        func settled(_ code: OutcomeCode) -> OutsideAnswer {
            .settled(Outcome(task: TaskID(key), attempt: .made, code: code, evidence: evidence))
        }
        switch state {
        case "delivered": return settled(.delivered)
        case "undelivered": return settled(.undelivered)
        case "expired": return settled(.sentUnconfirmed)
        default: return .underWay(evidence: evidence)
        }
    }
}
