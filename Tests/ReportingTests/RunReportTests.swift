@testable import Reporting
@testable import Arrears
import Foundation
import FoundationXML
@testable import Ledger
@testable import Tables
import Testing

@Suite struct RunReportTests {
    @Test func `Every account is counted once and the sum balances`() throws {
        let report = try RunReport(reading: CannedLedger.smallDay(), run: "day-1")

        #expect(report.balance == .init(accountsRead: 9, accountsWithResult: 9, isBalanced: true))
        #expect(report.intake == .init(rowsRead: 10, accounts: 9, rejects: ["badDate": 1]))
        #expect(report.totals.reduce(0) { $0 + $1.sum.accounts } == 9)
        #expect(report.openTasks == 1)
        #expect(report.uncertain == 1)
        #expect(report.isFinal)
    }

    @Test func `A missing account is said in every format`() throws {
        var ledger = try CannedLedger.smallDay()
        ledger.accounts = 10
        let report = try RunReport(reading: ledger, run: "day-1")

        #expect(!report.balance.isBalanced)
        #expect(report.terminal().contains("NOT BALANCED: 9 accounts with a result, 10 accounts read"))
        #expect(report.html().contains("<b>Not balanced:</b> 9 accounts have a result, but 10 were read."))
        #expect(try report.json().contains("\"isBalanced\" : false"))
    }

    @Test func `Buckets follow the policy and then their numbers`() throws {
        let ledger = try CannedLedger.smallDay()
        let natural = try RunReport(reading: ledger, run: "day-1")
        let stated = try RunReport(reading: ledger, run: "day-1", buckets: ["M10", "M1", "M2"])

        #expect(natural.cases { $0.bucket }.map(\.word) == ["M1", "M2", "M10"])
        #expect(stated.cases { $0.bucket }.map(\.word) == ["M10", "M1", "M2"])
    }

    @Test func `Amounts of two currencies are never added`() throws {
        let report = try RunReport(reading: CannedLedger.smallDay(), run: "day-1")
        let yuan = try #require(Currency("CNY"))
        let dollar = try #require(Currency("USD"))

        #expect(
            RunReport.Sum(report.cells).arrears == [
                Money(minorUnits: 123_506_789, currency: yuan), Money(minorUnits: 70_000, currency: dollar),
            ])
        #expect(report.events.map(\.amounts) == [[Money(minorUnits: 750, currency: yuan)]])
    }

    @Test func `An unknown run and an unknown result are errors`() throws {
        var ledger = try CannedLedger.smallDay()
        #expect(throws: LedgerError(.notFound, "report: expected a run \"day-2\" in the ledger, got none")) {
            try RunReport(reading: ledger, run: "day-2")
        }
        ledger.cells[0].result = "vanished"
        #expect(
            throws: LedgerError(
                .corrupt, "report cell of kind outcome: expected a known result, got \"vanished\"")
        ) {
            try RunReport(reading: ledger, run: "day-1")
        }
    }
}

@Suite struct ReportFormatTests {
    private func report() throws -> RunReport {
        try RunReport(
            reading: CannedLedger.smallDay(), run: "day-1",
            inputs: .init(
                policy: "cn-consumer", policyVersion: "1", policyDigest: String(repeating: "ab", count: 32),
                book: "book & <co>.csv", bookDigest: String(repeating: "cd", count: 32)))
    }

    @Test func `JSON comes back as the same report`() throws {
        let report = try report()
        let json = try report.json()

        #expect(try RunReport(json: json.utf8) == report)
        #expect(try RunReport(json: json.utf8).json() == json)
    }

    @Test func `Two runs differ in timings only`() throws {
        var later = try CannedLedger.smallDay()
        later.record?.startedAt = Timestamp(milliseconds: 1_767_600_999_000)
        later.stages = later.stages.map { stage in
            var moved = stage
            moved.updatedAt = stage.updatedAt.adding(milliseconds: 3_600_000)
            return moved
        }
        later.cells.reverse()
        later.news.reverse()
        let first = try RunReport(reading: CannedLedger.smallDay(), run: "day-1")
        let second = try RunReport(reading: later, run: "day-1")

        #expect(try first.json() != second.json())
        #expect(try first.withoutTimings.json() == second.withoutTimings.json())
        #expect(try !first.withoutTimings.json().contains("timings"))
    }

