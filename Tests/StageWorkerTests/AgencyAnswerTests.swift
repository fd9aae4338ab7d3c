@testable import Arrears
import Foundation
@testable import Leasing
import Synchronization
import Testing
@testable import WorkerKit

@testable import AgencyWorker

@Suite struct AgencyAnswerTests {
    /// A bench whose agency writes these files one second after it got the batch.
    private func bench(
        _ acknowledgement: [String]?, _ results: [String]?, totals: [String] = []
    ) throws -> AgencyBench {
        let folder = try TemporaryFolder()
        return try AgencyBench(in: folder) { waited in
            guard waited == .seconds(1), let name = folder.names("north/outbox").first else { return }
            if let acknowledgement {
                try folder.write(
                    AgencyBench.acknowledgement(name, acknowledgement), to: "north/inbox/\(name).ack.csv")
            }
            if let results {
                try folder.write(
                    AgencyBench.results(name, results, totals: totals), to: "north/inbox/\(name).results.csv")
            }
        }
    }

    @Test func `Payment goes before contact contact before return return before nothing`() async throws {
        let bench = try bench(
            ["1,accepted,", "2,accepted,", "3,accepted,", "4,accepted,", "5,rejected,outside-our-region"],
            [
                "1,contact,2026-01-05,,,promised", "1,payment,2026-01-05,CNY,10.00,", "1,return,2026-01-09,,,paid",
                "1,payment,2026-01-06,CNY,0.50,", "2,return,2026-01-05,,,not-found", "2,contact,2026-01-05,,,spoke",
                "3,return,2026-01-05,,,not-found",
            ], totals: ["TOTAL,payment,2,CNY,10.50,"])
        let lease = try await bench.work(["1", "2", "3", "4", "5"].map { try AgencyBench.task($0) })

        #expect(
            lease.codes == [
                "1": .agencyPayment, "2": .agencyContact, "3": .agencyReturn, "4": .placed, "5": .rejectedByAgency,
            ])
        #expect(lease.outcomes["1"]?.amount?.decimal == "10.50")
        #expect(lease.outcomes["4"]?.amount == nil)
        #expect(lease.outcomes.values.allSatisfy { $0.attempt == .made })
        #expect(bench.waited == .seconds(1))
        let name = try bench.batch(in: "sent")
        #expect(bench.folder.names("north/outbox") == [])
        #expect(bench.folder.names("north/inbox/processed") == ["\(name).ack.csv", "\(name).results.csv"])
    }

    @Test func `Results are waited for after the acknowledgement and no longer`() async throws {
        let bench = try bench(["1,accepted,"], nil)
        let lease = try await bench.work([AgencyBench.task("1")])

        #expect(lease.codes == ["1": .placed])
        #expect(bench.waited == .seconds(61))
    }

    @Test func `Nothing is waited for when every case is rejected`() async throws {
        let bench = try bench(["1,rejected,too-old"], nil)
        let lease = try await bench.work([AgencyBench.task("1")])

        #expect(lease.codes == ["1": .rejectedByAgency])
        #expect(bench.waited == .seconds(1))
    }

    @Test func `A worker that is told not to wait settles at once`() async throws {
        let bench = try AgencyBench()
        let lease = ScriptedLease()
        try await bench.handler(acknowledgementWait: .zero, resultWait: .zero)
            .work([AgencyBench.task("1")], under: lease)

        #expect(lease.codes == ["1": .placedUnacknowledged])
        #expect(bench.waited == .zero)
    }

    @Test(
        arguments: [
            ("ack", "task,status,reason\nEND,0,B\n", "line 1: expected the header task_id,status,reason"),
            ("ack", "task_id,status,reason\n1,accepted,\n", "file: expected a closing END row"),
            ("ack", "task_id,status,reason\n1,accepted,\nEND,2,B\n", "line 3: expected END,1,"),
            ("ack", "task_id,status,reason\n1,accepted,\nEND,1,other\n", "line 3: expected END,1,"),
            ("ack", "task_id,status,reason\nEND,0,B\n", "file: expected all 1 cases of the batch, got 0"),
            ("ack", "task_id,status,reason\n1,accepted,\n1,accepted,\nEND,2,B\n", "line 3, task_id: expected each"),
            ("ack", "task_id,status,reason\n2,accepted,\nEND,1,B\n", "line 2, task_id: expected a case of the batch"),
            ("ack", "task_id,status,reason\n1,maybe,\nEND,1,B\n", "line 2, status: expected accepted or rejected"),
            ("ack", "task_id,status,reason\n1,rejected,\nEND,1,B\n", "line 2, reason: expected a word"),
            ("ack", "task_id,status,reason\n1,rejected,Call 138\nEND,1,B\n", "line 2, reason: expected a word"),
            ("ack", "task_id,status,reason\n1,accepted\nEND,1,B\n", "line 2: expected 3 fields, got 2"),
            ("ack", "task_id,status,reason\n\"1,accepted,\nEND,1,B\n", "line 2: expected a closing quote"),
            ("results", "1,paid,2026-01-05,,,", "line 2, kind: expected contact, payment or return"),
            ("results", "1,contact,2026-01-04,,,", "line 2, date: expected YYYY-MM-DD, 2026-01-05 or later"),
            ("results", "1,contact,2026-01-05,CNY,,", "line 2, currency: expected nothing"),
            ("results", "1,return,2026-01-05,,,", "line 2, detail: expected a word"),
            ("results", "1,payment,2026-01-05,USD,1.00,", "line 2, currency: expected CNY"),
            ("results", "1,payment,2026-01-05,CNY,0.00,", "line 2, amount: expected a positive amount"),
            ("results", "1,payment,2026-01-05,CNY,1.001,", "line 2, amount: expected a positive amount"),
            ("results", "1,payment,2026-01-05,CNY,5000.01,", "line 2, amount: expected a positive amount"),
            ("results", "1,payment,2026-01-05,CNY,1.00,", "file: expected a TOTAL row for CNY, got none"),
        ])
    func `A wrong file is refused with its reason and may be sent again`(kind: String, text: String, reason: String)
        async throws
    {
        let folder = try TemporaryFolder()
        let good = Mutex<String>("")
        let bench = try AgencyBench(in: folder) { waited in
            guard let name = folder.names("north/outbox").first else { return }
            let file = "north/inbox/\(name).\(kind).csv"
            if waited == .seconds(1) {
                let whole = kind == "ack" ? text : AgencyBench.results(name, [text])
                try folder.write(whole.replacingOccurrences(of: ",B\n", with: ",\(name)\n"), to: file)
            } else if waited == .seconds(3) {
                good.withLock { $0 = name }
                let rows = kind == "ack" ? ["1,rejected,too-old"] : ["1,contact,2026-01-05,,,"]
                try folder.write(
                    kind == "ack" ? AgencyBench.acknowledgement(name, rows) : AgencyBench.results(name, rows), to: file)
            }
        }
        let lease = try await bench.work([AgencyBench.task("1")])

        let file = "\(good.withLock { $0 }).\(kind).csv"
        let said = try folder.text("north/inbox/refused/\(file).reason.txt")
        #expect(said.contains(reason), "said: \(said)")
        #expect(folder.names("north/inbox/refused") == [file, "\(file).reason.txt"])
        #expect(lease.codes == ["1": kind == "ack" ? .rejectedByAgency : .agencyContact])
    }

    @Test(
        arguments: [
            ["TOTAL,payment,1,CNY,2.00,"], ["TOTAL,payment,2,CNY,1.00,"], ["TOTAL,contact,1,CNY,1.00,"],
            ["TOTAL,payment,1,USD,1.00,"], ["TOTAL,payment,1,CNY,1.00,", "TOTAL,payment,1,CNY,1.00,"],
        ])
    func `Control totals must agree`(totals: [String]) throws {
        let batch = try placedBatch()
        let rows = ["1,payment,2026-01-05,CNY,1.00,"]
        let right = AgencyBench.results(batch.name.description, rows, totals: ["TOTAL,payment,1,CNY,1.00,"])
        #expect(throws: Never.self) { try AgencyResults(Array(right.utf8), for: batch) }

        let wrong = AgencyBench.results(batch.name.description, rows, totals: totals)
        #expect(throws: AnswerFault.self) { try AgencyResults(Array(wrong.utf8), for: batch) }
    }

    @Test func `Payments that are no amount together are refused`() throws {
        let batch = try placedBatch(balance: Money.largestMinorUnits)
        let rows = Array(repeating: "1,payment,2026-01-05,CNY,10000000000000.00,", count: 10_000)
        let file = AgencyBench.results(batch.name.description, rows, totals: ["TOTAL,payment,10000,CNY,1.00,"])
        let fault = #expect(throws: AnswerFault.self) { try AgencyResults(Array(file.utf8), for: batch) }
        #expect(fault?.description == "line 3, amount: expected payments that are an amount together, got more")
    }

    @Test func `What is shown of a wrong field is short whatever it is made of`() throws {
        // One character to Swift, and 200,000 bytes.
        let letter = "e" + String(repeating: "\u{301}", count: 100_000)
        let file = AgencyBench.results(try placedBatch().name.description, ["1,\(letter),2026-01-05,,,"])
        let fault = #expect(throws: AnswerFault.self) {
            try AgencyResults(Array(file.utf8), for: try placedBatch())
        }
        #expect((fault?.got.unicodeScalars.count ?? 0) == 27)
    }

    @Test func `Names of answers are exact`() throws {
        let name = try placedBatch().name.description
        #expect(AnswerName(file: "\(name).ack.csv")?.kind == .acknowledgement)
        #expect(AnswerName(file: "\(name).results.csv")?.kind == .results(1))
        #expect(AnswerName(file: "\(name).results-12.csv")?.file == "\(name).results-12.csv")
        for wrong in [
            "\(name).results-1.csv", "\(name).results-02.csv", "\(name).results-+2.csv", "\(name).txt", "\(name).csv",
            "x.\(name).ack.csv", "\(name).ack.csv.csv", "..ack.csv", "",
        ] {
            #expect(AnswerName(file: wrong) == nil, "\(wrong)")
        }
    }

    private func placedBatch(balance: Int64 = 500_000) throws -> PlacedBatch {
        guard case .placement(let content) = try AgencyBench.task("1", balance: balance).content else {
            throw ScriptedLease.Broken()
        }
        let batch = PlacementBatch(terms: PlacementTerms(content), cases: [("1", content)])
        return PlacedBatch(batch, manifest: batch.manifest(sequence: 1, lender: "x", casesCSV: batch.casesCSV))
    }
}

