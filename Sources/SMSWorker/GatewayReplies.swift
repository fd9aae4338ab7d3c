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
            switch (response.status, ServiceJSON.refusalCode(of: response)) {
            case (200, _), (202, _):
                guard let accepted = ServiceJSON.decode(AcceptedMessage.self, of: response) else { return .unknown }
                return .underWay(evidence: accepted.evidence)
            // About the number, by a code of the API's closed list.
            case (422, let code) where ["not_in_service", "blocked", "opted_out"].contains(code):
                return .settled(
                    Outcome(task: task, attempt: .notMade, code: .rejectedByGateway, details: ["reason": code]))
            // About what we sent: no fact about a person.
            case (400, let code) where code == "invalid_request":
                return .settled(.invalidContent(task, "the gateway refused it: \(code)"))
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
        struct Receipts: Decodable { var receipts: [ReadRecord<Receipt>] }
        guard case .answered(let response) = reply, response.status == 200,
            let receipts = ServiceJSON.decode(Receipts.self, of: response)
        else { return nil }
        return OutsideAnswer.merged(receipts.receipts.compactMap(\.value).map { (TaskID($0.key), $0.answer) })
    }
}