    @Test func `CSV parses back with one row per cell`() throws {
        let rows = CSVReader.rows(of: try report().csv().utf8).map { row -> [String]? in
            guard case .record(let record) = row else { return nil }
            return record.texts()
        }

        #expect(rows.count == 7)
        #expect(rows.allSatisfy { $0?.count == 12 })
        #expect(
            rows[2] == [
                "day-1", "2026-01-05", "reason", "M1", "standard", "", "noContactPoint", "1", "CNY", "1.00", "10.00",
                "0.00",
            ])
        #expect(rows[6]?[9...] == ["700.00", "7000.00", "70.05"])
    }

    @Test func `The terminal shows sums and lines up wide characters`() throws {
        let text = try report().terminal(width: 140)

        #expect(text.contains("Recoup · run day-1 · as of 2026-01-05\n"))
        #expect(text.contains("  balanced: 9 accounts with a result = 9 accounts read\n"))
        #expect(text.contains("  no answer         Calls          2  1,234,567.89"))
        let lines = text.split(separator: "\n").map(String.init)
        let wide = try #require(lines.first { $0.contains("催收<一>  ") })
        let plain = try #require(lines.first { $0.contains("  standard") })
        func column(of part: String, in line: String) throws -> Int {
            let range = try #require(line.range(of: part))
            return TextTable.width(String(line[..<range.upperBound]))
        }
        #expect(try column(of: "1,234,567.89", in: wide) == column(of: " 500.00", in: plain))
    }

    @Test(arguments: [80, 100, 200]) func `No line is wider than the terminal`(width: Int) throws {
        var ledger = try CannedLedger.smallDay()
        ledger.cells = ledger.cells.filter { $0.currency.code == "CNY" }
        for index in ledger.cells.indices where ledger.cells[index].kind != .notACase {
            ledger.cells[index].segment = String(repeating: "长长的", count: 40)
        }
        let lines = try RunReport(reading: ledger, run: "day-1").terminal(width: width).split(separator: "\n")

        #expect(lines.contains { $0.contains("长…") || $0.contains("的…") })
        for line in lines { #expect(TextTable.width(String(line)) <= width, "\(line)") }
    }

    @Test func `A name cannot move the cursor`() throws {
        var ledger = try CannedLedger.smallDay()
        ledger.cells[0].segment = "late\u{1B}[2J"
        let report = try RunReport(reading: ledger, run: "day-1")

        #expect(!report.terminal().contains("\u{1B}"))
        #expect(report.terminal(colour: true).contains("\u{1B}[1m"))
        #expect(!report.html().contains("\u{1B}"))
    }

    @Test func `The page is well formed and fetches nothing`() throws {
        let page = try report().html()
        let reader = PageReader()
        let parser = XMLParser(data: Data(page.utf8))
        parser.delegate = reader

        #expect(parser.parse(), "line \(parser.lineNumber): \(String(describing: parser.parserError))")
        #expect(reader.elements.isSuperset(of: ["svg", "caption", "details", "rect"]))
        #expect(reader.elements.isDisjoint(with: ["script", "link", "img", "iframe"]))
        #expect(reader.attributes.isDisjoint(with: ["href", "src", "onclick"]))
        for fetched in ["http:", "https:", "url(", "@import", "//"] { #expect(!page.contains(fetched)) }
        #expect(reader.text.contains("催收<一>"))
        #expect(reader.text.contains("book & <co>.csv"))
    }

    @Test func `Stacks fill their line exactly`() throws {
        let report = try report()
        let chart = HTMLCharts.stacks(report.cases { $0.bucket }, label: "x")
        let second = chart.split(separator: "<text").first { $0.contains(">M2</text>") } ?? ""
        let lengths = second.matches(of: /width="(\d+)"/).compactMap { Int($0.output.1) }

        #expect(lengths == [220, 440])
    }

    @Test func `No format holds an account or a person`() throws {
        let report = try report()
        for text in [try report.json(), report.csv(), report.html(), report.terminal()] {
            #expect(!text.contains("A-77"))
            #expect(!text.contains("C-77"))
        }
    }
}

@Suite struct ReportWordsTests {
    @Test func `Numbers amounts and times read well`() throws {
        let dinar = try #require(Currency("KWD"))
        let yen = try #require(Currency("JPY"))
        #expect(ReportWords.grouped(0) == "0")
        #expect(ReportWords.grouped(-1_234_567) == "-1,234,567")
        #expect(ReportWords.grouped(Money(minorUnits: -999, currency: dinar)) == "-0.999")
        #expect(ReportWords.grouped(Money(minorUnits: 123_456, currency: yen)) == "123,456")
        #expect(ReportWords.words("rejectedByAgency") == "rejected by agency")
        #expect(ReportWords.utc(Timestamp(milliseconds: 951_827_696_789)) == "2000-02-29 12:34:56 UTC")
        #expect(ReportWords.utc(Timestamp(milliseconds: -1)) == "1969-12-31 23:59:59 UTC")
        #expect(ReportWords.duration(9_999) == "9.99 s")
        #expect(ReportWords.duration(245_900) == "4 min 05 s")
        #expect(ReportWords.share(1, of: 8) == "12.5 %")
        #expect(ReportWords.share(0, of: 0) == "–")
    }

    @Test func `Wide characters take two columns`() {
        #expect(TextTable.width("abc") == 3)
        #expect(TextTable.width("催收") == 4)
        #expect(TextTable.width("e\u{301}") == 1)
        #expect(TextTable.width("😀") == 2)
        #expect(TextTable.cut("催收催收", to: 5) == "催收…")
        #expect(TextTable.cut("催收催收", to: 4) == "催…")
    }
}

/// Collects what a page is made of.
private final class PageReader: NSObject, XMLParserDelegate {
    var elements: Set<String> = []
    var attributes: Set<String> = []
    var text = ""

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes values: [String: String]
    ) {
        elements.insert(name)
        attributes.formUnion(values.keys)
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
