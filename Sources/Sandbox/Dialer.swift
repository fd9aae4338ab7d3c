// Owns: the sandbox's dialer, as proto/gateway/openapi.yaml describes it. What debtors say stands in DebtorBehaviour.
import Arrears
import Foundation
import HTTPTypes
import Hummingbird

struct Dialer: Sendable {
    let world: SandboxWorld
    let faults: FaultInjector

    static let queues: Set<String> = ["standard", "senior"]
    static let scripts: Set<String> = ["courtesy-call", "standard-call", "senior-plan-call"]

    func addRoutes(to router: SandboxRouter) {
        router.put("/v1/queues/:queue/items/:task") { request, context in
            try await put(request, context.parameters.get("queue"), taskKey(context.parameters.get("task")))
        }
        router.get("/v1/queues/:queue/items/:task") { _, context in
            let task = try taskKey(context.parameters.get("task"))
            let state = try await state(of: task)
            try await faults.delay(isLost: false)
            return try jsonResponse(.ok, state)
        }
        router.delete("/v1/queues/:queue/items/:task") { _, context in
            try await withdraw(taskKey(context.parameters.get("task")))
        }
        router.post("/v1/dispositions:query") { request, _ in
            struct Items: Encodable { var items: [CallState] }
            var items: [CallState] = []
            for task in try await jsonBody(KeyQuery.self, of: request).body.tasks() {
                guard let seen = try await world.record.seen(kind: .call, taskID: task), !seen.isWithdrawn else {
                    continue
                }
                items.append(state(of: task, seen))
            }
            try await faults.delay(isLost: false)
            return try jsonResponse(.ok, Items(items: items))
        }
    }

    private func put(_ request: Request, _ queue: String?, _ task: TaskID) async throws -> Response {
        let (item, digest) = try await jsonBody(CallItem.self, of: request)
        try item.check()
        guard let queue, Self.queues.contains(queue) else {
            throw refused("unknown_queue", "queue: expected \(Self.queues.sorted().joined(separator: " or "))")
        }
        guard Self.scripts.contains(item.scriptID) else {
            throw refused("unknown_script", "script_id: expected \(Self.scripts.sorted().joined(separator: " or "))")
        }
        let isLost = try faults.strike(task)
        if world.debtors.refusesCall(to: task) {
            try await faults.delay(isLost: false)
            throw refused("not_in_service", "phone: expected a number that can be dialled")
        }
        // What was dialled stays as it is: only an item that waits, or was taken back, is replaced.
        if let seen = try await world.record.seen(kind: .call, taskID: task), !seen.isWithdrawn, isAnswered(task, seen)
        {
            try await faults.delay(isLost: isLost)
            return try jsonResponse(.ok, state(of: task, seen))
        }
        let isFirst = try await world.record.record(kind: .call, taskID: task, digest: digest, facts: item.facts)
        try await faults.delay(isLost: isLost)
        return try jsonResponse(isFirst ? .created : .ok, await state(of: task))
    }

    private func withdraw(_ task: TaskID) async throws -> Response {
        guard let seen = try await world.record.seen(kind: .call, taskID: task) else {
            throw Refusal.neverSeen("call item")
        }
        if !seen.isWithdrawn {
            guard !isAnswered(task, seen) else {
                throw Refusal(
                    status: .conflict, code: "answered", message: "expected an item that nobody dialled, got another")
            }
            try await world.record.recordWithdrawal(of: task, digest: seen.digest)
        }
        return Response(status: .noContent)
    }

    private func refused(_ code: String, _ message: String) -> Refusal {
        Refusal(status: .unprocessableContent, code: code, message: "\(message), got another")
    }

    private func isAnswered(_ task: TaskID, _ seen: SeenEffect) -> Bool { world.hasAnswered(task, since: seen.at) }

    private func state(of task: TaskID) async throws -> CallState {
        guard let seen = try await world.record.seen(kind: .call, taskID: task) else {
            throw Refusal.neverSeen("call item")
        }
        guard !seen.isWithdrawn else {
            throw Refusal(
                status: .notFound, code: "withdrawn", message: "expected an item, got one that was taken back")
        }
        return state(of: task, seen)
    }

    private func state(of task: TaskID, _ seen: SeenEffect) -> CallState {
        guard isAnswered(task, seen) else { return CallState(taskID: task.text, state: "queued") }
        guard let facts = CallFacts(seen.facts) else {
            preconditionFailure("call \(task): the record's facts cannot be read: \(seen.facts)")
        }
        let result = world.debtors.result(ofCall: task, arrears: facts.arrears, on: facts.day)
        return CallState(task, callID: world.debtors.callID(of: task), result, timeZone: facts.timeZone)
    }
}
