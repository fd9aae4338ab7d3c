// Owns: examples of a service's bodies that are no JSON of ours.
@testable import HTTP2Client
import Testing

@Suite struct ServiceJSONTests {
    private struct Answer: Decodable, Equatable { var messageId: String }

    private func answer(_ body: String) -> Answer? {
        ServiceJSON.decode(Answer.self, of: HTTP2Response(status: 200, body: Array(body.utf8)))
    }

    @Test func `Names are in snake case on the wire`() {
        #expect(answer(#"{"message_id": "m-1"}"#) == Answer(messageId: "m-1"))
        #expect(answer("") == nil)
        #expect(answer("<html>") == nil)
    }

    @Test(arguments: [511, 512, 513, 514, 100_000])
    func `A body that nests without end is no answer`(depth: Int) {
        #expect(answer(String(repeating: "[", count: depth)) == nil)
        #expect(answer(String(repeating: #"{"a":"#, count: depth - 1) + "{") == nil)
    }
}
