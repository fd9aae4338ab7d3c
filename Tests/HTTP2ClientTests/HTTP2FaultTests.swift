// The client against a server that goes wrong on purpose: what it says about each request.
@testable import HTTP2Client
import Testing

@Suite struct HTTP2FaultTests {
    @Test func `A stream that the server refused was not processed`() async throws {
        let server = try await ScriptedServer { _ in
            {
                $0.type == 4 && $0.flags == 0
                    ? [.send(.settings)] : $0.isHeaders ? [.send(.reset($0.stream, code: 7))] : []
            }
        }
        let client = client(port: server.port)
        let failure = await client.result(HTTP2Request(path: "/")).failure
        #expect(failure?.code == .refusedStream)
        #expect(failure?.certainty == .notProcessed)
        await client.close()
        try await server.stop()
    }

    @Test func `A stream that the server reset may have been processed`() async throws {
        let server = try await ScriptedServer { _ in
            {
                $0.type == 4 && $0.flags == 0
                    ? [.send(.settings)] : $0.isHeaders ? [.send(.reset($0.stream, code: 2))] : []
            }
        }
        let client = client(port: server.port)
        let failure = await client.result(HTTP2Request(path: "/")).failure
        #expect(failure?.code == .streamReset)
        #expect(failure?.certainty == .unknown)
        await client.close()
        try await server.stop()
    }

    /// Streams 1, 3 and 5 are open when GOAWAY says that 3 was the last: 1 and 3 are answered, 5 was not processed, and
    /// the next request goes over a new connection.
    @Test func `After go away earlier streams finish later ones were not processed and a new connection is made`()
        async throws
    {
        let server = try await ScriptedServer { connection in
            { frame in
                if frame.type == 4, frame.flags == 0 { return [.send(.settings)] }
                guard frame.isHeaders else { return [] }
                if connection > 1 { return [.send(.ok(frame.stream))] }
                guard frame.stream == 5 else { return [] }
                return [.send(.goAway(lastStream: 3)), .send(.ok(1)), .send(.ok(3))]
            }
        }
        let client = client(port: server.port)
        let results = await withTaskGroup(of: Result<HTTP2Response, HTTP2Failure>.self) { group in
            for _ in 0..<3 { group.addTask { await client.result(HTTP2Request(path: "/")) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.count { $0.status == 200 } == 2)
        let failures = results.compactMap(\.failure)
        #expect(failures.map(\.code) == [.goAway])
        #expect(failures.map(\.certainty) == [.notProcessed])
        #expect(await client.result(HTTP2Request(path: "/")).status == 200)
        await client.close()
        try await server.stop()
    }

    @Test func `A connection that is lost leaves its requests unknown and the next one connects again`() async throws {
        let server = try await ScriptedServer { connection in
            { frame in
                if frame.type == 4, frame.flags == 0 { return [.send(.settings)] }
                guard frame.isHeaders else { return [] }
                return connection == 1 ? [.close] : [.send(.ok(frame.stream))]
            }
        }
        let client = client(port: server.port)
        let lost = await client.result(HTTP2Request(method: "POST", path: "/", body: [1, 2, 3])).failure
        #expect(lost?.code == .connectionLost)
        #expect(lost?.certainty == .unknown)
        #expect(await client.result(HTTP2Request(path: "/")).status == 200)
        await client.close()
        try await server.stop()
    }

    /// The server allows two streams: the third request waits, and when the connection is lost it was never sent.
    @Test func `The servers limit on streams is kept and what waits goes over the next connection`() async throws {
        let server = try await ScriptedServer { connection in
            var seen = 0
            return { frame in
                if frame.type == 4, frame.flags == 0 { return [.send(.settings(maximumStreams: 2))] }
                guard frame.isHeaders else { return [] }
                if connection > 1 { return [.send(.ok(frame.stream))] }
                seen += 1
                return seen == 2 ? [.close] : []
            }
        }
        let client = client(port: server.port)
        let results = await withTaskGroup(of: Result<HTTP2Response, HTTP2Failure>.self) { group in
            for _ in 0..<5 { group.addTask { await client.result(HTTP2Request(path: "/")) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.compactMap(\.failure).map(\.certainty) == [.unknown, .unknown])
        #expect(results.count { $0.status == 200 } == 3)
        await client.close()
        try await server.stop()
    }

    @Test func `A request that still waits for a stream at its timeout was not processed`() async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: UInt32.self)
        let server = try await ScriptedServer { _ in
            { frame in
                if frame.type == 4, frame.flags == 0 { return [.send(.settings(maximumStreams: 1))] }
                if frame.isHeaders { arrived.yield(frame.stream) }
                return []
            }
        }
        let client = client(port: server.port)
        async let first = client.result(HTTP2Request(path: "/", timeout: .seconds(3600)))
        for await _ in arrivals.prefix(1) {}
        let second = await client.result(HTTP2Request(path: "/", timeout: .milliseconds(50))).failure
        #expect(second?.code == .timedOut)
        #expect(second?.certainty == .notProcessed)
        await client.close()
        #expect(await first.failure?.code == .closed)
        #expect(await first.failure?.certainty == .unknown)
        try await server.stop()
    }

    @Test func `A peer that never says settings is no connection`() async throws {
        let server = try await ScriptedServer { _ in { _ in [] } }
        let client = client(port: server.port) { $0.connectTimeout = .milliseconds(100) }
        let failure = await client.result(HTTP2Request(path: "/")).failure
        #expect(failure?.code == .connectTimedOut)
        #expect(failure?.certainty == .notProcessed)
        await client.close()
        try await server.stop()
    }

    @Test func `A peer that speaks something else is told apart before a request is sent`() async throws {
        let server = try await ScriptedServer { _ in
            { _ in [.sendBytes(Array("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".utf8))] }
        }
        let client = client(port: server.port)
        let failure = await client.result(HTTP2Request(path: "/")).failure
        #expect(failure?.code == .notHTTP2)
        #expect(failure?.certainty == .notProcessed)
        await client.close()
        try await server.stop()
    }

    @Test func `A peer that does not answer pings is given up`() async throws {
        let server = try await ScriptedServer { _ in
            { $0.type == 4 && $0.flags == 0 ? [.send(.settings)] : [] }
        }
        let client = client(port: server.port) {
            $0.keepAliveInterval = .milliseconds(20)
            $0.keepAliveTimeout = .milliseconds(20)
        }
        let failure = await client.result(HTTP2Request(path: "/", timeout: .seconds(3600))).failure
        #expect(failure?.code == .connectionLost)
        #expect(failure?.certainty == .unknown)
        await client.close()
        try await server.stop()
    }

    @Test func `An answer that ends early is taken though the body was not read whole`() async throws {
        // The window is 64 KiB and never grows; the server answers when it has seen the first DATA frame.
        let server = try await ScriptedServer { _ in
            var hasAnswered = false
            return { frame in
                if frame.type == 4, frame.flags == 0 { return [.send(.settings)] }
                guard frame.type == 0, !hasAnswered else { return [] }
                hasAnswered = true
                return [.send(.ok(frame.stream))]
            }
        }
        let client = client(port: server.port)
        let body = [UInt8](repeating: 1, count: 1 << 20)
        let answer = try await client.request(HTTP2Request(method: "POST", path: "/", body: body))
        #expect(answer.status == 200)
        await client.close()
        try await server.stop()
    }
}
