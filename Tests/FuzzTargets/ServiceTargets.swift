// Owns: what must hold for whatever the SMS gateway and the dialer answer.
import Arrears
import CallQueueWorker
import HTTP2Client
import SMSWorker
import WorkerKit

extension FuzzTarget {
    /// A reply of the SMS gateway. Input: see `ServiceCall`.
    static let gateway = FuzzTarget("gateway", longestInput: 1_024) { input in
        try ServiceCall(input).check(
            submitted: GatewayReplies.submitted, lookedUp: GatewayReplies.lookedUp, polled: GatewayReplies.polled)
    }

    /// A reply of the dialer. Input: see `ServiceCall`.
    static let dialer = FuzzTarget("dialer", longestInput: 1_024) { input in
        try ServiceCall(input).check(
            submitted: DialerReplies.submitted, lookedUp: DialerReplies.lookedUp, polled: DialerReplies.polled)
    }
}

/// One reply of a service, to one of the three questions that a worker asks.
///
/// Input: the question (1 byte: submit, look up, poll), `retry-after` (a line), the status (a line), the body.
private struct ServiceCall {
    private static let task: TaskID = "t-1"

    private let question: UInt8
    private let reply: ServiceReply

    init(_ input: FuzzInput) {
        var input = input
        question = input.byte() % 3
        let wait = input.line()
        let status = Int(input.line()) ?? 200
        reply = ServiceClient.reply(
            HTTP2Response(
                status: status, headers: wait.isEmpty ? [] : [HTTP2Header("retry-after", wait)], body: Array(input.rest)
            ))
    }

    /// What is said of a task is said of the one that was asked about, and fits the wire.
    func check(
        submitted: (ServiceReply, TaskID) -> OutsideAnswer, lookedUp: (ServiceReply, TaskID) -> OutsideAnswer,
        polled: (ServiceReply) -> [TaskID: OutsideAnswer]?
    ) throws {
        switch question {
        case 0:
            let answer = submitted(reply, Self.task)
            try require(answer != .neverSeen, "a task that was submitted was never seen")
            try check(answer)
        case 1:
            try check(lookedUp(reply, Self.task))
        default:
            guard let answers = polled(reply) else { return }
            for (task, answer) in answers {
                if case .settled(let outcome) = answer { try requireEqual(outcome.task, task, "the task of an answer") }
            }
            if let answer = answers[Self.task] { try check(answer) }
        }
    }

    private func check(_ answer: OutsideAnswer) throws {
        switch answer {
        case .later(let wait):
            try require((.zero...Duration.seconds(3600)).contains(wait ?? .zero), "come again after \(wait ?? .zero)")
        case .underWay(let evidence):
            // What a worker says when nothing more comes.
            try checkOutcomes([
                Outcome(task: Self.task, attempt: .made, code: .madeResultUnknown, evidence: evidence)
            ])
        case .settled(let outcome):
            try requireEqual(outcome.task, Self.task, "the task of an outcome")
            if let amount = outcome.amount {
                try require(
                    amount.isPositive && amount.minorUnits <= Money.largestMinorUnits, "an amount of \(amount)")
            }
            try checkOutcomes([outcome])
        case .neverSeen, .unknown: break
        }
    }
}
