// Owns: what must hold for whatever a lender's files hold.
import Arrears
import Documents
import LoanBook
import Tables

extension FuzzTarget {
    /// A delimited file. Every chunking finds the same rows; lines go up; what was read can be written and read again.
    ///
    /// Input: the dialect and the limits (1 byte), the cut (2), the file.
    static let csv = FuzzTarget("csv", longestInput: 1_024) { input in
        var input = input
        let options = input.byte()
        let cut = input.cut()
        let dialect = CSVDialect(
            delimiter: [UInt8](",;|\t".utf8)[Int(options & 3)], encoding: options & 4 == 0 ? .utf8 : .gb18030)
        let limits =
            options & 8 == 0
            ? CSVLimits() : CSVLimits(quotedFieldBytes: 24, quotedFieldLines: 3, recordBytes: 48, fields: 6)
        let rows = CSVReader.rows(of: input.rest, dialect: dialect, limits: limits)
        var reader = CSVReader(dialect: dialect, limits: limits)
        var pieced: [CSVRow] = []
        for piece in input.rest.pieces(cut) {
            reader.append(piece)
            while let row = reader.next() { pieced.append(row) }
        }
        reader.close()
        while let row = reader.next() { pieced.append(row) }
        try requireEqual(pieced, rows, "rows in pieces and as a whole")

        let lines = input.rest.count { $0 == 0x0A } + 1
        var last = 0
        for row in rows {
            try require(row.line > last && row.line <= lines, "line \(row.line) after \(last) of \(lines)")
            last = row.line
            guard case .record(let record) = row else { continue }
            try require((1...limits.fields).contains(record.fieldCount), "\(record.fieldCount) fields")
            // One empty field is written as an empty line, and those are passed over.
            guard dialect.encoding == .utf8, let texts = record.texts(), texts != [""] else { continue }
            // Behind a header, so that no mark opens the file.
            let written = "h\n" + CSVWriter.line(texts, delimiter: Unicode.Scalar(dialect.delimiter))
            let again = CSVReader.rows(of: written.utf8, dialect: dialect)
            guard again.count == 2, case .record(let copy) = again[1] else {
                throw Violation("\(texts) was written and read as \(again)")
            }
            try requireEqual(copy.texts(), texts, "a record that was written")
        }
    }

    /// A book. Every record is an account or a reject with its line; nothing personal is shown; what is taken can be
    /// recognised.
    ///
    /// Input: the map (1 byte), the cut (2), the file.
    static let book = FuzzTarget("book", longestInput: 2_048) { input in
        var input = input
        let options = input.byte()
        let cut = input.cut()
        let map = Maps.shared.map(options)
        let hasSchedule = options & 8 != 0
        let whole = readBook([input.rest], map, hasSchedule)
        let pieced = readBook(input.rest.pieces(cut), map, hasSchedule)
        try requireEqual(pieced, whole, "a book in pieces and as a whole")
        guard case .success(let rows) = whole else { return }
        try requireEqual(rows.map(\.line), recordLines(input.rest, map.book), "lines of rows and of records")
        var ids: Set<AccountID> = []
        for row in rows {
            switch row {
            case .reject(let reject): try check(reject, map)
            case .account(let account, _):
                try require(ids.insert(account.id).inserted, "account \(account.id) twice")
                try check(account)
            }
        }
    }

    /// A book with its schedule and its payments. Every row of the two is part of an account, or a reject, or of an
    /// account that is one.
    ///
    /// Input: the map (1 byte), the cut (2), then book, schedule and payments, with a byte 1E between them.
    static let schedule = FuzzTarget("schedule", longestInput: 2_048) { input in
        var input = input
        let map = Maps.shared.map(input.byte())
        let cut = input.cut()
        let files = input.rest.split(separator: 0x1E, maxSplits: 2, omittingEmptySubsequences: false)
        guard files.count == 3 else { return }
        let schedule: [ScheduleRow<Instalment>]
        let payments: [ScheduleRow<Payment>]
        let book: [BookRow]
        do throws(BookFault) {
            var schedules = ScheduleReader<Instalment>(map: map, decoding: Maps.shared.decoding(map.schedule))
            var scheduleRows: [ScheduleRow<Instalment>] = []
            for piece in files[1].pieces(cut) { scheduleRows += try schedules.feed(piece) }
            schedule = try scheduleRows + schedules.finish()
            var payment = ScheduleReader<Payment>(map: map, decoding: Maps.shared.decoding(map.payments))
            var paymentRows: [ScheduleRow<Payment>] = []
            for piece in files[2].pieces(cut) { paymentRows += try payment.feed(piece) }
            payments = try paymentRows + payment.finish()
            var reader = BookReader(map: map, decoding: Maps.shared.decoding(map.book), hasSchedule: true)
            book = try reader.feed(files[0]) + reader.finish()
        } catch {
            return
        }
        try requireEqual(schedule.map(\.line), recordLines(files[1], map.schedule), "schedule lines")
        try requireEqual(payments.map(\.line), recordLines(files[2], map.payments), "payment lines")

        var together = ScheduleBook()
        var rejected: [Reject] = []
        var taken: [AccountID: (instalments: Int, payments: Int)] = [:]
        for row in schedule {
            if let reject = together.add(row) {
                rejected.append(reject)
            } else if case .item(_, let id, _) = row {
                taken[id, default: (0, 0)].instalments += 1
            }
        }
        for row in payments {
            if let reject = together.add(row) {
                rejected.append(reject)
            } else if case .item(_, let id, _) = row {
                taken[id, default: (0, 0)].payments += 1
            }
        }
        for reject in rejected { try check(reject, map) }
        var claimed: Set<AccountID> = []
        for case .account(let account, let line) in book {
            claimed.insert(account.id)
            guard case .account(let attached, _) = together.attach(to: account, line: line) else { continue }
            guard case .schedule(let plan) = attached.basis else { throw Violation("\(account.id) without a schedule") }
            let own = taken[account.id] ?? (0, 0)
            try requireEqual(plan.instalments.count, own.instalments, "instalments of \(account.id)")
            try requireEqual(plan.payments.count, own.payments, "payments of \(account.id)")
            try check(attached)
        }
        let orphans = taken.filter { !claimed.contains($0.key) }.values.reduce(0) { $0 + $1.instalments + $1.payments }
        try requireEqual(together.unclaimed().count, orphans, "rows of accounts that the book does not have")
    }
}

