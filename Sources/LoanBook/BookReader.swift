// Owns: a row of the book → LoanAccount, or a reject. Knows nothing of where the bytes come from.
import Arrears
import Tables

/// What a row of the book came to.
package enum BookRow: Hashable, Sendable {
    /// With the line on which its row begins.
    case account(LoanAccount, line: Int)
    case reject(Reject)

    package var line: Int {
        switch self {
        case .account(_, let line): line
        case .reject(let reject): reject.line
        }
    }
}

/// Reads a book from chunks of bytes of any size. The same bytes give the same rows, however they are cut: who resumes
/// reads the file again from its start and passes over the lines that are done.
package struct BookReader {
    private var table: TableReader
    private let map: ColumnMap
    private let hasSchedule: Bool
    private var form: ArrearsForm?
    private var hasRows = false
    /// The line on which each account was first seen. Schedules name an account by its number alone, so where there are any
    /// a number stands for one account in all portfolios.
    private var lines: [CaseID: Int] = [:]

    /// - Parameters:
    ///   - map: where each field of an account is found in the file.
    ///   - decoding: of the encoding that `map.book` names; another one is a bug of the caller.
    ///   - hasSchedule: instalments and payments come in files of their own, and tell the arrears.
    package init(map: ColumnMap = .canonical, decoding: any TextDecoding = UTF8Decoding(), hasSchedule: Bool = false) {
        self.table = TableReader(file: .book, map: map, decoding: decoding)
        self.map = map
        self.hasSchedule = hasSchedule
    }

    /// More bytes of the file.
    /// - Returns: the rows that are complete now.
    /// - Throws: when the header does not fit the map. Nothing can be read then.
    package mutating func feed(_ bytes: some Sequence<UInt8>) throws(BookFault) -> [BookRow] {
        table.append(bytes)
        let rows = try rows()
        hasRows = hasRows || !rows.isEmpty
        return rows
    }

    /// The end of the file.
    /// - Returns: the rows that the end completes.
    package mutating func finish() throws(BookFault) -> [BookRow] {
        table.close()
        let rows = try rows()
        hasRows = hasRows || !rows.isEmpty
        try table.checkNotEmpty()
        guard hasRows else {
            throw BookFault(file: .book, code: .emptyFile, expected: "a row of an account below it", got: "no row")
        }
        return rows
    }

    private mutating func rows() throws(BookFault) -> [BookRow] {
        var rows: [BookRow] = []
        while let row = try table.next() {
            let form = try arrearsForm()
            switch row {
            case .reject(let reject, _): rows.append(.reject(reject))
            case .row(let row):
                do {
                    rows.append(.account(try account(row, form), line: row.line))
                } catch {
                    rows.append(.reject(error.reject))
                }
            }
        }
        // A header alone must fit, too.
        if table.header != nil { _ = try arrearsForm() }
        return rows
    }

    // MARK: The form of arrears

    /// Found once, when the header is there.
    private mutating func arrearsForm() throws(BookFault) -> ArrearsForm {
        if let form { return form }
        guard let header = table.header else { preconditionFailure("the form of arrears before the header") }
        func fault(_ expected: String, _ got: String) -> BookFault {
            BookFault(file: .book, code: .arrearsForm, expected: expected, got: got)
        }
        var told = ArrearsForm.allCases.filter { $0.field.map(header.has) ?? hasSchedule }
        if let form = map.arrears {
            guard told.contains(form) else {
                let expected = form.field?.name ?? "a schedule file and a payments file"
                throw fault("arrears as \(form.rawValue)", "no \(expected)")
            }
            told = [form]
        }
        guard told.count == 1 else {
            let forms = ArrearsForm.allCases.map(\.rawValue).joined(separator: ", ")
            let got = told.isEmpty ? "none of them" : told.map(\.rawValue).joined(separator: " and ")
            throw fault("arrears in one of the forms \(forms), or a map that says which", got)
        }
        form = told[0]
        return told[0]
    }

    // MARK: The row

    private mutating func account(_ row: RowReader, _ form: ArrearsForm) throws(Rejection) -> LoanAccount {
        let id = try row.identifier(.id)
        let portfolio = try row.text(.portfolio, atMost: FieldValue.longestIdentifier).map { PortfolioID($0) }
        let caseID = CaseID(AccountID(id), in: portfolio ?? .standard)
        let key = hasSchedule ? CaseID(id) : caseID
        // An id counts as seen even when its row is rejected further on: two rows with one id are both in doubt.
        if let first = lines[key] {
            let fault = ValueFault(kind: .duplicateID, expected: "each account once (first on line \(first))")
            throw row.rejection(.id, fault, got: id)
        }
        lines[key] = row.line
        let customer = row.header.has(.customerID) ? try row.identifier(.customerID) : caseID.text
        let product = try row.required(.product, try row.text(.product))
        let currency = try row.required(.currency, try row.currency())
        var account = LoanAccount(
            id: AccountID(id), customer: CustomerID(customer), portfolio: portfolio ?? .standard, product: product,
            balance: try row.required(.balance, try row.amount(.balance, currency)),
            basis: try basis(row, form))
        account.principal = try row.amount(.principal, currency, negative: .negativePrincipal)
        account.statedArrears = try statedArrears(row, account.balance)
        try fillPerson(of: &account, from: row)
        try fillFile(of: &account, from: row)
        return account
    }

    /// Nobody is asked for more than the whole debt: one of the two figures is wrong, and nobody here knows which.
    private func statedArrears(_ row: RowReader, _ balance: Money) throws(Rejection) -> Money? {
        let arrears = try row.amount(.arrears, balance.currency, negative: .badNumber)
        if let arrears, balance.isPositive, arrears.minorUnits > balance.minorUnits {
            let fault = ValueFault(kind: .badNumber, expected: "at most the balance, \(balance.decimal)")
            throw row.rejection(.arrears, fault, got: arrears.decimal)
        }
        return arrears
    }

    private func basis(_ row: RowReader, _ form: ArrearsForm) throws(Rejection) -> ArrearsBasis {
        switch form {
        case .oldestUnpaidDueDate: .oldestUnpaidDueDate(try row.date(.oldestUnpaidDueDate))
        case .dpd: .dpd(try row.required(.dpd, try row.integer(.dpd, in: FieldValue.days)))
        case .cyclesPastDue:
            .cyclesPastDue(
                try row.required(.cyclesPastDue, try row.integer(.cyclesPastDue, in: FieldValue.cycles)))
        case .schedule: .schedule(RepaymentSchedule(instalments: [], payments: []))
        }
    }

    /// Who and where the person is.
    private func fillPerson(of account: inout LoanAccount, from row: RowReader) throws(Rejection) {
        account.region = try row.text(.region, atMost: FieldValue.longestIdentifier)?.uppercased()
        account.timeZone = try row.timeZone()
        account.phone = try row.phone()
        account.name = try row.text(.name)
        account.language = try row.text(.language, atMost: FieldValue.longestIdentifier)
        account.riskScore = try row.integer(.riskScore, in: FieldValue.riskScores)
    }

    /// What happened before, and what is on file.
    private func fillFile(of account: inout LoanAccount, from row: RowReader) throws(Rejection) {
        account.isFirstTime = try row.flag(.firstTime)
        account.previousOutcomes = try row.list(.previousOutcomes)
        account.holds = try row.holds()
        account.documents = try row.list(.documents)
        account.limitationRestart = try row.date(.limitationRestart)
        account.finalDueDate = try row.date(.finalDueDate)
        account.hasHardshipEvidence = try row.flag(.hardshipEvidence) ?? false
        account.legalApproval = try row.text(.legalApproval)
    }
}