@Suite struct LateAnswerTests {
    private struct Unreachable: Error {}

    /// A batch of two cases that was settled by nothing.
    private func settled() async throws -> (bench: AgencyBench, name: String) {
        let bench = try AgencyBench()
        try await bench.work([AgencyBench.task("1"), AgencyBench.task("2")])
        return (bench, try bench.batch())
    }

    private func news(_ handler: AgencyHandler) async throws -> [CaseEvent] {
        let seen = Mutex<[CaseEvent]>([])
        try await handler.tend { events in seen.withLock { $0 += events } }
        return seen.withLock { $0 }
    }

    @Test func `Late results are news once`() async throws {
        let (bench, name) = try await settled()
        try bench.folder.write(
            AgencyBench.results(
                name, ["2,contact,2026-01-06,,,spoke", "2,payment,2026-01-07,CNY,3.00,"],
                totals: ["TOTAL,payment,1,CNY,3.00,"]), to: "north/inbox/\(name).results.csv")
        let handler = try bench.handler()
        let events = try await news(handler)

        #expect(events.map(\.id) == ["\(name).results.csv:2", "\(name).results.csv:3"])
        #expect(events.map(\.kind) == [.contact, .payment])
        #expect(events.map(\.task) == ["2", "2"])
        #expect(events[1].amount?.decimal == "3.00")
        #expect(events[1].date?.iso == "2026-01-07")
        #expect(try await news(handler) == [])
        #expect(bench.folder.names("north/inbox/processed") == ["\(name).results.csv"])
        #expect(try bench.batch(in: "sent") == name)
    }

