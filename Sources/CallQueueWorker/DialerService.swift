// Owns: the dialer's API (proto/gateway/openapi.yaml) as the worker's loop wants it. Nothing about repeating or waiting
// is decided here.
import Arrears
import HTTP2Client
import WorkerKit

/// One call item and where it goes.
struct CallOrder: Sendable {
    var path: String
    var item: CallItem
}

struct DialerService: OutsideService {
    let service: ServiceClient
    let scripts: ScriptLibrary

    var stage: Stage { .callQueue }

    func prepare(_ task: WorkTask) -> Preparation<CallOrder> {
        guard case .call(let content) = task.content else {
            return .refused(Self.invalid(task.id, "content: expected call, got \(task.content.stage.rawValue)"))
        }
        guard scripts.contains(content.scriptID) else {
            return .refused(Self.invalid(task.id, "script: expected an approved one, got an unknown id"))
        }
        let order = CallOrder(path: Self.path(content.queue, task.id), item: CallItem(content))
        return .ready(order, details: ["queue": content.queue, "script": content.scriptID])
    }

    func submit(_ order: CallOrder, for task: TaskID) async -> OutsideAnswer {
        guard let body = try? ServiceJSON.encode(order.item) else {
            preconditionFailure("task \(task): a call item that cannot be written as JSON")
        }
        switch await service.call("PUT", order.path, body: body) {
        case .later(let wait, _): return .later(wait)
        case .unknown: return .unknown
        case .answered(let response):
            switch response.status {
            case 200, 201: return Self.answer(response, task)
            case 400, 422:
                return .settled(
                    Outcome(
                        task: task, attempt: .notMade, code: .rejectedByDialer,
                        details: ["reason": ServiceJSON.refusalCode(of: response)]))
            default: return .unknown
            }
        }
    }

    func lookUp(_ task: WorkTask) async -> OutsideAnswer {
        guard case .call(let content) = task.content else { return .unknown }
        switch await service.call("GET", Self.path(content.queue, task.id)) {
        case .later(let wait, _): return .later(wait)
        case .unknown: return .unknown
        case .answered(let response):
            switch response.status {
            case 200: return Self.answer(response, task.id)
            // An item that was taken back is not dialled, as one that never was.
            case 404 where ["never_seen", "withdrawn"].contains(ServiceJSON.refusalCode(of: response)):
                return .neverSeen
            default: return .unknown
            }
        }
    }

    func poll(_ tasks: [WorkTask]) async -> [TaskID: OutsideAnswer]? {
        struct Query: Encodable { var keys: [String] }
        struct Items: Decodable { var items: [CallState] }
        guard let body = try? ServiceJSON.encode(Query(keys: tasks.map(\.id.text))),
            case .answered(let response) = await service.call("POST", "/v1/dispositions:query", body: body),
            response.status == 200,
            let items = ServiceJSON.decode(Items.self, of: response)
        else { return nil }
        return items.items.reduce(into: [:]) { $0[TaskID($1.taskId)] = $1.answer }
    }

    func unanswered(_ task: TaskID, evidence: String) -> Outcome {
        Outcome(task: task, attempt: .made, code: .queuedUnanswered, evidence: evidence)
    }

    private static func path(_ queue: String, _ task: TaskID) -> String {
        "/v1/queues/\(queue.asPathSegment)/items/\(task.text.asPathSegment)"
    }

    private static func answer(_ response: HTTP2Response, _ task: TaskID) -> OutsideAnswer {
        guard let state = ServiceJSON.decode(CallState.self, of: response),
            state.taskId == task.text
        else { return .unknown }
        return state.answer
    }

    private static func invalid(_ task: TaskID, _ reason: String) -> Outcome {
        Outcome(task: task, attempt: .notMade, code: .invalidContent, details: ["reason": reason])
    }
}
