// Owns: the files of one case's evidence as bytes, the same for the same task. Knows no folder and no clock.
import Arrears
import Crypto
import Foundation
import SystemParts
import Tables
import WorkerKit

/// What is handed to counsel: the account, what was done, and a manifest that shows any later change.
struct EvidenceFolder {
    let name: String
    let files: [DurableFiles.File]
    /// SHA-256 of `manifest.json`, in hex.
    let digest: String

    static let manifestName = "manifest.json"

    init(task: TaskID, content: LegalContent, lender: String) throws {
        name = EvidenceFolder.name(task: task, caseRef: content.caseRef)
        let notices = content.history.filter { $0.kind == .notice }
        let documents: [DurableFiles.File] = [
            .init(name: "account.json", bytes: try EvidenceFolder.json(Account(content, lender: lender))),
            .init(name: "history.csv", bytes: EvidenceFolder.table(content.history)),
            .init(name: "notices.csv", bytes: EvidenceFolder.table(notices)),
            .init(name: "summary.md", bytes: Array(EvidenceSummary.text(content, lender: lender).utf8)),
        ]
        let manifest = try EvidenceFolder.json(
            Manifest(
                format: 1, task: task, caseRef: content.caseRef, businessDate: content.businessDate,
                files: documents.map(Manifest.Entry.init)))
        files = documents + [.init(name: EvidenceFolder.manifestName, bytes: manifest)]
        digest = EvidenceFolder.sha256(manifest)
    }

    /// `<case>.<task>`, each with other characters than letters, digits, `-` and `_` replaced: a case's name can never
    /// lead out of the folder. The task's id keeps the names apart.
    static func name(task: TaskID, caseRef: String) -> String {
        "\(word(caseRef, limit: 40)).\(word(task.text, limit: 80))"
    }

    /// What `manifest.json` says of the other files.
    struct Manifest: Codable, Hashable {
        struct Entry: Codable, Hashable {
            var name: String
            var bytes: Int
            var sha256: String

            init(_ file: DurableFiles.File) {
                name = file.name
                bytes = file.bytes.count
                sha256 = EvidenceFolder.sha256(file.bytes)
            }
        }

        var format: Int
        var task: TaskID
        var caseRef: String
        var businessDate: CalendarDate
        var files: [Entry]

        enum CodingKeys: String, CodingKey {
            case format, files
            case task = "task_id"
            case caseRef = "case_ref"
            case businessDate = "business_date"
        }
    }

    static func sha256(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(SHA256.hash(data: bytes).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    private struct Account: Encodable {
        struct Amount: Encodable {
            var amount: String
            var currency: String

            init(_ money: Money) {
                amount = money.decimal
                currency = money.currency.code
            }
        }

        var lender: String
        var caseRef: String
        var debtorName: String
        var product: String
        var businessDate: CalendarDate
        var dpd: Int
        var balance: Amount
        var arrears: Amount
        var oldestUnpaidDueDate: CalendarDate?
        var limitationEndsOn: CalendarDate?
        var documents: [String]
        var approvedBy: String?

        init(_ content: LegalContent, lender: String) {
            self.lender = lender
            caseRef = content.caseRef
            debtorName = content.debtorName
            product = content.product
            businessDate = content.businessDate
            dpd = content.dpd
            balance = Amount(content.balance)
            arrears = Amount(content.arrears)
            oldestUnpaidDueDate = content.oldestUnpaidDueDate
            limitationEndsOn = content.limitationEndsOn
            documents = content.presentDocuments.sorted()
            approvedBy = content.approvedBy
        }

        enum CodingKeys: String, CodingKey {
            case lender, product, dpd, balance, arrears, documents
            case caseRef = "case_ref"
            case debtorName = "debtor_name"
            case businessDate = "business_date"
            case oldestUnpaidDueDate = "oldest_unpaid_due_date"
            case limitationEndsOn = "limitation_ends_on"
            case approvedBy = "approved_by"
        }
    }

    private static func table(_ history: [CaseHistoryEntry]) -> [UInt8] {
        var text = CSVWriter.inertLine([
            "date", "kind", "stage", "step", "outcome", "currency", "amount", "due", "evidence",
        ])
        for entry in history {
            text += CSVWriter.inertLine([
                entry.date.iso, entry.kind.rawValue, entry.stage.rawValue, entry.step, entry.outcome.rawValue,
                entry.amount?.currency.code ?? "", entry.amount?.decimal ?? "", entry.due?.iso ?? "", entry.evidence,
            ])
        }
        return Array(text.utf8)
    }

    private static func json(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(value)) + [UInt8(ascii: "\n")]
    }

    private static func word(_ text: String, limit: Int) -> String {
        let safe = text.unicodeScalars.map { scalar -> Character in
            let isSafe = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            return isSafe || scalar == "-" || scalar == "_" ? Character(scalar) : "_"
        }
        return safe.isEmpty ? "_" : String(safe.prefix(limit))
    }
}