    @Test func `A file stays until its news is durable`() async throws {
        let (bench, name) = try await settled()
        try bench.folder.write(
            AgencyBench.results(name, ["1,contact,2026-01-06,,,spoke"]), to: "north/inbox/\(name).results-2.csv")
        let handler = try bench.handler()

        await #expect(throws: Unreachable.self) { try await handler.tend { _ in throw Unreachable() } }
        #expect(bench.folder.names("north/inbox").contains("\(name).results-2.csv"))
        #expect(try await news(handler).map(\.id) == ["\(name).results-2.csv:2"])
    }

    @Test func `A late acknowledgement returns the rejected cases`() async throws {
        let (bench, name) = try await settled()
        try bench.folder.write(
            AgencyBench.acknowledgement(name, ["1,accepted,", "2,rejected,too-old"]), to: "north/inbox/\(name).ack.csv")
        let events = try await news(bench.handler())

        #expect(events.map(\.kind) == [.return])
        #expect(events.map(\.task) == ["2"])
        #expect(events.map(\.detail) == ["too-old"])
        #expect(try bench.batch(in: "sent") == name)
    }

    @Test func `A file that a lease waits for is left alone`() async throws {
        let folder = try TemporaryFolder()
        let stopped = ScriptedLease()
        let bench = try AgencyBench(in: folder) { _ in stopped.end() }
        try await bench.work([AgencyBench.task("1")], under: stopped)
        let name = try bench.batch()
        try folder.write(
            AgencyBench.results(name, ["1,contact,2026-01-06,,,spoke"]), to: "north/inbox/\(name).results.csv")

        #expect(try await news(bench.handler()) == [])
        let resumed = try await AgencyBench(in: folder).work([AgencyBench.task("1", mode: .inquire)])
        #expect(resumed.codes == ["1": .agencyContact])
    }

