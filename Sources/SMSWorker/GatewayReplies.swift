// Owns: what the SMS gateway's replies mean. Pure: knows no connection, no time and no other task.
import Arrears
import HTTP2Client
import WorkerKit

package enum GatewayReplies {
    /// The reply to a message that was posted under the task's id.
    package static func submitted(_ reply: ServiceReply, for task: TaskID) -> OutsideAnswer {
        switch reply {
        case .later(let wait, _): return .later(wait)
        case .unknown: return .unknown
        case .answered(let response):
            switch response.status {
            case 200, 202:
                guard let accepted = ServiceJSON.decode(AcceptedMessage.self, of: response) else { return .unknown }
                return .underWay(evidence: accepted.evidence)
            case 400, 422:
                return .settled(
                    Outcome(
                        task: task, attempt: .notMade, code: .rejectedByGateway,
                        details: ["reason": ServiceJSON.refusalCode(of: response)]))
            default:
                // Such as 409: the key has come before, with another text. What became of that is asked.
                return .unknown
            }
        }
    }

    /// The reply to the question what became of a task. A receipt of another task's is no answer.
    package static func lookedUp(_ reply: ServiceReply, for task: TaskID) -> OutsideAnswer {
        switch reply {
        case .later(let wait, _): return .later(wait)
        case .unknown: return .unknown
        case .answered(let response):
            if response.status == 404, ServiceJSON.refusalCode(of: response) == "never_seen" { return .neverSeen }
            guard response.status == 200, let receipt = ServiceJSON.decode(Receipt.self, of: response),
                receipt.key == task.text
            else { return .unknown }
            return receipt.answer
        }
    }

    /// The reply to a question about many tasks; nil: no answer.
    package static func polled(_ reply: ServiceReply) -> [TaskID: OutsideAnswer]? {
        struct Receipts: Decodable { var receipts: [Receipt] }
        guard case .answered(let response) = reply, response.status == 200,
            let receipts = ServiceJSON.decode(Receipts.self, of: response)
        else { return nil }
        return receipts.receipts.reduce(into: [:]) { $0[TaskID($1.key)] = $1.answer }
    }
}
