// Owns: the cases that are placed with an agency together, and their two files. Knows no folder.
import Arrears
import Crypto
import Foundation
import Tables

/// A batch before it is written.
struct PlacementBatch {
    let terms: PlacementTerms
    let name: BatchName
    /// In order of task id.
    let cases: [(task: TaskID, content: PlacementContent)]

    init(terms: PlacementTerms, cases: [(task: TaskID, content: PlacementContent)]) {
        precondition(cases.allSatisfy { PlacementTerms($0.content) == terms }, "cases of other terms in \(terms)")
        self.terms = terms
        self.cases = cases.sorted { $0.task < $1.task }
        self.name = BatchName(terms, tasks: cases.map(\.task))
    }

    static let columns = [
        "task_id", "case_ref", "debtor_name", "phone", "currency", "arrears", "balance", "dpd", "product", "region",
        "placement",
    ]

    /// Columns that say something of the person: what is disclosed must be told with the purpose and the term.
    static let personalData = [
        "case_ref", "debtor_name", "phone", "arrears", "balance", "dpd", "product", "region",
    ]

    var casesCSV: [UInt8] {
        var text = CSVWriter.inertLine(PlacementBatch.columns)
        for (task, content) in cases {
            text += CSVWriter.inertLine([
                task.text, content.caseRef, content.debtorName, content.phone, content.balance.currency.code,
                content.arrears.decimal, content.balance.decimal, String(content.dpd), content.product, content.region,
                String(content.placement),
            ])
        }
        return Array(text.utf8)
    }

    func manifest(sequence: Int, lender: String, casesCSV: [UInt8]) -> BatchManifest {
        let byCurrency = Dictionary(grouping: cases) { $0.content.balance.currency }
        let totals = byCurrency.map { currency, cases in
            let zero = Money.zero(currency)
            return BatchManifest.ControlTotal(
                currency: currency, cases: cases.count,
                arrears: cases.reduce(zero) { $0 + $1.content.arrears }.decimal,
                balance: cases.reduce(zero) { $0 + $1.content.balance }.decimal)
        }
        return BatchManifest(
            format: 1, batch: name.description, sequence: sequence, agency: terms.agency, lender: lender,
            businessDate: terms.businessDate, expiresOn: terms.expiresOn, purpose: terms.purpose,
            personalData: PlacementBatch.personalData,
            cases: .init(
                file: "cases.csv", rows: cases.count, bytes: casesCSV.count,
                sha256: hex(SHA256.hash(data: casesCSV))),
            controlTotals: totals.sorted { $0.currency.code < $1.currency.code }, taskIDs: cases.map(\.task))
    }
}

/// `manifest.json`: what makes a batch complete, and lets the agency check it.
struct BatchManifest: Hashable, Codable, Sendable {
    struct CasesFile: Hashable, Codable, Sendable {
        var file: String
        var rows: Int
        var bytes: Int
        var sha256: String
    }

    struct ControlTotal: Hashable, Codable, Sendable {
        var currency: Currency
        var cases: Int
        /// Plain decimals.
        var arrears: String
        var balance: String
    }

    var format: Int
    var batch: String
    /// 1, 2, 3, … per agency, without gaps.
    var sequence: Int
    var agency: String
    var lender: String
    var businessDate: CalendarDate
    var expiresOn: CalendarDate
    var purpose: String
    var personalData: [String]
    var cases: CasesFile
    var controlTotals: [ControlTotal]
    var taskIDs: [TaskID]

    enum CodingKeys: String, CodingKey {
        case format, batch, sequence, agency, lender, purpose, cases
        case businessDate = "business_date"
        case expiresOn = "expires_on"
        case personalData = "personal_data"
        case controlTotals = "control_totals"
        case taskIDs = "task_ids"
    }
}

/// Our own record of a batch that was placed: what its answers are checked against. No personal data.
package struct PlacedBatch: Hashable, Codable, Sendable {
    package var name: BatchName
    var sequence: Int
    var sha256: String
    /// What was owed of each case when it was placed.
    package var balances: [TaskID: Money]

    init(_ batch: PlacementBatch, manifest: BatchManifest) {
        name = batch.name
        sequence = manifest.sequence
        sha256 = manifest.cases.sha256
        balances = Dictionary(uniqueKeysWithValues: batch.cases.map { ($0.task, $0.content.balance) })
    }

    /// Where the proof of a placement is.
    var evidence: String { "\(name) #\(sequence) sha256:\(sha256)" }

    private struct Stored: Codable {
        var batch: String
        var sequence: Int
        var sha256: String
        var balances: [String: Money]
    }

    package init(from decoder: any Decoder) throws {
        let stored = try Stored(from: decoder)
        guard let name = BatchName(stored.batch) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "expected a batch's name"))
        }
        self.name = name
        sequence = stored.sequence
        sha256 = stored.sha256
        balances = Dictionary(uniqueKeysWithValues: stored.balances.map { (TaskID($0.key), $0.value) })
    }

    package func encode(to encoder: any Encoder) throws {
        try Stored(
            batch: name.description, sequence: sequence, sha256: sha256,
            balances: Dictionary(uniqueKeysWithValues: balances.map { ($0.key.text, $0.value) })
        ).encode(to: encoder)
    }
}

/// How every JSON file of the exchange is written: sorted keys, so that equal content is equal bytes.
enum ExchangeJSON {
    static func bytes(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(value)) + [UInt8(ascii: "\n")]
    }

    static func value<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }
}