    @Test func `Files of no batch links and repeats are refused`() async throws {
        let (bench, name) = try await settled()
        let handler = try bench.handler()
        let results = AgencyBench.results(name, ["1,contact,2026-01-06,,,spoke"])
        try bench.folder.write(results, to: "north/inbox/\(name).results.csv")
        #expect(try await news(handler).count == 1)

        let stranger = "north.2026-01-05.000000000000000000000000.ack.csv"
        try bench.folder.write(results, to: "north/inbox/\(name).results.csv")
        try bench.folder.write("x", to: "north/inbox/\(stranger)")
        try bench.folder.write("x", to: "north/inbox/hello.csv")
        try bench.folder.write("x", to: "north/inbox/\(name).RESULTS.CSV")
        try bench.folder.write("x", to: "north/inbox/.being-written.csv")
        try bench.folder.write("x", to: "north/inbox/readme.txt")
        try FileManager.default.createSymbolicLink(
            atPath: "\(bench.folder.path)/north/inbox/\(name).ack.csv", withDestinationPath: "/etc/passwd")

        #expect(try await news(handler) == [])
        let refused = bench.folder.names("north/inbox/refused").filter { !$0.hasSuffix(".reason.txt") }
        #expect(
            refused
                == ["hello.csv", stranger, "\(name).ack.csv", "\(name).results.csv", "\(name).RESULTS.CSV"].sorted())
        #expect(bench.folder.names("north/inbox") == ["processed", "readme.txt", "refused"])
        #expect(bench.folder.names("north/inbox", hidden: true).contains(".being-written.csv"))
    }
}
