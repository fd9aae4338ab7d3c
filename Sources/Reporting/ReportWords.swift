// Owns: how codes, numbers, amounts and times read to a person. Knows nothing of where they are shown.
import Leasing
import Arrears
import Ledger

/// What a result means to the person behind it, in few enough groups for a chart.
enum ResultGroup: String, CaseIterable {
    case agreed, reached, handedOn, notReached, notMade, leftAlone, open

    init(_ cell: RunReport.Cell) {
        switch cell.kind {
        case .notACase, .reason: self = .leftAlone
        case .open: self = .open
        case .outcome: self = OutcomeCode(rawValue: cell.result).map(ResultGroup.init) ?? .open
        }
    }

    init(_ code: OutcomeCode) {
        switch code {
        case .promiseToPay, .agencyPayment: self = .agreed
        case .delivered, .rightParty, .refusesToPay, .disputes, .callBack, .agencyContact: self = .reached
        case .placed, .placedUnacknowledged, .evidencePrepared: self = .handedOn
        case .undelivered, .sentUnconfirmed, .noAnswer, .busy, .wrongNumber, .queuedUnanswered, .madeResultUnknown:
            self = .notReached
        case .rejectedByGateway, .rejectedByDialer, .rejectedByAgency, .agencyReturn, .refusedByGate, .invalidContent,
            .windowClosed:
            self = .notMade
        }
    }

    var title: String {
        switch self {
        case .agreed: "Promised or paid"
        case .reached: "Reached"
        case .handedOn: "Handed on"
        case .notReached: "Not reached"
        case .notMade: "Refused or returned"
        case .leftAlone: "Left alone"
        case .open: "Open"
        }
    }

    /// For columns of a terminal.
    var shortTitle: String {
        switch self {
        case .agreed: "agreed"
        case .reached: "reached"
        case .handedOn: "handed on"
        case .notReached: "missed"
        case .notMade: "refused"
        case .leftAlone: "left alone"
        case .open: "open"
        }
    }
}

enum ReportWords {
    /// `noStepDue` → `no step due`.
    static func words(_ code: String) -> String {
        var text = ""
        for character in code {
            if character.isUppercase && !text.isEmpty { text.append(" ") }
            text.append(contentsOf: character.lowercased())
        }
        return text
    }

    static func title(_ stage: Stage?) -> String {
        stage?.descriptor.title ?? "–"
    }

    static func title(_ kind: ReportCell.Kind) -> String {
        switch kind {
        case .notACase: "Not in arrears"
        case .reason: "Left alone today"
        case .outcome: "Done"
        case .open: "Not done"
        }
    }

    /// `1,234,567`.
    static func grouped(_ number: some BinaryInteger) -> String {
        let digits = String(number.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return number < 0 ? "-" + text : text
    }

    /// `1,234.50`, without the currency.
    static func grouped(_ amount: Money) -> String {
        let parts = amount.decimal.split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first else { return amount.decimal }
        let sign = whole.hasPrefix("-") ? "-" : ""
        let digits = UInt64(whole.drop { $0 == "-" }).map { grouped($0) } ?? String(whole)
        return sign + digits + (parts.count > 1 ? "." + parts[1] : "")
    }

    /// `12 CNY + 3 USD`; empty without amounts other than zero.
    static func list(_ amounts: [Money]) -> String {
        amounts.filter { $0.minorUnits != 0 }.map { "\(grouped($0)) \($0.currency)" }.joined(separator: " + ")
    }

    /// `2026-01-05 08:30:00 UTC`.
    static func utc(_ moment: Timestamp) -> String {
        let dayLength: Int64 = 86_400_000
        let day = moment.milliseconds >= 0 ? moment.milliseconds / dayLength : (moment.milliseconds + 1) / dayLength - 1
        let seconds = (moment.milliseconds - day * dayLength) / 1000
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        return "\(CalendarDate(dayNumber: Int(day)).iso) \(clock) UTC"
    }

    /// `0.25 s`, `12.3 s`, `4 min 05 s`, `2 h 07 min`.
    static func duration(_ milliseconds: Int64) -> String {
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        switch milliseconds {
        case ..<10_000: return "\(milliseconds / 1000).\(two(milliseconds % 1000 / 10)) s"
        case ..<60_000: return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
        case ..<3_600_000: return "\(milliseconds / 60_000) min \(two(milliseconds / 1000 % 60)) s"
        default: return "\(milliseconds / 3_600_000) h \(two(milliseconds / 60_000 % 60)) min"
        }
    }

    /// Of all, in tenths of a percent: `12.5 %`.
    static func share(_ part: Int, of all: Int) -> String {
        guard all > 0 else { return "–" }
        let tenths = (part * 1000 + all / 2) / all
        return "\(tenths / 10).\(tenths % 10) %"
    }

    /// `M2` before `M10`: runs of digits compare as numbers.
    static func naturalOrder(_ left: String, _ right: String) -> Bool {
        let (leftParts, rightParts) = (runs(left), runs(right))
        for (one, other) in zip(leftParts, rightParts) where one != other {
            if let first = Int(one), let second = Int(other), first != second { return first < second }
            return one < other
        }
        return leftParts.count < rightParts.count
    }

    private static func runs(_ text: String) -> [String] {
        var runs: [String] = []
        var wasDigit = false
        for character in text {
            let isDigit = character.isASCII && character.isNumber
            if runs.isEmpty || isDigit != wasDigit { runs.append("") }
            runs[runs.count - 1].append(character)
            wasDigit = isDigit
        }
        return runs
    }
}

extension RunReport {
    /// Currencies in order of code.
    var currencies: [Currency] {
        Set(cells.map(\.arrears.currency)).sorted { $0.code < $1.code }
    }

    /// Cells of accounts in arrears.
    var caseCells: [Cell] { cells.filter { $0.kind != .notACase } }

    /// Sums of the cases by a word of theirs, in the cells' order.
    func cases(by word: (Cell) -> String) -> [(word: String, cells: [Cell])] {
        var order: [String] = []
        var groups: [String: [Cell]] = [:]
        for cell in caseCells {
            let key = word(cell)
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(cell)
        }
        return order.map { ($0, groups[$0] ?? []) }
    }
}

extension Sequence<RunReport.Cell> {
    var accounts: Int { reduce(0) { $0 + $1.accounts } }

    func accounts(in group: ResultGroup) -> Int { filter { ResultGroup($0) == group }.accounts }
}
