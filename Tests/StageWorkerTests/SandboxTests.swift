// The sandbox itself: its record, its API's rules, and that its debtors are a function of seed and task.
@testable import Arrears
import Foundation
@testable import HTTP2Client
import Testing

@testable import Sandbox

/// A message as the gateway takes it.
private let message = #"{"to":"+8613800100001","text":"hello","sender":"BANK","encoding":"gsm7","segments":1}"#
private let callItem = """
    {"phone":"+8613900100001","script_id":"standard-call","priority":1,"display_name":"L**",\
    "hours":{"from":"08:00","to":"22:00","time_zone":"Asia/Shanghai"},"offer_plan":false,\
    "arrears":{"minor_units":100000,"currency":"CNY"},"dpd":5,"business_date":"2025-03-10"}
    """

private struct Caller {
    let client: ServiceClient
    init(_ sandbox: RunningSandbox) throws { client = try ServiceClient(sandbox.service()) }

    /// The status and, where there is one, the code or state in the answer.
    func ask(_ method: String, _ path: String, key: String? = nil, _ body: String = "") async -> String {
        struct Answer: Decodable {
            var code: String?
            var state: String?
        }
        switch await client.call(method, path, key: key, body: Array(body.utf8)) {
        case .answered(let response):
            let answer = ServiceJSON.decode(Answer.self, of: response)
            return [String(response.status), answer?.code ?? answer?.state].compactMap { $0 }.joined(separator: " ")
        case .later(let wait, let reason): return "later \(wait.map { "\($0)" } ?? "-") \(reason)"
        case .unknown(let reason): return "unknown \(reason)"
        }
    }
}

@Suite struct SandboxTests {
    @Test func `The gateway takes a key once`() async throws {
        try await withSandbox { sandbox in
            let caller = try Caller(sandbox)
            #expect(await caller.ask("GET", "/v1/messages/by-key/a") == "404 never_seen")
            #expect(await caller.ask("POST", "/v1/messages", key: "a", message) == "202")
            #expect(await caller.ask("POST", "/v1/messages", key: "a", message) == "200")
            let other = message.replacingOccurrences(of: "hello", with: "other")
            #expect(await caller.ask("POST", "/v1/messages", key: "a", other) == "409 key_reused")
            #expect(await caller.ask("GET", "/v1/messages/by-key/a") == "200 delivered")
            await caller.client.close()
            let lines = try sandbox.lines()
            #expect(lines.map(\.firstSeen) == [true, false, false])
            #expect(lines.map(\.isDuplicate) == [false, true, true])
            #expect(lines.map(\.seq) == [1, 2, 3])
        }
    }

    @Test func `What it said survives its end`() async throws {
        try await withTemporaryDirectory { directory in
            try await withSandbox(in: directory) { sandbox in
                let caller = try Caller(sandbox)
                #expect(await caller.ask("POST", "/v1/messages", key: "a", message) == "202")
                #expect(await caller.ask("PUT", "/v1/queues/standard/items/b", callItem) == "201 answered")
                await caller.client.close()
            }
            // As a process that was killed while it wrote leaves it.
            let file = try #require(FileHandle(forWritingAtPath: directory + "/effects.jsonl"))
            try file.seekToEnd()
            try file.write(contentsOf: Data(#"{"seq":3,"at":17"#.utf8))
            try file.close()
            try await withSandbox(in: directory) { sandbox in
                let caller = try Caller(sandbox)
                #expect(await caller.ask("POST", "/v1/messages", key: "a", message) == "200")
                #expect(await caller.ask("GET", "/v1/queues/standard/items/b") == "200 answered")
                await caller.client.close()
                #expect(try sandbox.lines().map(\.seq) == [1, 2, 3])
            }
        }
    }

    @Test func `A call item may be put again and taken back while nobody dialled`() async throws {
        try await withSandbox {
            $0.answerMilliseconds = 1_000_000_000
        } _: { sandbox in
            let caller = try Caller(sandbox)
            let item = "/v1/queues/standard/items/c"
            #expect(await caller.ask("DELETE", item) == "404 never_seen")
            #expect(await caller.ask("PUT", item, callItem) == "201 queued")
            #expect(await caller.ask("PUT", item, callItem) == "200 queued")
            #expect(await caller.ask("DELETE", item) == "204")
            #expect(await caller.ask("GET", item) == "404 withdrawn")
            #expect(await caller.ask("PUT", item, callItem) == "200 queued")
            await caller.client.close()
            let lines = try sandbox.lines()
            #expect(lines.map(\.firstSeen) == [true, false, false, false])
            #expect(lines.map(\.isWithdrawn) == [false, false, true, false])
            #expect(lines.allSatisfy { !$0.isDuplicate })
        }
    }

    @Test func `What is not as the API says is refused`() async throws {
        try await withSandbox { sandbox in
            let caller = try Caller(sandbox)
            let noNumber = message.replacingOccurrences(of: "+86", with: "")
            #expect(await caller.ask("POST", "/v1/messages", key: "a", noNumber) == "400 invalid_request")
            #expect(await caller.ask("POST", "/v1/messages", key: "a", "{") == "400 invalid_request")
            #expect(await caller.ask("POST", "/v1/messages", message) == "400 invalid_request")
            #expect(await caller.ask("POST", "/v1/messages", key: "a b", message) == "400 invalid_request")
            #expect(await caller.ask("POST", "/v1/receipts:query", #"{"keys":[]}"#) == "400 invalid_request")
            #expect(await caller.ask("PUT", "/v1/queues/vip/items/c", callItem) == "422 unknown_queue")
            let shout = callItem.replacingOccurrences(of: "standard-call", with: "shout")
            #expect(await caller.ask("PUT", "/v1/queues/standard/items/c", shout) == "422 unknown_script")
            await caller.client.close()

            var stranger = sandbox.service()
            stranger.tokenFile = sandbox.directory + "/other"
            try "wrong".write(toFile: stranger.tokenFile, atomically: true, encoding: .utf8)
            let client = try ServiceClient(stranger)
            let reply = await client.call("GET", "/v1/messages/by-key/a")
            #expect(reply == .later(nil, reason: "status 401"))
            await client.close()
            #expect(try sandbox.lines().isEmpty)
        }
    }

    /// What it does not know it answers with 404 and no code.
    @Test func `It serves every path of the API`() async throws {
        let file = shipped("../proto/gateway/openapi.yaml")
        let text = try #require(FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) })
        var operations: [(method: String, path: String)] = []
        var path = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("  /v1/") { path = String(line.dropFirst(2).dropLast()) }
            guard line.hasPrefix("    "),
                let method = ["get:", "put:", "post:", "delete:"].first(where: { line.dropFirst(4) == $0 })
            else { continue }
            let filled = ["{key}": "k", "{queue}": "standard", "{taskId}": "k"].reduce(path) {
                $0.replacingOccurrences(of: $1.key, with: $1.value)
            }
            operations.append((method.dropLast().uppercased(), filled))
        }
        #expect(operations.count == 7)
        let asked = operations
        try await withSandbox { sandbox in
            let caller = try Caller(sandbox)
            for (method, path) in asked {
                let answer = await caller.ask(method, path)
                #expect(answer.hasPrefix("404 never_seen") || answer.hasPrefix("400 "), "\(method) \(path): \(answer)")
            }
            await caller.client.close()
        }
    }

    @Test func `It tells where it is and a second one in the same directory is refused`() async throws {
        try await withSandbox { sandbox in
            struct Announcement: Decodable, Equatable {
                var host: String
                var port: Int
                var pid: Int32
            }
            let data = try #require(FileManager.default.contents(atPath: sandbox.directory + "/sandbox.json"))
            let announcement = try JSONDecoder().decode(Announcement.self, from: data)
            #expect(announcement == Announcement(host: "127.0.0.1", port: sandbox.port, pid: getpid()))
            await #expect(throws: EffectRecordError.self) {
                try await Sandbox.run(SandboxConfiguration(directory: sandbox.directory), stopsOnSignals: false)
            }
        }
    }

