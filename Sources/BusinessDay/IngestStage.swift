// Owns: the ingest stage: files of a lender into accounts and rejects, a batch at a time. The file is read again from
// its start on resume and rows that the ledger has are skipped, so that no state of a reader needs to be kept.
import Arrears
import Documents
import Foundation
import Leasing
import Ledger
import LoanBook
import Tables

struct IngestStage: DayStage {
    private let order: RunOrder
    private let resumeAfter: Int
    private var reader: BookReader
    private let pieces: FilePieces
    private var waiting: [BookRow] = []
    private var next = 0
    private var isAtEnd = false
    private var schedules: ScheduleBook?
    /// Rejects of the schedule and payments files, stored behind the book's own.
    private var scheduleRejects: [Reject] = []
    private var rejects: RejectsFile
    private var tallies = [BookFile: RejectLimit.Tally]()
    private var portfolios: Set<PortfolioID> = []
    private var amounts: [Currency: Int128] = [:]
    /// What is left to compare with earlier books; nil: the file is not read to its end.
    private var comparison: BookComparison?
    private var rowCount: Int { tallies[.book]?.rows ?? 0 }

    init(order: RunOrder, files: RunFiles, resuming: Checkpoint?) throws {
        self.order = order
        self.resumeAfter = Int(resuming?.cursor ?? "") ?? 0
        do {
            try order.book.verify()
            try order.schedule?.verify()
            try order.payments?.verify()
            let map = try IngestStage.columnMap(order.map)
            if let schedule = order.schedule {
                let read = try readSchedules(schedule, payments: order.payments, map: map)
                schedules = read.book
                scheduleRejects = read.rejects
                for (file, rows) in read.rows { tallies[file, default: .init()].rows = rows }
            }
            reader = BookReader(
                map: map, decoding: try textDecoding(for: map.book.dialect.encoding), hasSchedule: order.schedule != nil
            )
            pieces = try FilePieces(path: order.book.path)
            rejects = try RejectsFile(path: files.rejects)
        } catch let fault as FileFault {
            throw RunFault.file(fault)
        } catch let faults as DocumentFaults {
            throw RunFault.document(faults)
        } catch let fault as BookFault {
            throw RunFault.book(fault.description)
        }
    }

    /// One batch of rows, or of accounts of an earlier book. Done when the whole file is stored and taken for a book.
    mutating func step(
        _ ledger: any LedgerTransaction, checkpoint: inout Checkpoint, now: Now
    ) throws -> StageTurn {
        if comparison == nil {
            try read(ledger, &checkpoint)
            guard isAtEnd, next == waiting.count else { return .more }
            comparison = try BookComparison(of: order.run, portfolios: portfolios, ledger: ledger)
        }
        guard try comparison?.step(ledger) != false else { return .more }
        try finish(ledger, &checkpoint)
        return .done
    }

    private mutating func read(_ ledger: any LedgerTransaction, _ checkpoint: inout Checkpoint) throws {
        do {
            try fill()
        } catch let fault as FileFault {
            throw RunFault.file(fault)
        } catch let fault as BookFault {
            throw RunFault.book(fault.description)
        }
        var accounts: [StoredAccount] = []
        var bad: [Reject] = []
        while accounts.count + bad.count < Batch.rows, next < waiting.count {
            let row = attached(waiting[next])
            next += 1
            tallies[.book, default: .init()].rows += 1
            checkpoint.cursor = String(max(row.line, Int(checkpoint.cursor) ?? 0))
            switch row {
            case .account(let account, let line):
                portfolios.insert(account.portfolio)
                try add(account, line)
                if line > resumeAfter { accounts.append(StoredAccount(line: line, account: account)) }
            case .reject(let reject):
                try add(reject, to: &bad, isNew: reject.line > resumeAfter)
            }
        }
        let duplicates = try ledger.insertAccounts(accounts, into: order.run)
        precondition(duplicates.isEmpty, "lines \(duplicates) hold account ids that the reader should have rejected")
        try ledger.insertRejects(bad, into: order.run)
        checkpoint.done = rowCount
    }

    /// What is added up later, in plans and reports, is added up here first, where it can be refused.
    private mutating func add(_ account: LoanAccount, _ line: Int) throws {
        let currency = account.balance.currency
        amounts[currency, default: 0] += account.amountsTogether
        guard amounts[currency, default: 0] <= Int128(Money.largestSum) else {
            throw RunFault.book(
                "book file, line \(line): expected amounts of \(currency) that are at most \(Money.largestSum) minor units "
                    + "together, got more; is a column taken for an amount that is none?")
        }
    }

    /// Looks at the files as a whole: what was said of rows, and what of the portfolio.
    private mutating func finish(_ ledger: any LedgerTransaction, _ checkpoint: inout Checkpoint) throws {
        var bad: [Reject] = []
        for reject in scheduleRejects + (schedules?.unclaimed() ?? []) { try add(reject, to: &bad, isNew: true) }
        try ledger.insertRejects(bad, into: order.run)
        checkpoint.total = rowCount
        try rejects.finish()
        if let excess = order.rejectLimit.excess(of: BookFile.allCases.compactMap { tallies[$0] }) {
            throw RunFault.tooManyRejects(
                rejects: excess.rejects, rows: excess.rows, limit: order.rejectLimit.words, rejectsFile: rejects.path)
        }
        if let limit = order.maxLost, let shrunk = comparison?.shrunk(beyond: limit) { throw RunFault.shrunk(shrunk) }
        try advanceDates(ledger)
    }

    /// The dates of a portfolio go forward: an earlier book would undo what a later one told.
    private func advanceDates(_ ledger: any LedgerTransaction) throws {
        for portfolio in portfolios.sorted() {
            if let last = try ledger.lastBook(of: portfolio)?.asOf, order.asOf < last, order.dateAsGiven != true {
                throw RunFault.earlierDate(order.asOf, portfolio: portfolio, last: last)
            }
            try ledger.recordBook(PortfolioBook(run: order.run, asOf: order.asOf), of: portfolio)
        }
    }

    /// The row with its account's schedule, where the run has one.
    private mutating func attached(_ row: BookRow) -> BookRow {
        guard case .account(let account, let line) = row, schedules != nil else { return row }
        return schedules?.attach(to: account, line: line) ?? row
    }

    private mutating func add(_ reject: Reject, to bad: inout [Reject], isNew: Bool) throws {
        guard let file = BookFile(rawValue: reject.file) else { preconditionFailure("a reject of \(reject.file)") }
        tallies[file, default: .init()].rejects += 1
        try rejects.append(reject)
        if isNew { bad.append(reject) }
    }

    private static func columnMap(_ text: RunOrder.NamedText?) throws -> ColumnMap {
        guard let text else { return .canonical }
        return try ColumnMap(document: readDocument(yaml: text.text, source: text.source), source: text.source)
    }

    /// Reads until a batch of rows waits or the file ends.
    private mutating func fill() throws {
        guard next == waiting.count else { return }
        waiting = []
        next = 0
        while waiting.count < Batch.rows, !isAtEnd {
            if let piece = try pieces.next() {
                waiting += try reader.feed(piece)
            } else {
                waiting += try reader.finish()
                isAtEnd = true
                pieces.close()
            }
        }
    }
}
