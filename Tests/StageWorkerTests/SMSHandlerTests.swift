// The sms stage against the sandbox's gateway over real HTTP/2.
@testable import Arrears
@testable import HTTP2Client
@testable import SMSWorker
import Testing
@testable import WorkerKit

@testable import Sandbox

private let debtors = DebtorBehaviour(seed: 7)

private func handler(_ service: ServiceConfiguration, _ change: (inout SMSConfiguration) -> Void = { _ in }) throws
    -> SMSHandler
{
    var configuration = SMSConfiguration(gateway: service, templateDirectory: shipped("sms"))
    change(&configuration)
    return try SMSHandler(configuration, pace: givenPace())
}

/// What a message comes to, from the debtors' side.
private func expectedCode(_ task: TaskID) -> OutcomeCode {
    if debtors.refusal(ofMessage: task) != nil { return .rejectedByGateway }
    switch debtors.receipt(of: task) {
    case .delivered: return .delivered
    case .undelivered: return .undelivered
    case .expired: return .sentUnconfirmed
    case .accepted: preconditionFailure("no final state")
    }
}

/// As a coordinator does: what is given back is leased again.
private func workUntilNothingIsGivenBack(_ tasks: [WorkTask], _ handler: SMSHandler) async throws -> [TaskID: Outcome] {
    var waiting = tasks
    var finished: [TaskID: Outcome] = [:]
    for _ in 0..<60 where !waiting.isEmpty {
        let lease = TestLease()
        try await handler.work(waiting, under: lease)
        finished.merge(lease.finished) { _, _ in preconditionFailure("finished twice") }
        waiting.removeAll { !lease.released.contains($0.id) }
    }
    #expect(waiting.isEmpty)
    return finished
}

@Suite struct SMSHandlerTests {
    @Test func `Every message is sent once and its receipt is reported`() async throws {
        try await withSandbox { sandbox in
            let handler = try handler(sandbox.service())
            let lease = TestLease()
            let tasks = (1...500).map { smsTask($0) }
            try await handler.work(tasks, under: lease)
            await handler.shutdown()

            #expect(lease.released.isEmpty)
            #expect(lease.finished.count == 500)
            for (task, outcome) in lease.finished { #expect(outcome.code == expectedCode(task)) }
            #expect(Set(lease.finished.values.map(\.code)).count == 4, "500 tasks meet every kind of answer")
            let refused = lease.finished.values.filter { $0.code == .rejectedByGateway }
            #expect(refused.allSatisfy { $0.attempt == .notMade && $0.details["reason"] != nil })
            #expect(
                lease.finished.values.filter { $0.attempt == .made }.allSatisfy { $0.evidence.hasPrefix("message m-") })

            let lines = try sandbox.lines()
            #expect(Set(lines.map(\.task)).count == lines.count)
            #expect(lines.allSatisfy { $0.firstSeen && !$0.isDuplicate && $0.kind == .sms })
            #expect(lines.count == 500 - refused.count)
        }
    }

    @Test func `The outcome says how long the message was`() async throws {
        try await withSandbox { sandbox in
            let handler = try handler(sandbox.service())
            let lease = TestLease()
            try await handler.work([smsTask(1) { $0.language = "en" }, smsTask(2)], under: lease)
            await handler.shutdown()
            // The institution's name is Chinese, so both are 16-bit.
            let english = try #require(lease.finished["sms-1"]?.details)
            #expect(english["encoding"] == "ucs2" && english["language"] == "en" && english["segments"] == "3")
            let chinese = try #require(lease.finished["sms-2"]?.details)
            #expect(chinese["encoding"] == "ucs2" && chinese["segments"] == "2")
            #expect(chinese["template"] == "gentle-reminder")
        }
    }

    @Test func `A text that cannot be made is refused before anything is begun`() async throws {
        try await withSandbox { sandbox in
            let handler = try handler(sandbox.service())
            let lease = TestLease()
            try await handler.work(
                [smsTask(1) { $0.fields["amount"] = nil }, smsTask(2) { $0.templateID = "threat" }, callTask(3)],
                under: lease)
            await handler.shutdown()
            #expect(lease.begun.isEmpty)
            #expect(lease.finished.count == 3)
            #expect(lease.finished.values.allSatisfy { $0.code == .invalidContent && $0.attempt == .notMade })
            #expect(lease.finished["sms-1"]?.details["reason"] == "{amount}: expected a value, got none")
            #expect(try sandbox.lines().isEmpty)
        }
    }

