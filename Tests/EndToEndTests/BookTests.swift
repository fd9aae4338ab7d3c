// Owns: reading bad books and policies at the command line.
import Foundation
import Testing

@Suite("A lender's files at the command line")
struct BookTests {
    private static let book = """
        id,customer_id,product,currency,principal,balance,oldest_unpaid_due_date
        A1,C1,cash,CNY,100.00,100.00,2026-11-01
        A2,C2,cash,CNY,100.00,100.00,2026-13-01
        A3,C3,cash,CNY,-1.00,100.00,2026-11-01
        A1,C1,cash,CNY,100.00,100.00,2026-11-01
        A5,C5,cash,XYZ,100.00,100.00,2026-11-01
        A6,C6,cash,CNY,100.00
        A7,C7,ca"sh,CNY,100.00,100.00,2026-11-01
        A8,C8,\u{1},CNY,100.00,100.00,2026-11-01
        A9,C9,cash,CNY,=ten,100.00,2026-11-01
        A10,C10,cash,CNY,100.00,100.00,2026-11-20
        """

    @Test func `Every kind of bad row is in the rejects file with its line, and the good rows are read`() throws {
        try withScratch { scratch in
            // The control character stands for a byte that is no UTF-8.
            let bytes = Self.book.utf8.map { $0 == 1 ? 0xFF : $0 }
            try Data(bytes).write(to: scratch.url.appendingPathComponent("book.csv"))
            let rejects = scratch.path("rejects.csv")
            let checked = try Project.recoup(
                "book", "check", scratch.path("book.csv"), "--as-of", "2026-11-20", "--max-rejects", "8", "--rejects",
                rejects, "--policy", Project.root.appendingPathComponent("policies/cn-consumer.yaml").path, in: scratch)
            #expect(checked.code == 0, "\(checked.text)")
            let lines = try String(contentsOfFile: rejects, encoding: .utf8).split(separator: "\n").dropFirst()
            let found = lines.map {
                $0.split(separator: ",", omittingEmptySubsequences: false)[1...3].joined(separator: " ")
            }
            #expect(lines.last?.hasSuffix(",'=ten") == true, "a formula is written inert; got: \(lines)")
            #expect(
                found == [
                    "3 oldest_unpaid_due_date badDate", "4 principal negativePrincipal", "5 id duplicateID",
                    "6 currency unknownCurrency", "7 balance missingColumn", "8 product brokenQuote",
                    "9 product invalidBytes", "10 principal badNumber",
                ])
        }
    }

    @Test func `Over the threshold the run ends before anything is planned`() throws {
        try withScratch { scratch in
            try Data(Self.book.utf8).write(to: scratch.url.appendingPathComponent("book.csv"))
            let data = scratch.path("data")
            let run = try Project.recoup(
                "run", "--data", data, "--book", scratch.path("book.csv"), "--as-of", "2026-11-20", "--max-rejects",
                "2",
                "--policy", Project.root.appendingPathComponent("policies/cn-consumer.yaml").path, "--embedded",
                "--sandbox", in: scratch)
            #expect(run.code == 3, "\(run.text)")
            #expect(run.text.contains("nothing was planned"))
            #expect(DataDirectory(path: data).settledTasks() == 0)
        }
    }

    @Test(arguments: ["2027-11-26", "2026-08-26", "2024-02-29"])
    func `A date that is not about today contacts nobody and makes nothing`(asOf: String) throws {
        try withScratch { scratch in
            try Data(Self.book.utf8).write(to: scratch.url.appendingPathComponent("book.csv"))
            let run = try Project.recoup(
                "run", "--data", scratch.path("data"), "--book", scratch.path("book.csv"), "--as-of", asOf, in: scratch)
            #expect(run.code == 6, "\(run.text)")
            #expect(run.text.contains("got \(asOf)") && run.text.contains("--date-as-given"), "\(run.text)")
            let left = try FileManager.default.subpathsOfDirectory(atPath: scratch.path("data"))
            #expect(!left.contains { $0.hasPrefix("runs") || $0.hasPrefix("orders/") }, "got \(left)")
        }
    }

    @Test func `Today's date is taken, and one a few days away is not`() throws {
        try withScratch { scratch in
            // A book that cannot be read ends its run: nobody is waited for.
            try Data("number,owner\nA1,C1\n".utf8).write(to: scratch.url.appendingPathComponent("book.csv"))
            for (days, code) in [(-3.0, Int32(6)), (0, 2), (3, 6)] {
                let day = Date(timeIntervalSinceNow: days * 86_400)
                // A day by UTC is today in Shanghai, or the day before.
                let asOf = day.formatted(.iso8601.year().month().day())
                let run = try Project.recoup(
                    "run", "--data", scratch.path("data"), "--book", scratch.path("book.csv"), "--as-of", asOf,
                    in: scratch)
                #expect(run.code == code, "\(asOf): \(run.text)")
            }
        }
    }

    @Test
    func `A directory in which a day was rehearsed takes no real run, and says everywhere that it is a rehearsal`()
        throws
    {
        try withScratch { scratch in
            let book = "id,product,currency,balance,oldest_unpaid_due_date\nA1,cash,CNY,9.00,\n"
            try Data(book.utf8).write(to: scratch.url.appendingPathComponent("book.csv"))
            func recoup(_ arguments: String...) throws -> (code: Int32, text: String) {
                try Started([Project.binary] + arguments + ["--data", scratch.path("data")], in: scratch).end()
            }
            let rehearsed = try recoup(
                "run", "--book", scratch.path("book.csv"), "--as-of", "2026-11-20", "--embedded", "--sandbox")
            #expect(rehearsed.code == 0 && rehearsed.text.contains("REHEARSAL"), "\(rehearsed.text)")
            for command in [["status"], ["report"], ["explain", "A1"], ["report", "--format", "html"]] {
                let said = try Started(
                    [Project.binary] + command + ["--data", scratch.path("data")], in: scratch
                ).end()
                #expect(said.text.lowercased().contains("rehearsal"), "\(command): \(said.text)")
            }
            let today = Date().formatted(.iso8601.year().month().day())
            let real = try recoup("run", "--book", scratch.path("book.csv"), "--as-of", today)
            #expect(real.code == 6, "\(real.text)")
            #expect(
                real.text.contains("expected a rehearsal run, as all in this data directory, got a real one"),
                "\(real.text)")
            let again = try recoup(
                "run", "--book", scratch.path("book.csv"), "--as-of", "2026-11-20", "--embedded", "--sandbox")
            #expect(again.code == 0, "\(again.text)")
        }
    }

    @Test func `The business dates of a portfolio go forward, unless it is said to be meant`() throws {
        try withScratch { scratch in
            func run(_ asOf: String, _ portfolio: String, _ more: String...) throws -> (code: Int32, text: String) {
                let book =
                    "portfolio,id,product,currency,balance,oldest_unpaid_due_date\n\(portfolio),A1,cash,CNY,9.00,\n"
                try Data(book.utf8).write(to: scratch.url.appendingPathComponent("book.csv"))
                let command = [
                    Project.binary, "run", "--data", scratch.path("data"), "--book", scratch.path("book.csv"),
                ]
                return try Started(command + ["--as-of", asOf, "--embedded", "--sandbox"] + more, in: scratch).end()
            }
            #expect(try run("2026-11-20", "cards").code == 0)
            let earlier = try run("2026-11-19", "cards")
            #expect(earlier.code == 6, "\(earlier.text)")
            #expect(
                earlier.text.contains(
                    "expected 2026-11-20, the last one of portfolio cards, or a later one, got 2026-11-19"),
                "\(earlier.text)")
            #expect(try run("2026-11-19", "loans").code == 0)
            #expect(try run("2026-11-19", "cards", "--date-as-given").code == 0)
            #expect(try run("2026-11-19", "cards").code == 6, "what was meant once is not meant for ever")
            #expect(try run("2026-11-20", "cards").code == 0)
        }
    }

    @Test func `A book that lost more of its portfolio than is believed contacts nobody, until it is said to be whole`()
        throws
    {
        try withScratch { scratch in
            func run(_ accounts: Int, _ more: String...) throws -> (code: Int32, text: String) {
                let rows = (0..<accounts).map { "A\($0),C\($0),cash,CNY,9.00,3.00,2026-11-10,+8616000000\(100 + $0)\n" }
                let book =
                    "id,customer_id,product,currency,balance,arrears,oldest_unpaid_due_date,phone\n" + rows.joined()
                try Data(book.utf8).write(to: scratch.url.appendingPathComponent("book.csv"))
                let command = [
                    "run", "--data", scratch.path("data"), "--book", scratch.path("book.csv"), "--as-of", "2026-11-20",
                ]
                return try Started([Project.binary] + command + ["--embedded", "--sandbox"] + more, in: scratch).end()
            }
            #expect(try run(20).code == 0)
            let shrunk = try run(15)
            #expect(shrunk.code == 6, "\(shrunk.text)")
            #expect(
                shrunk.text.contains(
                    "5 of the 20 accounts that portfolio default had on 2026-11-20 (run 2026-11-20-1) are not in this book"
                ),
                "\(shrunk.text)")
            #expect(shrunk.text.contains("more than the limit of 20 %") && shrunk.text.contains("--accept-shrunk"))
            #expect(try run(15, "--accept-shrunk").code == 0)
            #expect(try run(15).code == 0, "what was taken is what the next book is compared with")
        }
    }

    @Test func `A book that cannot be read at all ends its run, and the next one is begun`() throws {
        try withScratch { scratch in
            let data = scratch.path("data")
            func run(_ book: String) throws -> (code: Int32, text: String) {
                try Data(book.utf8).write(to: scratch.url.appendingPathComponent("book.csv"))
                return try Project.recoup(
                    "run", "--data", data, "--book", scratch.path("book.csv"), "--as-of", "2026-11-20", "--max-rejects",
                    "100%", "--embedded", "--sandbox", in: scratch)
            }
            let refused = try run("number,owner\nA1,C1\n")
            #expect(refused.code == 2, "\(refused.text)")
            #expect(
                refused.text.contains("run 2026-11-20-1: book file, header: expected the columns"), "\(refused.text)")

            let mended = try run(
                "id,customer_id,product,currency,balance,oldest_unpaid_due_date\nA1,C1,cash,CNY,9.00,\n")
            #expect(mended.code == 0, "\(mended.text)")
            #expect(mended.text.contains("run 2026-11-20-2"), "\(mended.text)")
        }
    }

    @Test func `A policy with five faults reports five, each with its line`() throws {
        try withScratch { scratch in
            let path = Project.root.appendingPathComponent("policies/cn-consumer.yaml").path
            var lines = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n")
            lines.append(contentsOf: ["one: 1", "two: 2", "three: 3", "four: 4", "five: 5"])
            let broken = scratch.path("policy.yaml")
            try lines.joined(separator: "\n").write(toFile: broken, atomically: true, encoding: .utf8)
            let checked = try Project.recoup("policy", "check", broken, in: scratch)
            #expect(checked.code == 2)
            #expect(checked.text.contains("5 faults"), "\(checked.text)")
            for line in lines.count - 4...lines.count { #expect(checked.text.contains("line \(line):")) }
        }
    }

    @Test func `Rows of a schedule that the book does not have are counted against the schedule, and the check ends`()
        throws
    {
        try withScratch { scratch in
            func write(_ name: String, _ text: String) throws {
                try Data(text.utf8).write(to: scratch.url.appendingPathComponent(name))
            }
            try write("book.csv", "id,product,currency,balance\nS1,cash,CNY,1000.00\n")
            try write(
                "schedule.csv",
                """
                account_id,number,due_date,currency,principal
                S1,1,2026-10-18,CNY,100.00
                S2,1,2026-10-18,CNY,100.00
                S3,1,2026-10-18,CNY,100.00

                """)
            try write("payments.csv", "account_id,date,currency,amount\nS1,2026-10-18,CNY,100.00\n")
            let files = ["--schedule", scratch.path("schedule.csv"), "--payments", scratch.path("payments.csv")]

            let checked = try Started(
                [Project.binary, "book", "check", scratch.path("book.csv"), "--as-of", "2026-11-20"] + files,
                in: scratch
            ).end()
            #expect(checked.code == 3, "\(checked.text)")
            #expect(checked.text.contains("unknownAccount"), "\(checked.text)")

            let run = try Started(
                [
                    Project.binary, "run", "--data", scratch.path("data"), "--book", scratch.path("book.csv"),
                    "--as-of", "2026-11-20",
                    "--max-rejects", "100%", "--embedded", "--sandbox",
                ] + files, in: scratch
            ).end()
            #expect(run.code == 0, "all rows of the schedule may be rejects; got: \(run.text)")
        }
    }

    @Test func `A mistake in the options takes no run's name`() throws {
        try withScratch { scratch in
            try Data("id,product,currency,balance,dpd\nA1,cash,CNY,9.00,0\n".utf8)
                .write(to: scratch.url.appendingPathComponent("book.csv"))
            for (book, code) in [("no-such.csv", Int32(2)), ("book.csv", 0)] {
                let run = try Project.recoup(
                    "run", "--data", scratch.path("data"), "--book", scratch.path(book), "--as-of", "2026-11-20",
                    "--embedded", "--sandbox", in: scratch)
                #expect(run.code == code, "\(run.text)")
                if code == 0 { #expect(run.text.contains("run 2026-11-20-1"), "\(run.text)") }
            }
        }
    }
}
