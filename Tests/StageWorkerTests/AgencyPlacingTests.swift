@testable import Arrears
import Crypto
import Foundation
@testable import Leasing
import Testing
@testable import WorkerKit

@testable import AgencyWorker
@testable import Tables

@Suite struct AgencyPlacingTests {
    @Test func `A batch per agency is handed over with a manifest that agrees`() async throws {
        let bench = try AgencyBench()
        let lease = try await bench.work([
            AgencyBench.task("2"), AgencyBench.task("1", balance: 7), AgencyBench.task("3", agency: "south"),
        ])

        let name = try bench.batch()
        let csv = try bench.folder.bytes("north/outbox/\(name)/cases.csv")
        let manifest = try JSONDecoder().decode(
            BatchManifest.self, from: bench.folder.bytes("north/outbox/\(name)/manifest.json"))
        #expect(manifest.batch == name)
        #expect(manifest.sequence == 1)
        #expect(manifest.lender == "Example Finance")
        #expect(manifest.cases.bytes == csv.count)
        #expect(manifest.cases.sha256 == SHA256.hash(data: csv).map { String(format: "%02x", $0) }.joined())
        #expect(manifest.taskIDs == ["1", "2"])
        #expect(manifest.controlTotals.map(\.balance) == ["5000.07"])
        #expect(manifest.controlTotals.map(\.arrears) == ["1000.01"])
        #expect(manifest.expiresOn.iso == "2026-03-06")
        #expect(manifest.personalData.contains("phone"))

        let rows = CSVReader.rows(of: csv).compactMap { row -> [String]? in
            guard case .record(let record) = row else { return nil }
            return record.texts()
        }
        #expect(rows.count == 3)
        #expect(rows[1].prefix(4) == ["1", "A-1", "王, \"小\"明", "+8613800000000"])
        #expect(try bench.batch(of: "south") != name)
        #expect(bench.folder.names("north/staging") == [])
        #expect(lease.codes == ["1": .placedUnacknowledged, "2": .placedUnacknowledged, "3": .placedUnacknowledged])
        #expect(lease.outcomes["1"]?.evidence == "\(name) #1 sha256:\(manifest.cases.sha256)")
    }

    @Test func `A name that begins as a formula reaches the agency inert`() async throws {
        let bench = try AgencyBench()
        var task = try AgencyBench.task("1")
        guard case .placement(var content) = task.content else { preconditionFailure("got \(task.content)") }
        content.debtorName = "=HYPERLINK(1)"
        task.content = .placement(content)
        try await bench.work([task])
        let csv = try bench.folder.text("north/outbox/\(try bench.batch())/cases.csv")
        #expect(csv.contains("\n1,A-1,'=HYPERLINK(1),+8613800000000,"), "got: \(csv)")
    }

    @Test func `Cases of other terms are other batches with the next numbers`() async throws {
        let bench = try AgencyBench()
        try await bench.work([AgencyBench.task("1"), AgencyBench.task("2", purpose: "second placement")])
        try await bench.work([AgencyBench.task("3")])

        let numbers = try bench.folder.names("north/outbox").map { name in
            try JSONDecoder().decode(
                BatchManifest.self, from: bench.folder.bytes("north/outbox/\(name)/manifest.json")
            ).sequence
        }
        #expect(numbers.sorted() == [1, 2, 3])
    }