    /// Every reply is lost: the gateway is asked by the key, and nothing is sent again.
    @Test func `When the reply is lost the gateway is asked instead of sending again`() async throws {
        try await withSandbox {
            $0.faults.lostReplyPermille = 1000
        } _: { sandbox in
            let handler = try handler(sandbox.service { $0.requestTimeout = .seconds(1) })
            let finished = try await workUntilNothingIsGivenBack((1...40).map { smsTask($0) }, handler)
            await handler.shutdown()
            #expect(finished.count == 40)
            for (task, outcome) in finished { #expect(outcome.code == expectedCode(task)) }
            #expect(try sandbox.lines().allSatisfy { $0.firstSeen && !$0.isDuplicate })
        }
    }

    /// Half of the requests get 503: those tasks are given back, leased again, and each message goes out once.
    @Test func `What the gateway did not look at is given back and sent later once`() async throws {
        try await withSandbox {
            $0.faults.unavailablePermille = 500
        } _: { sandbox in
            let handler = try handler(sandbox.service())
            let finished = try await workUntilNothingIsGivenBack((1...60).map { smsTask($0) }, handler)
            await handler.shutdown()
            #expect(finished.count == 60)
            for (task, outcome) in finished { #expect(outcome.code == expectedCode(task)) }
            #expect(try sandbox.lines().allSatisfy { $0.firstSeen && !$0.isDuplicate })
        }
    }

    @Test func `Without a gateway everything is given back and nothing is sent`() async throws {
        try await withSandbox { sandbox in
            let nobody = sandbox.service { $0.origin.port = 1 }
            let handler = try handler(nobody) { $0.work.window = 8 }
            let lease = TestLease()
            try await handler.work((1...20).map { smsTask($0) }, under: lease)
            await handler.shutdown()
            #expect(Set(lease.released) == Set((1...20).map { TaskID("sms-\($0)") }))
            #expect(lease.finished.isEmpty)
        }
    }

    @Test func `An inquiry only asks`() async throws {
        try await withSandbox { sandbox in
            let handler = try handler(sandbox.service())
            let seen = (1...1000).map { smsTask($0) }.filter { expectedCode($0.id) == .delivered }.prefix(3)
            try await handler.work(Array(seen), under: TestLease())
            let before = try sandbox.lines()

            let lease = TestLease()
            let asked = seen.map { WorkTask(id: $0.id, mode: .inquire, delivery: 2, content: $0.content) }
            try await handler.work(asked + [smsTask(2000, mode: .inquire)], under: lease)
            await handler.shutdown()
            for task in seen {
                #expect(lease.finished[task.id]?.code == .delivered)
                #expect(lease.finished[task.id]?.attempt == .made)
                #expect(lease.finished[task.id]?.details["segments"] == "2")
            }
            #expect(lease.finished["sms-2000"]?.attempt == .neverSeen)
            #expect(lease.begun.isEmpty)
            #expect(try sandbox.lines() == before)
        }
    }

    @Test func `An inquiry that nobody answers is unknown`() async throws {
        try await withSandbox { sandbox in
            let handler = try handler(sandbox.service { $0.origin.port = 1 })
            let lease = TestLease()
            try await handler.work([smsTask(1, mode: .inquire)], under: lease)
            await handler.shutdown()
            #expect(lease.finished["sms-1"]?.attempt == .unknown)
            #expect(lease.released.isEmpty)
        }
    }

    @Test func `Without a final receipt in time the message is sent unconfirmed`() async throws {
        try await withSandbox {
            $0.answerMilliseconds = 1_000_000_000
        } _: { sandbox in
            let handler = try handler(sandbox.service())
            let accepted = (1...50).map { smsTask($0) }.filter { debtors.refusal(ofMessage: $0.id) == nil }
            let lease = TestLease()
            try await handler.work(accepted, under: lease)
            await handler.shutdown()
            #expect(lease.finished.count == accepted.count)
            #expect(lease.finished.values.allSatisfy { $0.code == .sentUnconfirmed && $0.attempt == .made })
        }
    }

    @Test func `What may not start is not sent`() async throws {
        try await withSandbox { sandbox in
            let handler = try handler(sandbox.service())
            let lease = TestLease(denied: ["sms-2", "sms-4"])
            try await handler.work((1...5).map { smsTask($0) }, under: lease)
            await handler.shutdown()
            #expect(Set(lease.released) == ["sms-2", "sms-4"])
            #expect(Set(try sandbox.lines().map(\.task)).isDisjoint(with: ["sms-2", "sms-4"]))
        }
    }

    @Test func `A lease that ends is given back and what was sent is left to be asked about`() async throws {
        try await withSandbox {
            $0.answerMilliseconds = 1_000_000_000
        } _: { sandbox in
            let handler = try handler(sandbox.service()) { $0.work.window = 4 }
            let tasks = (1...100).map { smsTask($0) }.filter { debtors.refusal(ofMessage: $0.id) == nil }
            let lease = TestLease(endsAfterBegin: true)
            try await handler.work(tasks, under: lease)
            await handler.shutdown()
            #expect(lease.begun.count == 4)
            #expect(Set(lease.released) == Set(tasks.map(\.id)).subtracting(lease.begun))
            #expect(lease.finished.isEmpty)
            #expect(Set(try sandbox.lines().map(\.task)) == Set(lease.begun))
        }
    }

    @Test func `Over TLS the gateway is reached with its authority`() async throws {
        try await withTemporaryDirectory { directory in
            let certificate = try await makeCertificate(in: directory)
            try await withSandbox(in: directory) {
                $0.certificateFile = certificate.certificate
                $0.privateKeyFile = certificate.key
            } _: { sandbox in
                let service = sandbox.service {
                    $0.origin = HTTP2Origin(scheme: .https, host: "localhost", port: sandbox.port)
                    $0.certificateAuthorityFile = certificate.certificate
                }
                let handler = try handler(service)
                let lease = TestLease()
                let task = try #require((1...100).map { smsTask($0) }.first { expectedCode($0.id) == .delivered })
                try await handler.work([task], under: lease)
                await handler.shutdown()
                #expect(lease.finished[task.id]?.code == .delivered)
            }
        }
    }
}