    @Test func `A case in another batch is a duplicate the same batch again is not`() async throws {
        try await withTemporaryDirectory { directory in
            let record = try EffectRecord(path: directory + "/effects.jsonl")
            #expect(try await record.record(kind: .placement, taskID: "p", digest: "batch-1"))
            #expect(try await !record.record(kind: .placement, taskID: "p", digest: "batch-1"))
            #expect(try await !record.record(kind: .placement, taskID: "p", digest: "batch-2"))
            let lines = try EffectRecord.lines(path: directory + "/effects.jsonl")
            #expect(lines.map(\.isDuplicate) == [false, false, true])
        }
    }

    @Test func `A line that is none is reported with its number`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/effects.jsonl"
            try "{}\n".write(toFile: path, atomically: true, encoding: .utf8)
            let error = #expect(throws: EffectRecordError.self) { try EffectRecord(path: path) }
            #expect(error?.code == .badLine)
            #expect(error?.message.contains("line 1") == true)
        }
    }
}

@Suite struct DebtorBehaviourTests {
    private let debtors = DebtorBehaviour(seed: 1)

    @Test func `The shares are those that are meant`() throws {
        let tasks = (0..<20_000).map { TaskID("task-\($0)") }
        func permille(_ holds: (TaskID) -> Bool) -> Int { tasks.count(where: holds) / 20 }
        #expect((935...955).contains(permille { debtors.receipt(of: $0) == .delivered }))
        #expect((8...16).contains(permille { debtors.refusal(ofMessage: $0) != nil }))
        let yuan = try #require(Currency("CNY"))
        let arrears = Money(minorUnits: 100_000, currency: yuan)
        let day = CalendarDate(dayNumber: 20_000)
        let results = tasks.map { debtors.result(ofCall: $0, arrears: arrears, on: day) }
        #expect((435...465).contains(results.count { $0 == .noAnswer } / 20))
        let promises = results.compactMap { result -> (Money, CalendarDate)? in
            if case .promiseToPay(let amount, let date) = result { (amount, date) } else { nil }
        }
        #expect((110...130).contains(promises.count / 20))
        #expect(promises.allSatisfy { $0.0.isPositive && $0.0.minorUnits <= 100_000 && $0.1 > day })
    }

    @Test func `The same seed and task always come to the same and another seed does not`() {
        // Fixed: a change here changes every run that is compared with an earlier one.
        #expect((1...8).map { debtors.draw("receipt", TaskID("task-\($0)"), below: 1000) } == Self.golden)
        let other = DebtorBehaviour(seed: 2)
        let tasks = (0..<1000).map { TaskID("task-\($0)") }
        #expect(tasks.count { debtors.draw("call", $0, below: 1000) == other.draw("call", $0, below: 1000) } < 20)
    }

    private static let golden = [750, 629, 810, 144, 564, 32, 327, 775]
}
