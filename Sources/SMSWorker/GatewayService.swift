// Owns: the SMS gateway's API (proto/gateway/openapi.yaml) as the worker's loop wants it. Nothing about repeating or
// waiting is decided here.
import Arrears
import HTTP2Client
import WorkerKit

/// One message, ready to be sent.
struct Message: Hashable, Sendable, Encodable {
    var to: String
    var text: String
    var sender: String
    var encoding: String
    var segments: Int
}

struct GatewayService: OutsideService {
    let service: ServiceClient
    let templates: TemplateLibrary

    var stage: Stage { .sms }

    func prepare(_ task: WorkTask) -> Preparation<Message> {
        guard case .sms(let content) = task.content else {
            return .refused(Self.invalid(task.id, "content: expected sms, got \(task.content.stage.rawValue)"))
        }
        guard let (template, language) = templates.template(content.templateID, language: content.language) else {
            return .refused(Self.invalid(task.id, "template: expected an approved one, got an unknown id"))
        }
        do throws(TemplateFaults) {
            let text = try template.rendered(content.fields)
            let length = SMSLength(of: text)
            let message = Message(
                to: content.to, text: text, sender: template.sender, encoding: length.encoding.rawValue,
                segments: length.segments)
            let details = [
                "template": content.templateID, "language": language, "encoding": length.encoding.rawValue,
                "units": String(length.units), "segments": String(length.segments),
            ]
            return .ready(message, details: details)
        } catch {
            return .refused(Self.invalid(task.id, error.description))
        }
    }

    func submit(_ message: Message, for task: TaskID) async -> OutsideAnswer {
        guard let body = try? ServiceJSON.encode(message) else {
            preconditionFailure("task \(task): a message that cannot be written as JSON")
        }
        switch await service.call("POST", "/v1/messages", key: task.text, body: body) {
        case .later(let wait, _): return .later(wait)
        case .unknown: return .unknown
        case .answered(let response):
            switch response.status {
            case 200, 202:
                guard let accepted = ServiceJSON.decode(Accepted.self, of: response) else {
                    return .unknown
                }
                return .underWay(evidence: Self.evidence(accepted.messageId))
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

    func lookUp(_ task: WorkTask) async -> OutsideAnswer {
        switch await service.call("GET", "/v1/messages/by-key/\(task.id.text.asPathSegment)") {
        case .later(let wait, _): return .later(wait)
        case .unknown: return .unknown
        case .answered(let response):
            if response.status == 404, ServiceJSON.refusalCode(of: response) == "never_seen" { return .neverSeen }
            guard response.status == 200,
                let receipt = ServiceJSON.decode(Receipt.self, of: response)
            else { return .unknown }
            return Self.answer(receipt)
        }
    }

    func poll(_ tasks: [WorkTask]) async -> [TaskID: OutsideAnswer]? {
        struct Query: Encodable { var keys: [String] }
        struct Receipts: Decodable { var receipts: [Receipt] }
        guard let body = try? ServiceJSON.encode(Query(keys: tasks.map(\.id.text))),
            case .answered(let response) = await service.call("POST", "/v1/receipts:query", body: body),
            response.status == 200,
            let receipts = ServiceJSON.decode(Receipts.self, of: response)
        else { return nil }
        return receipts.receipts.reduce(into: [:]) { $0[TaskID($1.key)] = Self.answer($1) }
    }

    func unanswered(_ task: TaskID, evidence: String) -> Outcome {
        Outcome(task: task, attempt: .made, code: .sentUnconfirmed, evidence: evidence)
    }

    // MARK: - The gateway's words

    private struct Accepted: Decodable { var messageId: String }

    private struct Receipt: Decodable {
        var key: String
        var messageId: String
        var state: String
    }

    private static func evidence(_ messageID: String) -> String { "message \(messageID)" }

    private static func answer(_ receipt: Receipt) -> OutsideAnswer {
        func settled(_ code: OutcomeCode) -> OutsideAnswer {
            .settled(
                Outcome(
                    task: TaskID(receipt.key), attempt: .made, code: code, evidence: evidence(receipt.messageId)))
        }
        switch receipt.state {
        case "delivered": return settled(.delivered)
        case "undelivered": return settled(.undelivered)
        case "expired": return settled(.sentUnconfirmed)
        default: return .underWay(evidence: evidence(receipt.messageId))
        }
    }

    private static func invalid(_ task: TaskID, _ reason: String) -> Outcome {
        Outcome(task: task, attempt: .notMade, code: .invalidContent, details: ["reason": reason])
    }
}
