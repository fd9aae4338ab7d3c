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
