// Owns: examples of what a worker makes of replies that a service should not give.
@testable import Arrears
@testable import HTTP2Client
import Testing
@testable import WorkerKit

@testable import CallQueueWorker
@testable import SMSWorker

@Suite struct StrangeReplyTests {
    private func reply(_ body: String, status: Int = 200) -> ServiceReply {
        ServiceClient.reply(HTTP2Response(status: status, body: Array(body.utf8)))
    }

    private func delivered(_ task: TaskID) -> OutsideAnswer {
        .settled(Outcome(task: task, attempt: .made, code: .delivered, evidence: "message m"))
    }

    @Test func `A receipt that cannot be read says nothing of the others`() {
        let body = #"""
            {"receipts": [{"key": "t-1", "message_id": null, "state": "delivered"}, 7, null, {},
              {"key": "t-2", "message_id": "m", "state": "delivered"}, {"key": "t-3", "message_id": "m", "state": 4}]}
            """#
        #expect(GatewayReplies.polled(reply(body)) == ["t-2": delivered("t-2")])
        #expect(GatewayReplies.polled(reply(#"{"receipts": {}}"#)) == nil)
    }

    @Test(arguments: [true, false])
    func `A final receipt wins over an interim one, whatever their order`(isFinalFirst: Bool) {
        let final = #"{"key": "t-1", "message_id": "m", "state": "delivered"}"#
        let interim = #"{"key": "t-1", "message_id": "m", "state": "accepted"}"#
        let body = isFinalFirst ? "\(final), \(interim)" : "\(interim), \(final)"
        #expect(GatewayReplies.polled(reply(#"{"receipts": [\#(body)]}"#)) == ["t-1": delivered("t-1")])
    }

    @Test(arguments: [
        #"{"amount": {"minor_units": 5000, "currency": "CNY"}, "date": "2026-12-01T00:00:00Z"}"#,
        #"{"date": "2026-12-01"}"#, #"{"amount": 50, "date": "2026-12-01"}"#, "[]", "null",
    ])
    func `A promise that cannot be read is a contact whose result is not known, and the others are heard`(
        promise: String
    ) {
        func item(_ task: String, _ promise: String) -> String {
            #"{"task_id": "\#(task)", "state": "answered", "call_id": "c", "disposition": "promise_to_pay", "#
                + #""promise": \#(promise)}"#
        }
        let good = #"{"amount": {"minor_units": 5000, "currency": "CNY"}, "date": "2026-12-01"}"#
        let told = DialerReplies.polled(reply(#"{"items": [\#(item("t-1", promise)), \#(item("t-2", good)), 9]}"#))
        let unknown = Outcome(task: "t-1", attempt: .made, code: .madeResultUnknown, evidence: "call c")
        #expect(told?["t-1"] == .settled(unknown))
        guard case .settled(let promised)? = told?["t-2"] else {
            Issue.record("expected the promise, got \(String(describing: told))")
            return
        }
        #expect(promised.code == .promiseToPay && promised.amount?.minorUnits == 5000)
    }

    @Test(arguments: [400, 422])
    func `A refusal without a code of the API is no word of the service's, and no fact about a person`(status: Int) {
        for body in ["", "<html>bad request</html>", "{}", #"{"code": "Über"}"#] {
            #expect(GatewayReplies.submitted(reply(body, status: status), for: "t-1") == .unknown)
            #expect(DialerReplies.submitted(reply(body, status: status), for: "t-1") == .unknown)
        }
        let other = #"{"code": "quota_of_the_month"}"#
        #expect(GatewayReplies.submitted(reply(other, status: status), for: "t-1") == .unknown)
        #expect(DialerReplies.submitted(reply(other, status: status), for: "t-1") == .unknown)
    }

    @Test func `What we sent wrongly is said of what we sent`() {
        for (status, code) in [(400, "invalid_request"), (422, "unknown_queue"), (422, "unknown_script")] {
            let reply = reply(#"{"code": "\#(code)"}"#, status: status)
            guard case .settled(let outcome) = DialerReplies.submitted(reply, for: "t-1") else {
                Issue.record("\(code): expected an outcome")
                continue
            }
            #expect(outcome.code == .invalidContent && outcome.attempt == .notMade)
            #expect(outcome.code.meaning == .notAttempted)
        }
    }

    @Test(arguments: [401, 403, 404, 405, 410, 421, 501])
    func `Where nothing of the service answers, nothing was looked at`(status: Int) {
        for body in ["", "<html>no such route</html>"] {
            let reply = reply(body, status: status)
            #expect(GatewayReplies.submitted(reply, for: "t-1") == .later(nil))
            #expect(GatewayReplies.lookedUp(reply, for: "t-1") == .later(nil))
            #expect(DialerReplies.submitted(reply, for: "t-1") == .later(nil))
            #expect(DialerReplies.lookedUp(reply, for: "t-1") == .later(nil))
            #expect(DialerReplies.withdrawn(reply) == .later(nil))
        }
    }

    @Test func `An item is taken back when the dialer says so`() {
        #expect(DialerReplies.withdrawn(reply("", status: 204)) == .neverSeen)
        #expect(DialerReplies.withdrawn(reply(#"{"code": "never_seen"}"#, status: 404)) == .neverSeen)
        #expect(DialerReplies.withdrawn(reply(#"{"code": "answered"}"#, status: 409)) == .unknown)
        #expect(DialerReplies.withdrawn(reply("", status: 502)) == .unknown)
    }

    @Test func `A receipt of another message says nothing of this one`() {
        let body = #"{"key": "t-2", "message_id": "m-2", "state": "delivered"}"#
        #expect(GatewayReplies.lookedUp(reply(body), for: "t-1") == .unknown)
        let own = Outcome(task: "t-2", attempt: .made, code: .delivered, evidence: "message m-2")
        #expect(GatewayReplies.lookedUp(reply(body), for: "t-2") == .settled(own))
    }

    @Test(arguments: ["0", "-1", "1000000000000001", "9223372036854775807"])
    func `A promise of no amount is a contact whose result is not known`(minorUnits: String) {
        let body = """
            {"task_id": "t-1", "state": "answered", "call_id": "c-1", "disposition": "promise_to_pay",
             "promise": {"amount": {"minor_units": \(minorUnits), "currency": "CNY"}, "date": "2026-02-01"}}
            """
        let unknown = Outcome(task: "t-1", attempt: .made, code: .madeResultUnknown, evidence: "call c-1")
        #expect(DialerReplies.lookedUp(reply(body), for: "t-1") == .settled(unknown))
    }
}