    @Test func `The intent is durable before anything is handed over`() async throws {
        let bench = try AgencyBench()
        let lease = ScriptedLease(
            breaksAt: .begin, onBegin: { #expect(bench.folder.names("north/outbox") == []) })

        await #expect(throws: ScriptedLease.Broken.self) { try await bench.work([AgencyBench.task("1")], under: lease) }
        #expect(bench.folder.names("north/outbox") == [])
        #expect(bench.folder.names("north/register") == [])
    }

    @Test func `What may not begin is not handed over`() async throws {
        let bench = try AgencyBench()
        let lease = try await bench.work(
            [AgencyBench.task("1"), AgencyBench.task("2")], under: ScriptedLease(denied: ["2"]))

        let name = try bench.batch()
        let manifest = try bench.folder.text("north/outbox/\(name)/manifest.json")
        #expect(manifest.contains("\"task_ids\" : [\n    \"1\"\n  ]"))
        #expect(lease.codes == ["1": .placedUnacknowledged])
        #expect(lease.log.released == [])
    }

    @Test func `A placed case is never placed again`() async throws {
        let bench = try AgencyBench()
        try await bench.work([AgencyBench.task("1")])
        let again = try await bench.work([AgencyBench.task("1"), AgencyBench.task("2")])

        let tasks = try bench.folder.names("north/outbox").map { name in
            try JSONDecoder().decode(
                BatchManifest.self, from: bench.folder.bytes("north/outbox/\(name)/manifest.json")
            ).taskIDs
        }
        #expect(Set(tasks) == [["1"], ["2"]])
        #expect(again.log.begun == ["2"])
        #expect(again.codes == ["1": .placedUnacknowledged, "2": .placedUnacknowledged])
    }

    @Test(arguments: ["", "../etc", "a/b", "north.south", "."])
    func `An agency that is no folder name is refused`(agency: String) async throws {
        let bench = try AgencyBench()
        let lease = try await bench.work([AgencyBench.task("1", agency: agency)])

        #expect(lease.outcomes["1"]?.code == .invalidContent)
        #expect(lease.outcomes["1"]?.attempt == .notMade)
        #expect(bench.folder.names("") == [])
    }

    @Test func `A folder that cannot be written gives the tasks back after a pause`() async throws {
        let bench = try AgencyBench()
        try bench.folder.write("in the way", to: "north")
        let lease = try await bench.work([AgencyBench.task("1"), AgencyBench.task("2", mode: .inquire)])

        #expect(lease.log.released == ["1"])
        #expect(lease.outcomes.mapValues(\.attempt) == ["2": .unknown])
        #expect(bench.waited == .seconds(5))
        #expect(bench.noted.allSatisfy { !$0.contains("王") })
        #expect(!bench.noted.isEmpty)
    }
}

@Suite struct AgencyRecoveryTests {
    @Test func `Killed after the hand over it is found and finished as if nothing happened`() async throws {
        let bench = try AgencyBench()
        await #expect(throws: ScriptedLease.Broken.self) {
            try await bench.work([AgencyBench.task("1")], under: ScriptedLease(breaksAt: .finish))
        }
        let name = try bench.batch()
        try bench.folder.write(
            AgencyBench.results(name, ["1,contact,2026-01-05,,,spoke"]), to: "north/inbox/\(name).results.csv")

        let resumed = try await bench.work([AgencyBench.task("1", mode: .inquire)])
        // The first process had settled the batch by nothing: what comes later is news, on whichever side of the kill.
        #expect(resumed.codes == ["1": .placedUnacknowledged])
        #expect(resumed.log.begun == [])
    }

    @Test func `Killed while it waited it waits again and takes the answer`() async throws {
        let folder = try TemporaryFolder()
        let stopped = ScriptedLease()
        let first = try AgencyBench(in: folder) { _ in stopped.end() }
        try await first.work([AgencyBench.task("1")], under: stopped)
        #expect(stopped.outcomes == [:])
        let name = try first.batch()

        let second = try AgencyBench(in: folder) { waited in
            guard waited == .seconds(2) else { return }
            try folder.write(
                AgencyBench.results(name, ["1,contact,2026-01-05,,,spoke"]), to: "north/inbox/\(name).results.csv")
        }
        let resumed = try await second.work([AgencyBench.task("1", mode: .inquire)])
        #expect(resumed.outcomes["1"]?.attempt == .made)
        #expect(resumed.codes == ["1": .agencyContact])
        #expect(try second.batch(in: "sent") == name)
    }

    @Test func `Killed between settling and finishing it finishes by the same answers`() async throws {
        let folder = try TemporaryFolder()
        let bench = try AgencyBench(in: folder) { waited in
            guard waited == .seconds(1), let name = folder.names("north/outbox").first else { return }
            try folder.write(
                AgencyBench.acknowledgement(name, ["1,accepted,", "2,rejected,too-old"]),
                to: "north/inbox/\(name).ack.csv")
            try folder.write(
                AgencyBench.results(name, ["1,return,2026-01-06,,,not-found"]), to: "north/inbox/\(name).results.csv")
        }
        await #expect(throws: ScriptedLease.Broken.self) {
            try await bench.work(
                [AgencyBench.task("1"), AgencyBench.task("2")], under: ScriptedLease(breaksAt: .finish))
        }
        let one = try await bench.work([AgencyBench.task("1", mode: .inquire)])
        let other = try await bench.work([AgencyBench.task("2", mode: .inquire)])

        #expect(one.codes == ["1": .agencyReturn])
        #expect(other.codes == ["2": .rejectedByAgency])
        #expect(other.outcomes["2"]?.details["reason"] == "too-old")
        #expect(folder.names("north/inbox/processed").count == 2)
    }

    @Test func `Killed before the hand over it was never seen and its number is used again`() async throws {
        let bench = try AgencyBench()
        try await bench.work([AgencyBench.task("1")])
        let name = try bench.batch()
        // The moment before the rename: registered, and still aside.
        try bench.folder.move("north/outbox/\(name)", to: "north/staging/\(name)")

        let asked = try await bench.work([AgencyBench.task("1", mode: .inquire)])
        #expect(asked.outcomes["1"]?.attempt == .neverSeen)
        #expect(bench.folder.names("north/staging") == [])
        #expect(bench.folder.names("north/register/2026-01-05").filter { !$0.contains("settlement") } == [])

        try FileManager.default.removeItem(
            atPath: "\(bench.folder.path)/north/register/2026-01-05/\(name).settlement.json")
        try await bench.work([AgencyBench.task("1")])
        #expect(try bench.batch() == name)
        #expect(try bench.folder.text("north/outbox/\(name)/manifest.json").contains("\"sequence\" : 1"))
    }

    @Test func `A batch that the agency moved away is still placed`() async throws {
        let bench = try AgencyBench()
        try await bench.work([AgencyBench.task("1")])
        try bench.folder.move("north/outbox/\(bench.batch())", to: "taken-by-the-agency")

        let asked = try await bench.work([AgencyBench.task("1", mode: .inquire), AgencyBench.task("9", mode: .inquire)])
        #expect(asked.outcomes["1"]?.attempt == .made)
        #expect(asked.outcomes["9"]?.attempt == .neverSeen)
    }

    @Test func `Two workers share one agency`() async throws {
        let bench = try AgencyBench()
        let (one, other) = (try bench.handler(), try bench.handler())
        let (first, second) = (ScriptedLease(), ScriptedLease())
        try await one.work([AgencyBench.task("1")], under: first)
        try await other.work([AgencyBench.task("1", mode: .inquire), AgencyBench.task("2")], under: second)
        let third = ScriptedLease()
        try await one.work([AgencyBench.task("2", mode: .inquire)], under: third)

        #expect(second.outcomes.mapValues(\.attempt) == ["1": .made, "2": .made])
        #expect(third.outcomes["2"]?.evidence == second.outcomes["2"]?.evidence)
        #expect(second.outcomes["2"]?.evidence.contains("#2 ") == true)
    }
}
