// Owns: `recoup book`: trying a lender's files, and making up some. Knows nothing of how files are read.
import Reporting
import BusinessDay
import Arrears
import ArgumentParser
import Coordinator
import Foundation
import SyntheticBook

struct BookCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "book", abstract: "Try a lender's files, or make up a book.",
        subcommands: [Check.self, Generate.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read a book and recognise who is overdue; plan nothing, contact nobody.",
            discussion: """
                Exit code 3 when more rows are rejected than allowed.

                EXAMPLES:
                  recoup book check book.csv --as-of 2026-11-20
                  recoup book check bank.csv --as-of 2026-11-20 --map bank.map.yaml \\
                    --rejects rejects.csv
                  recoup book check book.csv --as-of 2026-11-20 --schedule due.csv \\
                    --payments paid.csv --json
                """)

        @Argument(help: ArgumentHelp("The book (CSV).", valueName: "file"))
        var book: String

        @OptionGroup var options: BookOptions
        @OptionGroup var output: JSONOption

        @Option(
            help: ArgumentHelp("Write the rejected rows, with line, column, expected and got (CSV).", valueName: "file")
        )
        var rejects: String?

        func run() throws {
            let configuration = Configuration()
            let order = try options.order(
                "check", book: book, configuration: configuration, clock: .rehearsal(minute: 0))
            let policy = try options.readPolicy(configuration).policy
            let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("recoup-check-\(getpid())").path
            defer { try? FileManager.default.removeItem(atPath: scratch) }
            let check = try BookCheck(order: order, policy: policy, directory: scratch)
            if let rejects {
                let files = RunFiles(dataDirectory: scratch, run: order.run)
                try writeAtomically(try Data(contentsOf: URL(fileURLWithPath: files.rejects)), to: rejects)
            }
            try output.show(check, as: text(check))
            if check.isOverRejectLimit {
                throw Failure(
                    .bookRejected, "\(book): more rows are rejected than the limit of \(order.rejectLimit.words)")
            }
        }

        private func text(_ check: BookCheck) -> String {
            let rejected = check.rejects.values.reduce(0, +)
            var counts = TextTable([("\(book), as of \(options.asOf)", .left), ("", .right)])
            counts.add(["rows read", grouped(check.rows)])
            counts.add(["rejected", grouped(rejected)])
            for (kind, count) in check.rejects.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
                counts.add(["  \(kind)", grouped(count)])
            }
            counts.add(["accounts", grouped(check.accounts)])
            counts.add(["  current", grouped(check.current)])
            counts.add(["  overdue", grouped(check.overdue)])
            counts.add(["    of these nothing owed (credit balance or zero bill)", grouped(check.nothingOwed)])
            var buckets = TextTable([("bucket", .left), ("accounts", .right), ("arrears", .right)])
            for bucket in check.buckets {
                let arrears = bucket.arrears.map(\.description).joined(separator: ", ")
                buckets.add([bucket.bucket, grouped(bucket.accounts), arrears])
            }
            let hint =
                rejected > 0 && rejects == nil
                ? "\n\n  --rejects FILE writes the rejected rows with the reason of each." : ""
            return counts.text + "\n\n" + buckets.text + hint
        }
    }

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a synthetic book: realistic, and about nobody.",
            discussion: """
                The same seed writes the same bytes. With --with-schedule, instalments and payments go to files of \
                their own beside the book, and tell the arrears.

                EXAMPLES:
                  recoup book generate --accounts 10000 --seed 1 --as-of 2026-11-20 \\
                    --output book.csv
                  recoup book generate --accounts 500 --seed 2 --with-schedule \\
                    --output book.csv
                """)

        @Option(help: "How many accounts.")
        var accounts: Int

        @Option(help: "The same seed makes the same book.")
        var seed: UInt64 = 1

        @Option(name: .long, help: ArgumentHelp("The business date. Default: today.", valueName: "yyyy-mm-dd"))
        var asOf: CalendarDate?

        @Flag(help: "Also write BOOK.schedule.csv and BOOK.payments.csv; needs --output.")
        var withSchedule = false

        @Option(help: "Add so many rows that must be rejected, of every kind in turn.")
        var badRows = 0

        @Option(
            name: .shortAndLong, help: ArgumentHelp("The book's file. Default: standard output.", valueName: "file"))
        var output: String?

        @OptionGroup var json: JSONOption

        func validate() throws {
            guard (0...10_000_000).contains(accounts), (0...1_000_000).contains(badRows) else {
                throw ValidationError("--accounts: expected 0 to 10000000, and --bad-rows 0 to 1000000")
            }
            if output == nil, withSchedule || json.json {
                throw ValidationError("--with-schedule and --json: expected --output with them, got none")
            }
        }

        private struct Written: Encodable {
            var accounts: Int
            var seed: UInt64
            var asOf: String
            var files: [String]
        }

        func run() throws {
            let date = try asOf ?? today()
            let book = GeneratedBook(
                BookGenerator(
                    seed: seed, accounts: accounts, asOf: date, hasSchedule: withSchedule, badRows: badRows))
            guard let output else { return try book.print() }
            let files = try book.write(to: output)
            if json.json {
                try Terminal.json(Written(accounts: accounts, seed: seed, asOf: date.iso, files: files))
            } else {
                for file in files { Terminal.note("Written: \(file)") }
            }
        }
    }
}
