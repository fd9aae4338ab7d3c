// Owns: a day from its beginning to its end, as a person at the command line sees it.
import Foundation
import Testing

@Suite("A day at the command line", .serialized)
struct DayTests {
    private struct Report: Decodable {
        struct Intake: Decodable {
            var rowsRead: Int
            var accounts: Int
            var rejects: [String: Int]
        }
        struct Balance: Decodable {
            var accountsRead: Int
            var accountsWithResult: Int
            var isBalanced: Bool
        }
        struct Total: Decodable {
            struct Sum: Decodable { var accounts: Int }
            var result: String
            var sum: Sum
        }
        var intake: Intake
        var balance: Balance
        var totals: [Total]
        var openTasks: Int
    }

    @Test("A demo ends with a report in which every account has an outcome or a reason")
    func demo() throws {
        let scratch = try Scratch()
        let data = scratch.path("demo")
        let end = try recoup(
            "demo", "--accounts", "600", "--as-of", "2026-11-20", "--data", data, "--json", scratch: scratch)
        try #require(end.code == 0, "\(end.errors)")
        let report = try end.json(Report.self)
        #expect(report.intake.accounts == 600)
        #expect(report.balance.isBalanced)
        #expect(report.totals.reduce(0) { $0 + $1.sum.accounts } == 600)
        #expect(report.openTasks == 0)
        for name in ["report.html", "report.json", "report.csv", "rejects.csv"] {
            #expect(FileManager.default.fileExists(atPath: "\(data)/runs/2026-11-20-1/\(name)"), "\(name)")
        }
        for stage in ["ingest", "recognise", "segment", "plan", "dispatch", "reconcile", "report"] {
            #expect(end.errors.contains("\n\(stage)"), "progress says when \(stage) ended; got: \(end.errors)")
        }

        let second = try recoup("demo", "--data", data, scratch: scratch)
        #expect(second.code == 6, "a used directory is not used again")
    }

    @Test("Bad rows go to the rejects file with their line; the rest of the book is run")
    func badRows() throws {
        let scratch = try Scratch()
        let book = scratch.path("book.csv")
        let made = try recoup(
            "book", "generate", "--accounts", "200", "--bad-rows", "14", "--as-of", "2026-11-20", "--output", book,
            scratch: scratch)
        try #require(made.code == 0, "\(made.errors)")

        let refused = try recoup(
            "run", "--data", scratch.path("strict"), "--book", book, "--as-of", "2026-11-20", "--max-rejects", "3",
            "--embedded", "--sandbox", scratch: scratch)
        #expect(refused.code == 3, "\(refused.errors)")
        let status = try recoup("status", "--data", scratch.path("strict"), scratch: scratch)
        #expect(!status.output.contains("plan"), "nothing is planned; got: \(status.output)")
        #expect(!FileManager.default.fileExists(atPath: scratch.path("strict/sandbox/effects.jsonl"))
            || scratch.text("strict/sandbox/effects.jsonl").isEmpty)

