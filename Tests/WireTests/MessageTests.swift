// Owns: examples of every message on the wire and back, and of fields that are out of their bounds.
@testable import Arrears
@testable import Leasing
import Testing

@testable import Wire

private let lease = LeaseKey(id: LeaseID(0xabc), epoch: Epoch(12))

@Suite struct MessageTests {
    static let everyMessage: [Message] = [
        .hello(
            Message.Hello(
                versions: 1...3, worker: "sms-1", incarnation: .max, stages: [StageName(.sms), StageName("fax")],
                capacity: 500, software: "recoup 1.0")),
        .welcome(Message.Welcome(version: 1, limits: Limits(), coordinator: "recoup 1.0")),
        .refused(Message.Refused(code: .unknownStage, message: "stage: expected sms, got \"fax\"")),
        .leaseRequest(Message.LeaseRequest(id: 9, stage: StageName(.callQueue), credit: 250)),
        .leaseGranted(
            Message.LeaseGranted(
                request: 9, lease: lease, durationMilliseconds: 30_000,
                tasks: [
                    GrantedTask(
                        id: "t-1", mode: .attempt, startWithinMilliseconds: 0, delivery: 1, content: [1, 2, 3]),
                    GrantedTask(
                        id: "t-2", mode: .inquire, startWithinMilliseconds: 3_600_000, delivery: 3, content: []),
                ])),
        .heartbeat(Message.Heartbeat(sequence: 4, leases: [lease])),
        .heartbeatReply(
            Message.HeartbeatReply(
                sequence: 4, durationMilliseconds: 30_000, extended: [lease.id], lost: [LeaseID(5)],
                cancelled: ["t-2"], drain: true)),
        .report(Message.Report(id: 77, lease: lease, outcomes: outcomes)),
        .reportAck(
            Message.ReportAck(
                report: 77, lease: lease.id,
                verdicts: [.accepted, .alreadyKnown, .leaseLost, .late, .unknownTask].map { verdict in
                    Message.TaskVerdict(task: TaskID("t-\(verdict)"), verdict: verdict)
                })),
        .release(Message.Release(id: 78, lease: lease, tasks: ["t-1", "t-2"])),
        .release(Message.Release(id: 79, lease: lease, tasks: ["t-1"], isAfterRestart: true)),
        .releaseAck(
            Message.ReleaseAck(release: 78, verdicts: [Message.TaskVerdict(task: "t-1", verdict: .accepted)])),
        .eventReport(
            Message.EventReport(
                id: 79,
                events: [
                    CaseEvent(
                        id: "b7.results.csv:4", task: "t-1", kind: .payment, amount: yuan(120_050),
                        date: CalendarDate(iso: "2025-03-01"), detail: "transfer"),
                    CaseEvent(id: "b7.results.csv:5", task: "t-2", kind: .return),
                ])),
        .eventAck(Message.EventAck(report: 79, unknownTasks: ["t-2"])),
        .goodbye(reason: "drained"),
        .error(Message.Failure(code: .slowConsumer, isFatal: true, message: "backlog: expected less, got more")),
    ]

    static let outcomes: [Outcome] = [
        Outcome(
            task: "t-1", attempt: .made, code: .promiseToPay, evidence: "call 5", amount: yuan(-1),
            date: CalendarDate(iso: "2025-02-28"), callBackAt: "2025-02-27T09:00:00+08:00", details: ["agent": "17"]),
        Outcome(task: "t-2", attempt: .notMade, code: .invalidContent),
        Outcome(task: "t-3", attempt: .neverSeen, code: .madeResultUnknown),
        Outcome(task: "t-4", attempt: .unknown, code: .madeResultUnknown),
    ]

    static func yuan(_ fen: Int64) -> Money {
        guard let currency = Currency("CNY") else { preconditionFailure("CNY is a currency") }
        return Money(minorUnits: fen, currency: currency)
    }

    @Test(arguments: everyMessage) func `A message comes back as it was`(message: Message) throws {
        #expect(try Message(envelope: message.envelope()) == message)
    }

    @Test func `Every kind of message is among the examples`() {
        #expect(Set(Self.everyMessage.map(\.name)).count == 15)
    }

