// The client against a real server: what it can do.
@testable import HTTP2Client
import HummingbirdCore
import HummingbirdHTTP2
import NIOPosix
import Testing

@Suite struct HTTP2ClientTests {
    @Test func `A thousand requests at once go over one connection and each gets its own answer`() async throws {
        try await withServer(router: testRouter()) { port in
            let client = client(port: port)
            let answers = try await withThrowingTaskGroup(of: (Int, HTTP2Response).self) { group in
                for number in 0..<1000 {
                    group.addTask {
                        let request = HTTP2Request(path: "/numbers/\(number)", timeout: .seconds(60))
                        return (number, try await client.request(request))
                    }
                }
                return try await group.reduce(into: [Int: HTTP2Response]()) { $0[$1.0] = $1.1 }
            }
            #expect(answers.count == 1000)
            for (number, answer) in answers {
                #expect(answer.status == 202)
                #expect(answer.header("content-type") == "text/plain")
                #expect(String(decoding: answer.body, as: UTF8.self) == String(number))
            }
            await client.close()
        }
    }

    @Test func `Bodies far over the flow control window go both ways whole`() async throws {
        try await withServer(router: testRouter()) { port in
            let client = client(port: port) { $0.maximumResponseBytes = 16 << 20 }
            // The server's window is 64 KiB; 3 × 5 MiB pass through it at once.
            let bodies = (1...3).map { seed in
                let block = (0..<(1 << 16)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251 &+ seed) }
                return Array(repeatElement(block, count: 80).joined())
            }
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for body in bodies {
                    group.addTask {
                        let answer = try await client.request(
                            HTTP2Request(method: "POST", path: "/echo", body: body, timeout: .seconds(60)))
                        return answer.status == 200 && answer.body == body
                    }
                }
                for try await isSame in group { #expect(isSame) }
            }
            await client.close()
        }
    }

    @Test func `A response over the limit is given up and the connection goes on`() async throws {
        try await withServer(router: testRouter()) { port in
            let client = client(port: port) { $0.maximumResponseBytes = 100_000 }
            let tooLong = [UInt8](repeating: 7, count: 100_001)
            let result = await client.result(HTTP2Request(method: "POST", path: "/echo", body: tooLong))
            #expect(result.failure?.code == .responseTooLarge)
            #expect(result.failure?.certainty == .unknown)
            let answer = try await client.request(
                HTTP2Request(method: "POST", path: "/echo", body: Array(tooLong.dropLast())))
            #expect(answer.body.count == 100_000)
            await client.close()
        }
    }

    @Test func `A request without an answer in time may have been acted on and others are not held up`() async throws {
        try await withServer(router: testRouter()) { port in
            let client = client(port: port)
            _ = try await client.request(HTTP2Request(path: "/numbers/1"))
            let silent = await client.result(HTTP2Request(path: "/silence", timeout: .milliseconds(500)))
            #expect(silent.failure?.code == .timedOut)
            #expect(silent.failure?.certainty == .unknown)
            #expect(await client.result(HTTP2Request(path: "/numbers/7")).status == 202)
            await client.close()
        }
    }

    @Test func `A cancelled task is answered at once`() async throws {
        try await withServer(router: testRouter()) { port in
            let client = client(port: port)
            _ = try await client.request(HTTP2Request(path: "/numbers/1"))
            let waiting = Task { await client.result(HTTP2Request(path: "/silence", timeout: .seconds(3600))) }
            waiting.cancel()
            #expect(await waiting.value.failure?.code == .cancelled)
            await client.close()
        }
    }

    @Test func `Nothing of a request that cannot be written is sent`() async throws {
        let client = client(port: 1)
        let wrong = [
            HTTP2Request(method: "GE T", path: "/"), HTTP2Request(path: "numbers"), HTTP2Request(path: "/a b"),
            HTTP2Request(path: "/", headers: [HTTP2Header("x", "a\r\nevil: 1")]),
            HTTP2Request(path: "/", headers: [HTTP2Header("bad name", "a")]),
            HTTP2Request(path: "/", headers: [HTTP2Header(":path", "/b")]),
        ]
        for request in wrong {
            let failure = await client.result(request).failure
            #expect(failure?.code == .invalidRequest)
            #expect(failure?.certainty == .notProcessed)
        }
    }

    @Test func `Where nobody listens nothing was processed`() async throws {
        let server = try await ScriptedServer { _ in { _ in [] } }
        let port = server.port
        try await server.stop()
        let client = client(port: port)
        let failure = await client.result(HTTP2Request(path: "/")).failure
        #expect(failure?.code == .connectFailed)
        #expect(failure?.certainty == .notProcessed)
        await client.close()
        let afterwards = await client.result(HTTP2Request(path: "/")).failure
        #expect(afterwards?.code == .closed)
        #expect(afterwards?.certainty == .notProcessed)
    }
}

@Suite struct HTTP2TLSTests {
    @Test func `Over TLS the server is checked against the given authority`() async throws {
        let certificate = try await TestCertificate()
        defer { certificate.remove() }
        let server = try HTTPServerBuilder.http2Upgrade(tlsConfiguration: certificate.serverConfiguration())
        try await withServer(server, router: testRouter()) { port in
            func answer(_ host: String, authority: String?) async -> Result<HTTP2Response, HTTP2Failure> {
                let client = HTTP2Client(
                    HTTP2ClientConfiguration(
                        origin: HTTP2Origin(scheme: .https, host: host, port: port),
                        certificateAuthorityFile: authority))
                defer { Task { await client.close() } }
                return await client.result(HTTP2Request(path: "/numbers/1"))
            }
            #expect(await answer("localhost", authority: certificate.certificate).status == 202)
            let unknownAuthority = await answer("localhost", authority: nil).failure
            #expect(unknownAuthority?.code == .tlsFailed)
            #expect(unknownAuthority?.certainty == .notProcessed)
            let otherHost = await answer("127.0.0.1", authority: certificate.certificate).failure
            #expect(otherHost?.code == .tlsFailed)
            let noFile = await answer("localhost", authority: "/nowhere/ca.pem").failure
            #expect(noFile?.code == .invalidConfiguration)
            #expect(noFile?.certainty == .notProcessed)
        }
    }
}

@Suite struct HTTP2OriginTests {
    @Test func `A URL names an origin`() {
        #expect(HTTP2Origin("http://gateway:8080") == HTTP2Origin(scheme: .http, host: "gateway", port: 8080))
        #expect(
            HTTP2Origin("https://gateway.example/") == HTTP2Origin(scheme: .https, host: "gateway.example", port: 443))
        #expect(HTTP2Origin("http://[::1]:81") == HTTP2Origin(scheme: .http, host: "::1", port: 81))
        #expect(HTTP2Origin("http://[::1]:81")?.description == "http://[::1]:81")
    }

    @Test(arguments: [
        "gateway:80", "ftp://gateway", "http://", "http://gateway/path", "http://gateway:0", "http://gateway:70000",
        "http://user@gateway", "http://::1", "http://gateway?x=1", "http://:80",
    ])
    func `What is no origin is refused`(_ url: String) {
        #expect(HTTP2Origin(url) == nil)
    }
}
