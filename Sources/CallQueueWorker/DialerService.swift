// Owns: the dialer's API (proto/gateway/openapi.yaml) as the worker's loop wants it. Nothing about repeating or waiting
// is decided here.
import Arrears
import HTTP2Client
import WorkerKit

struct DialerService: OutsideService {
    let service: ServiceClient
    let scripts: ScriptLibrary

    var stage: Stage { .callQueue }

    func prepare(_ task: WorkTask) -> Preparation<CallOrder> {
        guard case .call(let content) = task.content else {
            return .refused(.invalidContent(task.id, "content: expected call, got \(task.content.stage.rawValue)"))
        }
        guard scripts.contains(content.scriptID) else {
            return .refused(.invalidContent(task.id, "script: expected an approved one, got an unknown id"))
        }
        let order = CallOrder(path: Self.path(content.queue, task.id), item: CallItem(content))
        return .ready(order, details: ["queue": content.queue, "script": content.scriptID])
    }

    func submit(_ order: CallOrder, for task: TaskID) async -> OutsideAnswer {
        guard let body = try? ServiceJSON.encode(order.item) else {
            preconditionFailure("task \(task): a call item that cannot be written as JSON")
        }
        return DialerReplies.submitted(await service.call("PUT", order.path, body: body), for: task)
    }

    func lookUp(_ task: WorkTask) async -> OutsideAnswer {
        guard case .call(let content) = task.content else { return .unknown }
        return DialerReplies.lookedUp(await service.call("GET", Self.path(content.queue, task.id)), for: task.id)
    }

    func poll(_ tasks: [WorkTask]) async -> [TaskID: OutsideAnswer]? {
        struct Query: Encodable { var keys: [String] }
        guard let body = try? ServiceJSON.encode(Query(keys: tasks.map(\.id.text))) else {
            preconditionFailure("\(tasks.count) tasks: a query that cannot be written as JSON")
        }
        return DialerReplies.polled(await service.call("POST", "/v1/dispositions:query", body: body))
    }

    func withdraw(_ task: WorkTask) async -> OutsideAnswer? {
        guard case .call(let content) = task.content else { return nil }
        let answer = DialerReplies.withdrawn(await service.call("DELETE", Self.path(content.queue, task.id)))
        // It was dialled before: what came of it is asked.
        return answer == .unknown ? await lookUp(task) : answer
    }

    func unanswered(_ task: TaskID, evidence: String) -> Outcome {
        Outcome(task: task, attempt: .made, code: .queuedUnanswered, evidence: evidence)
    }

    private static func path(_ queue: String, _ task: TaskID) -> String {
        "/v1/queues/\(queue.asPathSegment)/items/\(task.text.asPathSegment)"
    }
}