    @Test func `The hello of the protocols readme is this one`() throws {
        let hello = Message.hello(
            Message.Hello(
                versions: 1...1, worker: "sms-1", incarnation: 0x0123_4567_89ab_cdef, stages: [StageName(.sms)],
                capacity: 100, software: "demo"))
        let bytes = hello.envelope().map { byte in byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16) }
        #expect(
            bytes.joined(separator: " ")
                == "0a 26 0d 50 4f 43 52 10 01 18 01 22 05 73 6d 73 2d 31 29 ef cd ab 89 67 45 23 01 32 03 73 6d 73 "
                + "38 64 42 04 64 65 6d 6f")
    }

    @Test func `An unknown stage is representable so that it can be refused by name`() throws {
        guard case .hello(let hello) = try Message(envelope: Self.everyMessage[0].envelope()) else {
            Issue.record("expected a Hello")
            return
        }
        #expect(hello.unknownStages == [StageName("fax")])
    }

    @Test func `An unknown error code is still an error`() throws {
        var error = Recoup_V1_Error()
        error.code = .UNRECOGNIZED(99)
        error.fatal = true
        #expect(
            try decoded(.error(error)) == .error(Message.Failure(code: .unspecified, isFatal: true, message: "")))
    }

    @Test func `A field that nobody knows is ignored`() throws {
        let goodbye = Message.goodbye(reason: "x")
        // Field 1000 of the envelope, a varint.
        #expect(try Message(envelope: goodbye.envelope() + [0xc0, 0x3e, 0x01]) == goodbye)
    }

    @Test func `Fields out of their bounds are named with what was expected`() throws {
        try expectFault("capacity: expected 1–1000000, got 0") { $0.capacity = 0 }
        try expectFault("worker_id: expected 1–64 bytes, got none") { $0.workerID = "" }
        try expectFault("worker_id: expected characters of [A-Za-z0-9._-], got others") { $0.workerID = "a/b" }
        try expectFault("worker_id: expected at most 64 bytes, got 65 bytes") {
            $0.workerID = String(repeating: "a", count: 65)
        }
        try expectFault("incarnation: expected not 0, got 0") { $0.incarnation = 0 }
        try expectFault("version_min–version_max: expected 1 or more, ascending, got 2–1") {
            $0.versionMin = 2
            $0.versionMax = 1
        }
        try expectFault("stages: expected 1–64, got 0") { $0.stages = [] }
        try expectFault("stage: expected visible ASCII characters, got others") { $0.stages = ["s m s"] }
    }

    @Test func `Bad enums dates money and codes are invalid fields`() {
        var outcome = MessageTests.outcomes[0].proto
        outcome.attempt = .unspecified
        #expect(fault(outcome) == "attempt: expected 1–4, got 0")
        outcome = MessageTests.outcomes[0].proto
        outcome.code = "teleported"
        #expect(fault(outcome) == "code of task t-1: expected an outcome code, got \"teleported\"")
        outcome = MessageTests.outcomes[0].proto
        outcome.date = "2025-02-29"
        #expect(fault(outcome) == "date: expected YYYY-MM-DD, got 10 bytes that are no date")
        outcome = MessageTests.outcomes[0].proto
        outcome.amount.currency = "XXX"
        #expect(fault(outcome) == "amount: expected an ISO 4217 currency, got another 3 bytes")
        outcome = MessageTests.outcomes[0].proto
        outcome.amount.minorUnits = -Money.largestMinorUnits - 1
        #expect(fault(outcome) == "amount: expected at most ±10^15 minor units, got more")
        outcome = MessageTests.outcomes[0].proto
        outcome.evidence = String(repeating: "e", count: 4_097)
        #expect(fault(outcome) == "evidence of task t-1: expected at most 4096 bytes, got 4097 bytes")
    }

    @Test func `An outcome knows before it is sent that it cannot be`() {
        var outcome = MessageTests.outcomes[0]
        #expect(outcome.wireFault == nil)
        outcome.details["reason"] = String(repeating: "r", count: 1_025)
        #expect(outcome.wireFault == "detail reason of task t-1: expected at most 1024 bytes, got 1025 bytes")
    }

    @Test func `An outcome that the outside made too long is cut so that it can be sent`() throws {
        // One character of 300,000 bytes, and a chain of flags, in which every character depends on all before it.
        let accents = "e" + String(repeating: "\u{301}", count: 150_000)
        let flags = String(repeating: "\u{1F1E8}\u{1F1F3}", count: 50_000)
        var outcome = MessageTests.outcomes[0]
        outcome.evidence = accents
        outcome.callBackAt = flags
        outcome.amount = MessageTests.yuan(.max)
        outcome.details = ["reason": flags]
        let cut = outcome.cutToFit()
        #expect(cut.wireFault == nil)
        #expect(cut.amount == nil)
        #expect(cut.evidence.utf8.count > 4_090 && cut.evidence.unicodeScalars.last == "…")
        let message = Message.report(Message.Report(id: 1, lease: lease, outcomes: [cut]))
        #expect(try Message(envelope: message.envelope()) == message)
    }

    @Test func `The farewell for a strange code fits a frame of the handshake`() throws {
        var outcome = MessageTests.outcomes[0].proto
        outcome.code = "e" + String(repeating: "\u{301}", count: 50_000)
        let message = try #require(fault(outcome))
        let farewell = WireError(.invalidField, message).farewell
        #expect(farewell.envelope().count <= Limits().handshakeFrameBytes)
        #expect(try Message(envelope: farewell.envelope()) == farewell)
    }

    private func fault(_ outcome: Recoup_V1_TaskOutcome) -> String? {
        var report = Recoup_V1_Report()
        report.leaseID = 1
        report.epoch = 1
        report.outcomes = [outcome]
        do {
            _ = try decoded(.report(report))
            return nil
        } catch {
            return error.code == .invalidField ? error.message : "\(error)"
        }
    }

    private func expectFault(_ message: String, _ change: (inout Recoup_V1_Hello) -> Void) throws {
        guard case .hello(let hello) = Self.everyMessage[0] else { return }
        var proto = hello.proto
        change(&proto)
        let error = #expect(throws: WireError.self) { try decoded(.hello(proto)) }
        #expect(error == WireError(.invalidField, message))
    }

    @discardableResult
    private func decoded(_ message: Recoup_V1_Envelope.OneOf_Message) throws(WireError) -> Message {
        var envelope = Recoup_V1_Envelope()
        envelope.message = message
        return try Message(envelope: envelope.bytes())
    }
}
