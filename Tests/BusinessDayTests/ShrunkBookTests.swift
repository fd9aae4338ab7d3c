// Owns: the proof that a book which lost too many of its portfolio's accounts is not taken for news of them.
@testable import Arrears
@testable import Ledger
import CoreBench
import Foundation
import Leasing
import LoanBook
import Testing

@testable import BusinessDay

@Suite("A book that shrank")
struct ShrunkBookTests {
    @Test func `is refused beyond the share, with its figures, and the portfolio's last book stays`() throws {
        try withFolder { days in
            try days.take(0, ["cards": 0..<2_500, "loans": 0..<20])
            // 500 of 2,500 are a fifth: not more.
            try days.take(1, ["cards": 500..<2_500, "loans": 0..<20])
            let fault = try days.refusal(2, ["cards": 901..<2_700, "loans": 0..<20])
            let expected = ShrunkPortfolio(
                portfolio: "cards", lost: 401, before: 2_000,
                lastBook: PortfolioBook(run: "run-2", asOf: ReadyRun.date.adding(days: 1)), limit: 20)
            #expect(fault == .shrunk(expected))
            // Compared again with the same book, not with the one that was refused.
            try days.take(2, ["cards": 900..<2_700, "loans": 0..<20])
        }
    }

    @Test func `is taken when somebody says that it is whole, and the next is compared with it`() throws {
        try withFolder { days in
            try days.take(0, ["cards": 0..<100])
            try days.take(1, ["cards": 0..<10], maxLost: nil)
            try days.take(2, ["cards": 0..<8])
            try days.take(3, ["cards": 0..<1])
        }
    }

    @Test func `is judged by portfolios that it speaks of, each by its own last book`() throws {
        try withFolder { days in
            try days.take(0, ["cards": 0..<50, "a/b": 0..<50])
            // The other portfolio's book comes by itself.
            try days.take(1, ["cards": 0..<50])
            let fault = try days.refusal(2, ["cards": 0..<50, "a/b": 11..<61])
            guard case .shrunk(let portfolio) = fault else {
                Issue.record("expected a book that shrank, got \(fault.map { "\($0)" } ?? "none")")
                return
            }
            #expect(portfolio.portfolio == "a/b" && portfolio.lost == 11 && portfolio.lastBook.run == "run-1")
            #expect(fault?.description.contains("11 of the 50 accounts") == true)
        }
    }

    @Test func `of fewer than ten accounts is not judged by a share`() throws {
        try withFolder { days in
            try days.take(0, ["default": 0..<9, "cards": 0..<10])
            try days.take(1, ["default": 8..<9, "cards": 0..<8])
            #expect(try days.refusal(2, ["default": 0..<1, "cards": 8..<9]) == nil)
        }
    }

    private func withFolder(_ body: (Books) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("shrunk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(Books(folder: folder))
    }
}

/// Day after day of one ledger, each book through the ingest stage.
private final class Books {
    private let ledger = InMemoryLedger()
    private let folder: URL
    private var runs = 0

    init(folder: URL) { self.folder = folder }

    func take(_ day: Int, _ accounts: [PortfolioID: Range<Int>], maxLost: Double? = 20) throws {
        #expect(try refusal(day, accounts, maxLost: maxLost) == nil)
    }

    func refusal(_ day: Int, _ accounts: [PortfolioID: Range<Int>], maxLost: Double? = 20) throws -> RunFault? {
        runs += 1
        let order = try order(day, book: write(accounts), maxLost: maxLost)
        var checkpoint = Checkpoint(stage: .ingest, startedAt: ReadyRun.wall, updatedAt: ReadyRun.wall)
        try ledger.transaction {
            try $0.insertRun(
                RunRecord(
                    id: order.run, asOf: order.asOf, order: "",
                    startedAt: ReadyRun.wall.adding(milliseconds: Int64(runs))))
        }
        var stage = try IngestStage(
            order: order, files: RunFiles(dataDirectory: folder.path, run: order.run), resuming: nil)
        do {
            while try ledger.transaction({
                try stage.step($0, checkpoint: &checkpoint, now: Now(uptime: 0, wall: ReadyRun.wall))
            }) == .more {}
        } catch let fault as RunFault {
            return fault
        }
        let rows = accounts.values.map(\.count).reduce(0, +)
        #expect(checkpoint.done == rows && checkpoint.total == rows)
        return nil
    }

    private func write(_ accounts: [PortfolioID: Range<Int>]) throws -> SourceFile {
        var text = "portfolio,id,product,currency,balance,oldest_unpaid_due_date\n"
        for (portfolio, numbers) in accounts {
            for number in numbers { text += "\(portfolio),\(number),cash,CNY,9.00,\n" }
        }
        let file = folder.appendingPathComponent("book-\(runs).csv")
        try Data(text.utf8).write(to: file)
        return try SourceFile(pinning: file.path)
    }

    private func order(_ day: Int, book: SourceFile, maxLost: Double?) throws -> RunOrder {
        let date = ReadyRun.date.adding(days: day)
        return RunOrder(
            run: RunID("run-\(runs)"), asOf: date, contactDate: date, book: book,
            policy: RunOrder.NamedText(source: "tests", text: ""), rejectLimit: .count(0),
            institution: Institution(name: "Bank", contact: "+86"), maxLost: maxLost)
    }
}
