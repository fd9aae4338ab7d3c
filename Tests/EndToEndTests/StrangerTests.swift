// Owns: what reaches a real coordinator from strangers: a worker in another language, and bytes that are no protocol.
import Foundation
@testable import Leasing
import Testing
@testable import Wire

@Suite("Strangers at a coordinator's door", .serialized)
struct StrangerTests {
    /// Accounts that are one day late: all their work is for sms.
    private static let book = """
        id,customer_id,product,currency,balance,oldest_unpaid_due_date,phone,name
        A1,C1,card,CNY,1000.00,2026-11-19,+8613800000001,Example One
        A2,C2,card,CNY,1000.00,2026-11-19,+8613800000002,Example Two
        A3,C3,card,CNY,1000.00,2026-11-19,+8613800000003,Example Three
        A4,C4,card,CNY,1000.00,2026-11-19,+8613800000004,Example Four
        A5,C5,card,CNY,1000.00,2026-11-19,+8613800000005,Example Five

        """

    private func port(_ served: Served) throws -> String {
        try #require(served.endpoint.split(separator: ":").last.map(String.init))
    }

    @Test func `A worker in Python, written from proto/README.md, does a day's messages and drains`() throws {
        try withScratch { scratch in
            let served = try Served(in: scratch)
            try Data(Self.book.utf8).write(to: scratch.url.appendingPathComponent("book.csv"))
            let script = Project.root.appendingPathComponent("Tests/Support/python_worker.py").path
            let worker = try Started(
                ["/usr/bin/python3", script, "--port", try port(served), "--capacity", "2"], in: scratch)

            let run = try Project.recoup(
                "run", "--data", scratch.path("data"), "--book", scratch.path("book.csv"), "--as-of", "2026-11-20",
                "--rehearse-at", "10:00", in: scratch)

            #expect(run.code == 0, "\(run.text)")
            #expect(run.text.contains("balanced: 5 accounts"), "\(run.text)")
            worker.process.terminate()
            let end = worker.end()
            #expect(end.code == 0, "\(end.text)")
            #expect(end.text.contains("\"reported\": 5"), "\(end.text)")
            let story = try Project.recoup("explain", "A3", "--data", scratch.path("data"), in: scratch)
            #expect(story.text.contains("worker python-1"), "\(story.text)")
            #expect(story.text.contains("delivered"), "\(story.text)")
            try served.stop()
        }
    }

    /// What is sent, and the code of the one Error or Refused that comes back before the connection closes.
    private static let badBytes: [(name: String, bytes: [UInt8], code: ErrorCode)] = [
        ("a frame of no length", [0, 0, 0, 0], .frameEmpty),
        ("a frame that is too long", [0x7F, 0xFF, 0xFF, 0xFF], .frameTooLong),
        ("bytes that are no envelope", [0, 0, 0, 3, 0xFF, 0xFF, 0xFF], .undecodable),
        ("a heartbeat before Hello", framed(.heartbeat(.init(sequence: 1, leases: []))), .unexpectedMessage),
        (
            "an unknown stage",
            framed(.hello(.init(worker: "x-1", incarnation: 1, stages: [StageName("doorstep")], capacity: 1))),
            .unknownStage
        ),
        (
            "a version that is not spoken here",
            framed(
                .hello(
                    .init(versions: 8...9, worker: "x-1", incarnation: 1, stages: [StageName("sms")], capacity: 1))),
            .versionUnsupported
        ),
    ]

    private static func framed(_ message: Message) -> [UInt8] {
        let payload = message.envelope()
        return withUnsafeBytes(of: UInt32(payload.count).bigEndian, Array.init) + payload
    }

    @Test func `Each kind of bad frame gets one typed error and a closed connection; the coordinator goes on`() throws {
        try withScratch { scratch in
            let served = try Served(in: scratch)
            let port = try #require(UInt16(try port(served)))
            for bad in Self.badBytes {
                let answer = try exchange(bad.bytes, port: port)
                try #require(answer.count > 4, "\(bad.name): got \(answer.count) bytes")
                switch try Message(envelope: Array(answer.dropFirst(4))) {
                case .error(let failure): #expect(failure.code == bad.code && failure.isFatal, "\(bad.name)")
                case .refused(let refused): #expect(refused.code == bad.code, "\(bad.name)")
                case let other: Issue.record("\(bad.name): expected an error, got \(other.name)")
                }
            }
            let hello = Self.framed(
                .hello(.init(worker: "x-1", incarnation: 1, stages: [StageName("sms")], capacity: 1)))
            let goodbye = Self.framed(.goodbye(reason: "done"))
            let answer = try exchange(hello + goodbye, port: port)
            guard case .welcome = try Message(envelope: Array(answer.dropFirst(4))) else {
                Issue.record("expected the next worker to be welcome")
                return
            }
            try served.stop()
        }
    }

    /// Sends bytes and reads until the other side closes.
    private func exchange(_ bytes: [UInt8], port: UInt16) throws -> [UInt8] {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        try #require(send(descriptor, bytes, bytes.count, 0) == bytes.count)
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(descriptor, &piece, piece.count, 0), count > 0 { answer += piece[..<count] }
        return answer
    }
}