        let run = try recoup(
            "run", "--data", scratch.path("patient"), "--book", book, "--as-of", "2026-11-20", "--max-rejects", "7%",
            "--embedded", "--sandbox", "--json", scratch: scratch)
        try #require(run.code == 0, "\(run.errors)")
        let report = try run.json(Report.self)
        #expect(report.intake.rowsRead == 214)
        #expect(report.intake.rejects.values.reduce(0, +) == 14)
        #expect(report.balance.isBalanced)
        let lines = scratch.text("patient/runs/2026-11-20-1/rejects.csv").split(separator: "\n")
        #expect(lines.first == "file,line,column,reason,expected,got")
        #expect(lines.count == 15)
    }

    @Test("A check of a book says what a run would: rows, rejects, buckets")
    func check() throws {
        let scratch = try Scratch()
        let book = try scratch.write(
            """
            id,customer_id,product,currency,balance,oldest_unpaid_due_date,phone
            A1,C1,card,CNY,1000.00,2026-11-19,+8613800000001
            A2,C2,card,CNY,500.00,2026-10-01,+8613800000002
            A3,C3,card,CNY,-20.00,2026-10-01,+8613800000003
            A4,C4,card,CNY,80.00,,+8613800000004
            A5,C5,card,CNY,80.00,2026-02-30,+8613800000005
            A1,C6,card,CNY,80.00,,+8613800000006
            """, to: "book.csv")
        let end = try recoup(
            "book", "check", book, "--as-of", "2026-11-20", "--max-rejects", "2", "--rejects", scratch.path("r.csv"),
            "--json", scratch: scratch)
        try #require(end.code == 0, "\(end.errors)")
        struct Check: Decodable {
            struct Bucket: Decodable {
                var bucket: String
                var accounts: Int
            }
            var rows: Int
            var accounts: Int
            var rejects: [String: Int]
            var current: Int
            var nothingOwed: Int
            var overdue: Int
            var buckets: [Bucket]
        }
        let check = try end.json(Check.self)
        #expect(check.rows == 6)
        #expect(check.accounts == 4)
        #expect(check.rejects == ["badDate": 1, "duplicateID": 1])
        #expect(check.current == 1)
        #expect(check.nothingOwed == 1, "a credit balance is no case")
        #expect(check.overdue == 2)
        #expect(check.buckets.filter { $0.accounts > 0 }.map(\.bucket) == ["M1", "M2"])
        let rejects = scratch.text("r.csv")
        #expect(rejects.contains("book,6,oldest_unpaid_due_date,badDate"), "got: \(rejects)")
        #expect(rejects.contains("book,7,id,duplicateID"), "got: \(rejects)")
    }

    @Test("A case's story is told without personal data, and with it only for a recorded reason")
    func explain() throws {
        let scratch = try Scratch()
        let book = try scratch.write(
            """
            id,customer_id,product,currency,balance,oldest_unpaid_due_date,phone,name
            A1,C1,card,CNY,1000.00,2026-11-18,+8613800000001,Zhang Example
            """, to: "book.csv")
        let data = scratch.path("data")
        let run = try recoup(
            "run", "--data", data, "--book", book, "--as-of", "2026-11-20", "--embedded", "--sandbox",
            scratch: scratch)
        try #require(run.code == 0, "\(run.errors)")

        let story = try recoup("explain", "A1", "--data", data, scratch: scratch)
        #expect(story.code == 0, "\(story.errors)")
        for word in ["2 days past due", "M1", "sms", "settled", "lease"] {
            #expect(story.output.contains(word), "expected \(word), got: \(story.output)")
        }
        #expect(!story.output.contains("+8613800000001"))
        #expect(!story.output.contains("Zhang Example"))
        #expect(!FileManager.default.fileExists(atPath: "\(data)/disclosures.jsonl"))

        let bare = try recoup("explain", "A1", "--data", data, "--reveal", scratch: scratch)
        #expect(bare.code == 2, "no reason, no disclosure")

        let revealed = try recoup(
            "explain", "A1", "--data", data, "--reveal", "--reason", "complaint 7", scratch: scratch)
        #expect(revealed.output.contains("+8613800000001"))
        #expect(revealed.output.contains("Zhang Example"))
        let record = scratch.text("data/disclosures.jsonl")
        #expect(record.contains("\"caseID\":\"A1\"") && record.contains("complaint 7"), "got: \(record)")

        let none = try recoup("explain", "A2", "--data", data, scratch: scratch)
        #expect(none.code == 7)
    }

    @Test("A policy with five faults reports five, with their lines")
    func policyFaults() throws {
        let scratch = try Scratch()
        let original = try String(
            contentsOfFile: RecoupProcess.project + "/policies/cn-consumer.yaml", encoding: .utf8)
        let shipped = try recoup(
            "policy", "check", RecoupProcess.project + "/policies/cn-consumer.yaml", scratch: scratch)
        #expect(shipped.code == 0, "\(shipped.output)")
        var faulty = original.replacing("policy: cn-consumer", with: "policy: \"two words\"")
        faulty = faulty.replacing("graceDays: 0", with: "graceDays: none")
        faulty = faulty.replacing("timeZone: Asia/Shanghai", with: "timezone: Asia/Shanghai")
        faulty = faulty.replacing("{ rule: CN-TALK, contactsPerDay: 3 }", with: "{ rule: CN-TALK, contactsPerDay: 0 }")
        let file = try scratch.write(faulty, to: "faulty.yaml")
        let checked = try recoup("policy", "check", file, "--json", scratch: scratch)
        #expect(checked.code == 2)
        struct Found: Decodable {
            struct Fault: Decodable {
                var line: Int
                var path: String
            }
            var faults: [Fault]
        }
        let faults = try #require(try checked.json([Found].self).first).faults
        // A key under another name is two faults: one that is not known, one that is missed.
        #expect(faults.count == 5, "\(checked.output)")
        #expect(faults.map(\.line) == faults.map(\.line).sorted())
    }
}