private func readBook(
    _ pieces: [ArraySlice<UInt8>], _ map: ColumnMap, _ hasSchedule: Bool
) -> Result<[BookRow], BookFault> {
    Result { () throws(BookFault) -> [BookRow] in
        var reader = BookReader(map: map, decoding: Maps.shared.decoding(map.book), hasSchedule: hasSchedule)
        var rows: [BookRow] = []
        for piece in pieces { rows += try reader.feed(piece) }
        return try rows + reader.finish()
    }
}

extension ScheduleRow {
    fileprivate var line: Int {
        switch self {
        case .item(_, _, let line): line
        case .reject(let reject, _): reject.line
        }
    }
}

/// The lines of the records behind the header.
private func recordLines(_ bytes: ArraySlice<UInt8>, _ layout: FileLayout) -> [Int] {
    CSVReader.rows(of: bytes, dialect: layout.dialect).dropFirst().map(\.line)
}

private func check(_ reject: Reject, _ map: ColumnMap) throws {
    try require(reject.line > 1 || reject.column == "", "a reject on line \(reject.line)")
    try require(reject.got.unicodeScalars.count <= 400, "a reject that shows \(reject.got.unicodeScalars.count)")
    // Other kinds speak of the record and show nothing of the cell.
    guard map == .canonical, reject.column == "phone" || reject.column == "name", reject.kind == .badValue else {
        return
    }
    let isShape = reject.got.unicodeScalars.allSatisfy { "9a文+-() ./;:".unicodeScalars.contains($0) }
    try require(isShape, "shown: \(reject.got)")
}

private func check(_ account: LoanAccount) throws {
    try require((1...64).contains(account.id.text.utf8.count), "an id of \(account.id.text.utf8.count) bytes")
    for amount in [account.balance, account.principal, account.statedArrears].compactMap(\.self) {
        try require(amount.minorUnits.magnitude <= Money.largestMinorUnits.magnitude, "amount \(amount)")
        try requireEqual(amount.currency, account.balance.currency, "currencies of \(account.id)")
    }
    if let phone = account.phone {
        let isNumber = phone.first == "+" && (9...16).contains(phone.utf8.count)
        try require(isNumber && phone.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }, "phone \(phone)")
    }
    let asOf = CalendarDate(dayNumber: 20_458)
    if case .overdue(let delinquency) = recognise(account, asOf: asOf, settings: RecognitionSettings()) {
        try require(delinquency.dpd > 0 && delinquency.arrears.isPositive, "overdue: \(delinquency)")
    }
}

/// Maps of lenders, read once.
private struct Maps: Sendable {
    static let shared = Maps()

    private let maps: [ColumnMap]
    private let gb18030: any TextDecoding

    private init() {
        do {
            maps =
                [.canonical]
                + (try [Self.codes, Self.german, Self.chinese].map { text in
                    try ColumnMap(document: readDocument(yaml: text, source: "map"), source: "map")
                })
            gb18030 = try textDecoding(for: .gb18030)
        } catch {
            preconditionFailure("the maps of the fuzz targets: \(error)")
        }
    }

    func map(_ options: UInt8) -> ColumnMap { maps[Int(options & 3)] }

    func decoding(_ layout: FileLayout) -> any TextDecoding {
        switch layout.dialect.encoding {
        case .utf8: UTF8Decoding()
        case .gb18030: gb18030
        }
    }

    /// Codes, constants, templates, exponents.
    private static let codes = """
        arrears: cycles_past_due
        book:
          columns:
            id: ID
            product: { constant: card }
            currency: { constant: TWD }
            balance: { column: BILL, numbers: { exponents: true } }
            cycles_past_due:
              column: PAY
              values: { "-1": 0, "0": 0, "1": 1, "2": 2 }
              unlisted: keep
            phone: { template: "+886900{ID:06}" }
        """

    /// Decimal commas, other dates, words for nothing.
    private static let german = """
        delimiter: ";"
        dates: dd/MM/yyyy
        numbers: { decimal: ",", grouping: "." }
        empty_words: [NULL, "-"]
        """

    /// GB18030 with a delimiter that may be the second byte of a character.
    private static let chinese = """
        encoding: gb18030
        delimiter: "|"
        dates: yyyy年M月d日
        numbers: { unit: minor }
        """
}
