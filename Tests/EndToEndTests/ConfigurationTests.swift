// Owns: what recoup.yaml may say, and how its faults are told.
@testable import BusinessDay
@testable import Arrears
import Foundation
import Testing

@testable import recoup

@Suite("The configuration")
struct ConfigurationTests {
    private func read(_ text: String) throws -> Configuration {
        try withScratch { scratch in
            let file = scratch.url.appendingPathComponent("recoup.yaml")
            try Data(text.utf8).write(to: file)
            return try Configuration(file: file.path)
        }
    }

    @Test func `The shipped example is in order, and its relative paths start from its own directory`() throws {
        let examples = Project.root.appendingPathComponent("examples")
        let configuration = try Configuration(file: examples.appendingPathComponent("recoup.example.yaml").path)
        #expect(configuration.listen == Endpoint(host: "0.0.0.0", port: 7_420))
        #expect(configuration.tls?.key == examples.appendingPathComponent("tls/recoup.key").path)
        #expect(configuration.policy == Project.root.appendingPathComponent("policies/cn-consumer.yaml").path)
        #expect(configuration.data == "/var/lib/recoup")
        #expect(configuration.capacity(of: .callQueue) == 1_000)
        #expect(configuration.rejectLimit == .percent(2))
        #expect(configuration.limits.leaseMilliseconds == 30_000)
    }

    @Test func `All faults are reported together, each with its line`() throws {
        let text = """
            lisen: 0.0.0.0:7420
            listen: everywhere
            gateway:
              url: ftp://gateway.example.com
            workers:
              sms: { capacity: 0 }
            maxRejects: few
            limits:
              leaseMilliseconds: 6000
              heartbeatMilliseconds: 5000
            maxLost: 120
            """
        let thrown = #expect(throws: DocumentFaults.self) { try read(text) }
        let lines = thrown?.faults.map { "\($0.line) \($0.path)" }
        #expect(
            lines == [
                "1 lisen", "2 listen", "4 gateway.url", "4 gateway.tokenFile", "6 workers.sms.capacity",
                "7 maxRejects", "9 limits", "11 maxLost",
            ])
    }

    @Test func `The safety margin is as long as the rest, where the lease has room for it`() throws {
        func margin(_ limits: String) throws -> Int64 {
            try read("limits: {\(limits)}").limits.safetyMarginMilliseconds
        }
        #expect(try margin("leaseMilliseconds: 60000, inquiryDelayMilliseconds: 15000") == 15_000)
        #expect(try margin("leaseMilliseconds: 16000") == 8_000)
        #expect(try margin("safetyMarginMilliseconds: 2000") == 2_000)
    }

    @Test func `What it leaves out has a value; nothing at all is no configuration`() throws {
        let configuration = try read("data: here\n")
        #expect(configuration.rejectLimit == .percent(5))
        #expect(configuration.maxLost == 20)
        #expect(configuration.gateway == nil)
        #expect(configuration.capacity(of: .sms) == 500)
    }

    @Test(
        arguments: [
            ("127.0.0.1:7420", Endpoint(host: "127.0.0.1", port: 7_420)), ("[::1]:0", Endpoint(host: "::1", port: 0)),
            ("host:65536", nil), ("host", nil), (":1", nil), ("a:b:1", nil),
        ] as [(String, Endpoint?)])
    func `An endpoint is a host and a port`(text: String, endpoint: Endpoint?) {
        #expect(Endpoint(text) == endpoint)
    }

    @Test(
        arguments: [
            ("0", .count(0)), ("100", .count(100)), ("2%", .percent(2)), ("0.5%", .percent(0.5)), ("-1", nil),
            ("101%", nil), ("few", nil),
        ] as [(String, RejectLimit?)])
    func `A limit of rejects is a count or a share`(text: String, limit: RejectLimit?) {
        #expect(RejectLimit(argument: text) == limit)
    }
}
