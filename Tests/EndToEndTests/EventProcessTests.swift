// Owns: events told to a real coordinator, by the commands and by files that other systems leave.
import Foundation
@testable import SQLiteLedger
@testable import Ledger
@testable import Leasing
import Testing

@Suite("Events, told to a coordinator at work", .serialized)
struct EventProcessTests {
    private static let book = """
        id,customer_id,product,currency,balance,oldest_unpaid_due_date,phone,name
        A1,C1,card,CNY,1000.00,2026-11-19,+8613800000001,Example One
        A2,C2,card,CNY,1000.00,2026-11-19,+8613800000002,Example Two
        A3,C3,card,CNY,1000.00,2026-11-19,+8613800000003,Example Three

        """

    private func state(_ account: String, _ data: String) throws -> TaskState? {
        let reader = try SQLiteLedgerReader(directory: data)
        guard let run = try reader.runs().first else { return nil }
        return try reader.caseRecord(.init(account), in: run.id)?.task.flatMap { try reader.task($0) }?.state
    }

    private func line(_ id: String, _ rest: String) -> String {
        #"{"source":"bank","id":"\#(id)","date":"2026-11-20",\#(rest)}"#
    }

    @Test
    func `A task is withdrawn while it waits, a bad file kept with its reason, and no news taken twice`() throws {
        try withScratch { scratch in
            let data = scratch.path("data")
            let served = try Served(in: scratch)
            try Data(Self.book.utf8).write(to: scratch.url.appendingPathComponent("book.csv"))
            let run = try Started(
                [
                    Project.binary, "run", "--data", data, "--book", scratch.path("book.csv"), "--as-of", "2026-11-20",
                    "--rehearse-at", "10:00",
                ], in: scratch)
            wait(until: { (try? state("A3", data)) == .ready }, orUntil: { !run.process.isRunning })

            let added = try Project.recoup(
                "event", "add", "--data", data, "--kind", "hold", "--customer", "C1", "--hold", "dispute", "--id", "h1",
                "--date", "2026-11-20", in: scratch)
            #expect(added.code == 0 && added.text.contains("told."), "\(added.text)")
            #expect(try state("A1", data) == .withdrawn)
            #expect(try state("A2", data) == .ready)

            let file = scratch.url.appendingPathComponent("paid.jsonl")
            let paid = line("1", #""kind":"payment","account":"A2","amount":"10.00","currency":"CNY""#)
            try Data((paid + "\n").utf8).write(to: file)
            for new in [1, 0] {
                let told = try Project.recoup("event", "import", file.path, "--data", data, in: scratch)
                #expect(told.code == 0 && told.text.contains("1 event told, \(new) of them new."), "\(told.text)")
            }
            #expect(try state("A2", data) == .withdrawn)

            // Another system's file that contradicts the first, and one that is no file.
            let folder = URL(fileURLWithPath: data).appendingPathComponent("events")
            let other = line("1", #""kind":"payment","account":"A3","amount":"10.00","currency":"CNY""#)
            let fine = line("2", #""kind":"closed","account":"A3","closed":"settled""#)
            try Data("\(fine)\n\(other)\n".utf8).write(to: folder.appendingPathComponent("b.part"))
            try FileManager.default.moveItem(
                at: folder.appendingPathComponent("b.part"), to: folder.appendingPathComponent("b.jsonl"))
            try FileManager.default.createSymbolicLink(
                at: folder.appendingPathComponent("c.jsonl"), withDestinationURL: file)
            let reason = folder.appendingPathComponent("b.jsonl.reason.txt").path
            let linkReason = folder.appendingPathComponent("c.jsonl.reason.txt").path
            wait(
                until: { [reason, linkReason].allSatisfy(FileManager.default.fileExists) },
                orUntil: { !run.process.isRunning })
            #expect(try String(contentsOfFile: reason, encoding: .utf8).contains("line 2: event: expected bank 1 as"))
            #expect(try state("A3", data) == .ready, "nothing of a file that is refused counts")
            #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("b.jsonl.refused").path))

            let closed = try Project.recoup(
                "event", "add", "--data", data, "--kind", "closed", "--account", "A3", "--closed", "sold", "--date",
                "2026-11-20", in: scratch)
            #expect(closed.code == 0, "\(closed.text)")
            let end = run.end()
            #expect(end.code == 0 && end.text.contains("balanced: 3 accounts"), "\(end.text)")
            let story = try Project.recoup("explain", "A1", "--data", data, in: scratch)
            #expect(story.text.contains("→ withdrawn, hand."), "\(story.text)")
            #expect(story.text.contains("told of hold dispute from 2026-11-20 until it is revoked"), "\(story.text)")
            try served.stop()

            // Nobody serves the ledger now: the command writes itself.
            let revoked = try Project.recoup(
                "event", "add", "--data", data, "--kind", "revoke", "--customer", "C1", "--event", "h1", "--date",
                "2026-11-20", in: scratch)
            #expect(revoked.code == 0, "\(revoked.text)")
            let list = try Project.recoup("event", "list", "--customer", "C1", "--data", data, in: scratch)
            #expect(list.text.contains("hold dispute") && list.text.contains("event h1 revoked"), "\(list.text)")
            let unknown = try Project.recoup(
                "event", "add", "--data", data, "--kind", "closed", "--account", "A9", "--closed", "sold", in: scratch)
            #expect(unknown.code == 7 && unknown.text.contains("expected account A9 in a run"), "\(unknown.text)")
        }
    }
}
