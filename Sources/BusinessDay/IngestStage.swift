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

    /// One batch of rows. Done when the whole file is stored.
    mutating func step(
        _ ledger: any LedgerTransaction, checkpoint: inout Checkpoint, now: Now
    ) throws -> StageTurn {
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
                if line > resumeAfter { accounts.append(StoredAccount(line: line, account: account)) }
            case .reject(let reject):
                try add(reject, to: &bad, isNew: reject.line > resumeAfter)
            }
        }
        let isDone = isAtEnd && next == waiting.count
        if isDone {
            for reject in scheduleRejects + (schedules?.unclaimed() ?? []) { try add(reject, to: &bad, isNew: true) }
        }
        let duplicates = try ledger.insertAccounts(accounts, into: order.run)
        precondition(duplicates.isEmpty, "lines \(duplicates) hold account ids that the reader should have rejected")
        try ledger.insertRejects(bad, into: order.run)
        checkpoint.done = rowCount
        guard isDone else { return .more }
        checkpoint.total = rowCount
        try rejects.finish()
        if let excess = order.rejectLimit.excess(of: BookFile.allCases.compactMap { tallies[$0] }) {
            throw RunFault.tooManyRejects(
                rejects: excess.rejects, rows: excess.rows, limit: order.rejectLimit.words, rejectsFile: rejects.path)
        }
        try advanceDates(ledger)
        return .done
    }

    /// The dates of a portfolio go forward: an earlier book would undo what a later one told.
    private func advanceDates(_ ledger: any LedgerTransaction) throws {
        for portfolio in portfolios.sorted() {
            if let last = try ledger.lastBusinessDate(of: portfolio), order.asOf < last, order.dateAsGiven != true {
                throw RunFault.earlierDate(order.asOf, portfolio: portfolio, last: last)
            }
            try ledger.advanceBusinessDate(of: portfolio, to: order.asOf)
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
