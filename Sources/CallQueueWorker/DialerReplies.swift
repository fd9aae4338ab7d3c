// Owns: what the dialer's replies mean. Pure: knows no connection, no time and no other task.
import Arrears
import HTTP2Client
import WorkerKit

package enum DialerReplies {
    /// The reply to an item that was put into a queue.
    package static func submitted(_ reply: ServiceReply, for task: TaskID) -> OutsideAnswer {
        switch reply {
        case .later(let wait, _): return .later(wait)
        case .unknown: return .unknown
        case .answered(let response):
            switch response.status {
            case 200, 201: return answer(response, task)
            case 400, 422:
                return .settled(
                    Outcome(
                        task: task, attempt: .notMade, code: .rejectedByDialer,
                        details: ["reason": ServiceJSON.refusalCode(of: response)]))
            default: return .unknown
            }
        }
    }

    /// The reply to the question what became of a task.
    package static func lookedUp(_ reply: ServiceReply, for task: TaskID) -> OutsideAnswer {
        switch reply {
        case .later(let wait, _): return .later(wait)
        case .unknown: return .unknown
        case .answered(let response):
            switch response.status {
            case 200: return answer(response, task)
            // An item that was taken back is not dialled, as one that never was.
            case 404 where ["never_seen", "withdrawn"].contains(ServiceJSON.refusalCode(of: response)):
                return .neverSeen
            default: return .unknown
            }
        }
    }

    /// The reply to a question about many tasks; nil: no answer.
    package static func polled(_ reply: ServiceReply) -> [TaskID: OutsideAnswer]? {
        struct Items: Decodable { var items: [CallState] }
        guard case .answered(let response) = reply, response.status == 200,
            let items = ServiceJSON.decode(Items.self, of: response)
        else { return nil }
        return items.items.reduce(into: [:]) { $0[TaskID($1.taskId)] = $1.answer }
    }

    private static func answer(_ response: HTTP2Response, _ task: TaskID) -> OutsideAnswer {
        guard let state = ServiceJSON.decode(CallState.self, of: response), state.taskId == task.text else {
            return .unknown
        }
        return state.answer
    }
}
