// Owns: the sandbox's SMS gateway, as proto/gateway/openapi.yaml describes it. What handsets do stands in
// DebtorBehaviour.
import Arrears
import Foundation
import HTTPTypes
import Hummingbird

struct Gateway: Sendable {
    let world: SandboxWorld
    let faults: FaultInjector

    func addRoutes(to router: SandboxRouter) {
        router.post("/v1/messages") { request, _ in try await send(request) }
        router.get("/v1/messages/by-key/:key") { _, context in
            let task = try taskKey(context.parameters.get("key"))
            guard let receipt = try await receipt(of: task) else { throw Refusal.neverSeen("message") }
            try await faults.delay(isLost: false)
            return try jsonResponse(.ok, receipt)
        }
        router.post("/v1/receipts:query") { request, _ in
            struct Receipts: Encodable { var receipts: [Receipt] }
            var receipts: [Receipt] = []
            for task in try await jsonBody(KeyQuery.self, of: request).body.tasks() {
                if let receipt = try await receipt(of: task) { receipts.append(receipt) }
            }
            try await faults.delay(isLost: false)
            return try jsonResponse(.ok, Receipts(receipts: receipts))
        }
    }

    private func send(_ request: Request) async throws -> Response {
        let task = try taskKey(request.headers[.idempotencyKey])
        let (message, digest) = try await jsonBody(GatewayMessage.self, of: request)
        try message.check()
        let isLost = try faults.strike(task)
        if let refusal = world.debtors.refusal(ofMessage: task) {
            try await faults.delay(isLost: false)
            throw Refusal(
                status: .unprocessableContent, code: refusal.rawValue,
                message: "to: expected a number that takes messages, got one that does not")
        }
        let isFirst = try await world.record.record(kind: .sms, taskID: task, digest: digest)
        if !isFirst, let earlier = try await world.record.seen(kind: .sms, taskID: task), earlier.digest != digest {
            throw Refusal(
                status: .conflict, code: "key_reused",
                message: "Idempotency-Key: expected the body that it came with first, got another")
        }
        try await faults.delay(isLost: isLost)
        return try jsonResponse(
            isFirst ? .accepted : .ok, AcceptedMessage(messageID: world.debtors.messageID(of: task)))
    }

    private func receipt(of task: TaskID) async throws -> Receipt? {
        guard let seen = try await world.record.seen(kind: .sms, taskID: task) else { return nil }
        let state = world.hasAnswered(task, since: seen.at) ? world.debtors.receipt(of: task) : .accepted
        return Receipt(key: task.text, messageID: world.debtors.messageID(of: task), state: state)
    }
}

extension HTTPField.Name {
    // The name is a token, which is all that the initialiser checks.
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
}
