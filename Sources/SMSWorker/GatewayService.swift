// Owns: the SMS gateway's API (proto/gateway/openapi.yaml) as the worker's loop wants it. Nothing about repeating or
// waiting is decided here.
import Arrears
import HTTP2Client
import WorkerKit

struct GatewayService: OutsideService {
    let service: ServiceClient
    let templates: TemplateLibrary

    var stage: Stage { .sms }

    func prepare(_ task: WorkTask) -> Preparation<GatewayMessage> {
        guard case .sms(let content) = task.content else {
            return .refused(.invalidContent(task.id, "content: expected sms, got \(task.content.stage.rawValue)"))
        }
        guard let (template, language) = templates.template(content.templateID, language: content.language) else {
            return .refused(.invalidContent(task.id, "template: expected an approved one, got an unknown id"))
        }
        do throws(TemplateFaults) {
            let text = try template.rendered(content.fields)
            let length = SMSLength(of: text)
            let message = GatewayMessage(
                to: content.to, text: text, sender: template.sender, encoding: length.encoding.rawValue,
                segments: length.segments)
            let details = [
                "template": content.templateID, "language": language, "encoding": length.encoding.rawValue,
                "units": String(length.units), "segments": String(length.segments),
            ]
            return .ready(message, details: details)
        } catch {
            return .refused(.invalidContent(task.id, error.description))
        }
    }

    func submit(_ message: GatewayMessage, for task: TaskID) async -> OutsideAnswer {
        guard let body = try? ServiceJSON.encode(message) else {
            preconditionFailure("task \(task): a message that cannot be written as JSON")
        }
        return GatewayReplies.submitted(
            await service.call("POST", "/v1/messages", key: task.text, body: body), for: task)
    }

    func lookUp(_ task: WorkTask) async -> OutsideAnswer {
        let path = "/v1/messages/by-key/\(task.id.text.asPathSegment)"
        return GatewayReplies.lookedUp(await service.call("GET", path), for: task.id)
    }

    func poll(_ tasks: [WorkTask]) async -> [TaskID: OutsideAnswer]? {
        struct Query: Encodable { var keys: [String] }
        guard let body = try? ServiceJSON.encode(Query(keys: tasks.map(\.id.text))) else {
            preconditionFailure("\(tasks.count) tasks: a query that cannot be written as JSON")
        }
        return GatewayReplies.polled(await service.call("POST", "/v1/receipts:query", body: body))
    }

    func unanswered(_ task: TaskID, evidence: String) -> Outcome {
        Outcome(task: task, attempt: .made, code: .sentUnconfirmed, evidence: evidence)
    }
}
