// Owns: what a person is told of a service, from its answers, and when.
import Foundation
import Synchronization
import Testing

@testable import HTTP2Client

@Suite("What a person is told of a service")
struct ServiceTroubleTests {
    private final class Ear: Sendable {
        private let heard = Mutex<[String]>([])
        private let clock = Mutex(ContinuousClock().now)
        var words: [String] { heard.withLock { $0 } }
        func note(_ words: String) { heard.withLock { $0.append(words) } }
        func now() -> ContinuousClock.Instant { clock.withLock { $0 } }
        func pass(_ seconds: Int) { clock.withLock { $0 = $0.advanced(by: .seconds(seconds)) } }
    }

    private func bench() -> (Ear, ServiceTrouble) {
        let ear = Ear()
        return (ear, ServiceTrouble(of: "gate:1", tokenFile: "/token", note: { ear.note($0) }, now: { ear.now() }))
    }

    private func response(_ status: Int, _ body: String = "") -> HTTP2Response {
        HTTP2Response(status: status, body: Array(body.utf8))
    }

    @Test func `Each failure is said once, and once that it is over`() {
        let (ear, trouble) = bench()
        for _ in 0..<100 {
            trouble.heard(response(401), "POST", "/v1/messages")
            trouble.heard(response(502), "GET", "/v1/messages/by-key/t-1")
            trouble.heard(HTTP2Failure(.connectFailed, .notProcessed, "expected a listener, got none"))
        }
        #expect(
            ear.words == [
                "gate:1: status 401: expected it to take the token of /token",
                "gate:1: status 502 for GET /v1/messages", "gate:1: connectFailed: expected a listener, got none",
            ])
        trouble.heard(response(200), "POST", "/v1/messages")
        #expect(ear.words.count == 3, "one that is answered among many that fail says nothing yet")
        ear.pass(3)
        trouble.heard(response(200), "POST", "/v1/messages")
        trouble.heard(response(200), "POST", "/v1/messages")
        #expect(ear.words.last == "gate:1: serves again, after 300 failures")
        trouble.heard(response(401), "POST", "/v1/messages")
        #expect(ear.words.count == 5)
    }

    @Test func `What the service says of one request is no trouble`() {
        let (ear, trouble) = bench()
        trouble.heard(response(202), "POST", "/v1/messages")
        trouble.heard(response(404, #"{"code": "never_seen"}"#), "GET", "/v1/messages/by-key/t-1")
        trouble.heard(response(422, #"{"code": "blocked"}"#), "POST", "/v1/messages")
        trouble.heard(HTTP2Failure(.closed, .notProcessed, "closed"))
        #expect(ear.words == [])
        trouble.heard(response(404), "POST", "/v1/messages")
        #expect(
            ear.words == ["gate:1: status 404 for POST /v1/messages, without a code of its API: is the address right?"])
    }

    @Test func `A token that is mended is taken`() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("token-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("old\n".utf8).write(to: file)
        let token = try BearerToken(file: file.path)
        try Data(" new \n".utf8).write(to: file)
        #expect(token.text == "old")
        token.readAgain()
        #expect(token.text == "new")
        try Data("\n".utf8).write(to: file)
        token.readAgain()
        #expect(token.text == "new", "an empty file is no token")
        #expect(throws: ServiceSettingsError.self) { try BearerToken(file: file.path) }
    }
}
