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
            switch (response.status, ServiceJSON.refusalCode(of: response)) {
            case (200, _), (201, _): return answer(response, task)
            // About the number, by a code of the API's closed list.
            case (422, let code) where ["not_in_service", "blocked"].contains(code):
                return .settled(
                    Outcome(task: task, attempt: .notMade, code: .rejectedByDialer, details: ["reason": code]))
            // About what we sent: no fact about a person.
            case (400, let code) where code == "invalid_request",
                (422, let code) where ["unknown_queue", "unknown_script"].contains(code):
                return .settled(.invalidContent(task, "the dialer refused it: \(code)"))
            default: return .unknown
            }
        }
    }

    /// The reply to the wish to take an item back: `.neverSeen` when nobody will be dialled for it.
    static func withdrawn(_ reply: ServiceReply) -> OutsideAnswer {
        switch reply {
        case .later(let wait, _): return .later(wait)
        case .unknown: return .unknown
        case .answered(let response):
            switch response.status {
            case 200, 204: return .neverSeen
            case 404 where ["never_seen", "withdrawn"].contains(ServiceJSON.refusalCode(of: response)):
                return .neverSeen
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
        struct Items: Decodable { var items: [ReadRecord<CallState>] }
        guard case .answered(let response) = reply, response.status == 200,
            let items = ServiceJSON.decode(Items.self, of: response)
        else { return nil }
        return OutsideAnswer.merged(items.items.compactMap(\.value).map { (TaskID($0.taskId), $0.answer) })
    }

    private static func answer(_ response: HTTP2Response, _ task: TaskID) -> OutsideAnswer {
        guard let state = ServiceJSON.decode(CallState.self, of: response), state.taskId == task.text else {
            return .unknown
        }
        return state.answer
    }
}
