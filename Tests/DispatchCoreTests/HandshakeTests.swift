import CoreBench
@testable import DispatchCore
@testable import Arrears
@testable import Leasing
import Testing

@Suite("Who is welcome")
struct HandshakeTests {
    @Test func `A worker is told the limits`() throws {
        let bench = try CoreBench(tasks: 1)
        let (session, directives) = try bench.connect("sms-1")
        guard case .send(session, .welcome(let welcome))? = directives.first else {
            Issue.record("expected Welcome, got \(directives)")
            return
        }
        #expect(welcome.leaseMilliseconds == 30_000)
        #expect(welcome.tasksPerLease == 500)
        #expect(bench.core.workersByStage == [.sms: 1])
    }

    @Test func `A stage that nobody knows is refused by name`() throws {
        let bench = try CoreBench(tasks: 1)
        let (session, directives) = try bench.connect("door-1", stages: ["sms", "doorstep"])
        guard case .send(session, .refused(let refused))? = directives.first else {
            Issue.record("expected Refused, got \(directives)")
            return
        }
        #expect(refused.code == .unknownStage)
        #expect(refused.message.contains("doorstep"))
        #expect(refused.acceptedStages.map(\.text) == ["sms", "callQueue", "agency", "legal"])
        guard case .close(session)? = directives.last else {
            Issue.record("expected the connection to close, got \(directives)")
            return
        }
    }

    @Test(arguments: [0...0, 2...3])
    func `A worker of an older or a newer protocol is refused, and told what it needs`(versions: ClosedRange<Int>)
        throws
    {
        let bench = try CoreBench(tasks: 1)
        let hello = Message.Hello(
            versions: versions, worker: "sms-1", incarnation: 1, stages: [StageName("sms")], capacity: 1)
        let directives = try bench.turn(.connected(SessionID(1), .anyone), .message(SessionID(1), .hello(hello)))
        guard case .send(_, .refused(let refused))? = directives.first else {
            Issue.record("expected Refused, got \(directives)")
            return
        }
        #expect(refused.code == .versionUnsupported)
        #expect(refused.acceptedVersions == Message.versions)
        let offered = versions.count == 1 ? "\(versions.lowerBound)" : "\(versions.lowerBound)–\(versions.upperBound)"
        #expect(refused.message == "protocol version: expected one of 1, got \(offered)")
        guard case .close(SessionID(1))? = directives.last else {
            Issue.record("expected the connection to close, got \(directives)")
            return
        }
        #expect(try bench.request(SessionID(1), credit: 1) == nil, "nothing is leased to it")
    }

    @Test func `Silence is closed with a reason at the handshake's deadline`() throws {
        let bench = try CoreBench(tasks: 1)
        try bench.turn(.connected(SessionID(1), .anyone))
        bench.pass(milliseconds: ReadyRun.limits.handshakeMilliseconds - 1)
        #expect(try bench.turn().isEmpty)
        bench.pass(milliseconds: 1)
        guard case .send(_, .error(let failure))? = try bench.turn().first else {
            Issue.record("expected an Error")
            return
        }
        #expect(failure.code == .handshakeTimeout)
    }

    @Test func `Anything before Hello is a fault`() throws {
        let bench = try CoreBench(tasks: 1)
        let heartbeat = Message.heartbeat(Message.Heartbeat(sequence: 1, leases: []))
        let directives = try bench.turn(.connected(SessionID(1), .anyone), .message(SessionID(1), heartbeat))
        guard case .send(_, .error(let failure))? = directives.first else {
            Issue.record("expected an Error, got \(directives)")
            return
        }
        #expect(failure.code == .unexpectedMessage)
    }

    @Test func `The same process on a new connection takes the place of the old one`() throws {
        let bench = try CoreBench(tasks: 1)
        let (old, _) = try bench.connect("sms-1", incarnation: 5)
        let (new, directives) = try bench.connect("sms-1", incarnation: 5)
        guard case .close(old)? = directives.first, case .send(new, .welcome)? = directives.last else {
            Issue.record("expected the old connection to close and the new to be welcome, got \(directives)")
            return
        }
    }

    @Test func `A connection on which nothing is heard any more gives its place to the worker that came back`() throws {
        let bench = try CoreBench(tasks: 1)
        let (first, _) = try bench.connect("sms-1", incarnation: 5)
        bench.pass(milliseconds: ReadyRun.limits.silenceMilliseconds - 1)
        let heartbeat = Message.heartbeat(Message.Heartbeat(sequence: 1, leases: []))
        try bench.turn(.message(first, heartbeat))
        bench.pass(milliseconds: ReadyRun.limits.silenceMilliseconds - 1)
        let (second, directives) = try bench.connect("sms-1", incarnation: 6)
        #expect(directives.isEmpty, "the first was heard of in time")
        bench.pass(milliseconds: 1)
        let cut = try bench.turn()
        guard case .close(first)? = cut.first, case .send(second, .welcome)? = cut.last else {
            Issue.record("expected the first to be cut and the second to be welcome, got \(cut)")
            return
        }
    }

    @Test func `A second process of one name waits for the first to go, and is refused when it stays`() throws {
        let bench = try CoreBench(tasks: 1)
        let (first, _) = try bench.connect("sms-1", incarnation: 5)
        let (second, directives) = try bench.connect("sms-1", incarnation: 6)
        #expect(directives.isEmpty)
        guard case .send(second, .welcome)? = try bench.turn(.closed(first)).first else {
            Issue.record("expected the second to be welcome when the first is gone")
            return
        }
        let (third, _) = try bench.connect("sms-1", incarnation: 7)
        bench.pass(milliseconds: ReadyRun.limits.handshakeMilliseconds)
        guard case .send(third, .refused(let refused))? = try bench.turn().first else {
            Issue.record("expected the third to be refused")
            return
        }
        #expect(refused.code == .duplicateWorker)
    }
}
