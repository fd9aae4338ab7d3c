// Owns: a day from its beginning to its end, and its orderly and disorderly ends, as a person at the command line sees it.
import Foundation
import Testing

@Suite("A day at the command line", .serialized)
struct DayTests {
    private struct Report: Decodable {
        struct Intake: Decodable { var accounts: Int }
        struct Balance: Decodable { var isBalanced: Bool }
        struct Total: Decodable {
            struct Sum: Decodable { var accounts: Int }
            var sum: Sum
        }
        var intake: Intake
        var balance: Balance
        var totals: [Total]
        var openTasks: Int
    }

    @Test func `A demo ends with a report in which every account has an outcome or a reason, and with its files`()
        throws
    {
        try withScratch { scratch in
            let data = scratch.path("demo")
            let end = try Project.recoup(
                "demo", "--accounts", "600", "--as-of", "2026-11-20", "--data", data, in: scratch)
            try #require(end.code == 0, "\(end.text)")
            for stage in ["ingest", "recognise", "segment", "plan", "dispatch", "reconcile", "report"] {
                #expect(end.text.contains("\n\(stage) "), "progress says when \(stage) ended; got: \(end.text)")
            }
            for name in ["report.html", "report.json", "report.csv", "rejects.csv"] {
                let path = "\(data)/runs/2026-11-20-1/\(name)"
                #expect(end.text.contains(path))
                #expect(FileManager.default.fileExists(atPath: path))
            }
            let printed = try Project.recoup("report", "--data", data, "--json", in: scratch)
            let report = try JSONDecoder().decode(Report.self, from: Data(printed.text.utf8))
            #expect(report.intake.accounts == 600)
            #expect(report.totals.reduce(0) { $0 + $1.sum.accounts } == 600)
            #expect(report.balance.isBalanced)
            #expect(report.openTasks == 0)

            let second = try Project.recoup("demo", "--data", data, in: scratch)
            #expect(second.code == 6, "a used directory is not used again: its people were contacted")
        }
    }

    @Test func `A case's story is told without personal data, and with it only for a reason, which is recorded`() throws
    {
        try withScratch { scratch in
            let book = """
                id,customer_id,product,currency,balance,oldest_unpaid_due_date,phone,name
                A1,C1,card,CNY,1000.00,2026-11-18,+8613800000001,Zhang Example
                """
            try Data(book.utf8).write(to: scratch.url.appendingPathComponent("book.csv"))
            let data = scratch.path("data")
            let run = try Project.recoup(
                "run", "--data", data, "--book", scratch.path("book.csv"), "--as-of", "2026-11-20", "--embedded",
                "--sandbox", in: scratch)
            try #require(run.code == 0, "\(run.text)")

            let story = try Project.recoup("explain", "A1", "--data", data, in: scratch)
            #expect(story.code == 0, "\(story.text)")
            for word in ["2 days past due", "bucket M1", "sms", "settled", "lease"] {
                #expect(story.text.contains(word), "expected \(word), got: \(story.text)")
            }
            #expect(!story.text.contains("+8613800000001"))
            #expect(!story.text.contains("Zhang Example"))

            let bare = try Project.recoup("explain", "A1", "--data", data, "--reveal", in: scratch)
            #expect(bare.code == 2, "no reason, no disclosure")
            #expect(!FileManager.default.fileExists(atPath: "\(data)/disclosures.jsonl"))

            let revealed = try Project.recoup(
                "explain", "A1", "--data", data, "--reveal", "--reason", "complaint 7", in: scratch)
            #expect(revealed.text.contains("+8613800000001"))
            #expect(revealed.text.contains("Zhang Example"))
            let record = try String(contentsOfFile: "\(data)/disclosures.jsonl", encoding: .utf8)
            #expect(record.contains("\"caseID\":\"A1\"") && record.contains("complaint 7"), "got: \(record)")

            #expect(try Project.recoup("explain", "A2", "--data", data, in: scratch).code == 7)
        }
    }

    @Test func `A customer with a card in one book and a loan in another hears from the lender once on a day`() throws {
        try withScratch { scratch in
            let data = DataDirectory(path: scratch.path("data"))
            func run(_ account: String, due: String) throws -> String {
                let book = """
                    id,customer_id,product,currency,balance,oldest_unpaid_due_date,phone,name
                    \(account),C1,card,CNY,1000.00,\(due),+8613800000001,Zhang Example
                    """
                try Data(book.utf8).write(to: scratch.url.appendingPathComponent("\(account).csv"))
                let run = try Project.recoup(
                    "run", "--data", data.path, "--book", scratch.path("\(account).csv"), "--as-of", "2026-11-20",
                    "--embedded", "--sandbox", in: scratch)
                try #require(run.code == 0, "\(run.text)")
                return try Project.recoup("explain", account, "--data", data.path, in: scratch).text
            }
            let first = try run("K1", due: "2026-11-18")
            #expect(first.contains("settled"), "got: \(first)")
            let second = try run("L1", due: "2026-11-17")
            #expect(second.contains("1 made or planned today"), "got: \(second)")
            #expect(try data.effects().values.reduce(0, +) == 1)
        }
    }

    @Test func `When its supervisor is killed, the others drain by themselves, and the run resumes`() throws {
        try withScratch { scratch in
            let (data, demo) = try begun(in: scratch)
            let children = try data.running().filter { $0.key != "supervisor" }.values
            demo.kill()
            _ = demo.end()
            // Each sees the end of its standard input.
            wait(until: { children.allSatisfy { kill($0, 0) != 0 } }, orUntil: { false })

            let resumed = try Project.script("resume.sh", data.path, in: scratch)
            #expect(resumed.code == 0, "\(resumed.text)")
            #expect(try data.effects().values.allSatisfy { $0 == 1 })
        }
    }

    @Test func `An order to stop: exit 5 and nothing is left leased; then the run resumes`() throws {
        try withScratch { scratch in
            let (data, demo) = try begun(in: scratch)
            let refused = try Project.script("resume.sh", data.path, in: scratch)
            #expect(refused.code == 4, "what is at work is not resumed; got: \(refused.text)")

            let stop = try Project.script("stop.sh", data.path, in: scratch)
            #expect(stop.code == 0, "\(stop.text)")
            let end = demo.end()
            #expect(end.code == 5)
            #expect(end.text.contains("scripts/resume.sh"), "it says what to do; got: \(end.text)")
            let status = try Project.script("status.sh", data.path, in: scratch)
            #expect(!status.text.contains("leased"), "who drains gives back what it holds; got: \(status.text)")
            #expect(status.text.contains("To go on: recoup resume"))

            let other = try Project.recoup(
                "run", "--data", data.path, "--book", "\(data.path)/book.csv", "--as-of", "2026-11-20", "--embedded",
                "--sandbox", in: scratch)
            #expect(other.code == 6, "an unfinished run is not run over; got: \(other.text)")

            let resumed = try Project.script("resume.sh", data.path, in: scratch)
            #expect(resumed.code == 0, "\(resumed.text)")
            #expect(try data.effects().values.allSatisfy { $0 == 1 })
        }
    }

    /// A day in the middle of its dispatch.
    private func begun(in scratch: Scratch) throws -> (DataDirectory, Started) {
        let data = DataDirectory(path: scratch.path("day"))
        let demo = try Started(
            [Project.binary, "demo", "--accounts", "1500", "--as-of", "2026-11-20", "--data", data.path], in: scratch)
        wait(until: { data.settledTasks() > 0 }, orUntil: { !demo.process.isRunning })
        try #require(demo.process.isRunning, "\(demo.text)")
        return (data, demo)
    }
}
