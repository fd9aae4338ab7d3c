// Owns: agencies that answer the batches in their outbox, as docs/agency-exchange.md asks, written from that page alone.
// Knows nothing of the worker that wrote the batches.
import Arrears
import Crypto
import Foundation
import Tables

/// What an agency does with a case.
enum AgencyAnswer: Hashable {
    case rejects
    case contacts
    /// In thousandths of the arrears.
    case collects(perMille: Int)
    case returns
    case worksOn
}

extension DebtorBehaviour {
    /// Of a thousand cases: 30 rejected, 350 contacted, 120 paid in part, 50 returned; on the others it works on.
    func agencyAnswer(to task: TaskID) -> AgencyAnswer {
        choose(
            "agency", task,
            [
                (30, .rejects), (350, .contacts),
                (120, .collects(perMille: 100 + draw("agency-payment", task, below: 500))), (50, .returns),
                (450, .worksOn),
            ])
    }
}

/// The agencies below one folder: they look for batches and answer each once.
package struct SandboxAgencies: SandboxInhabitant {
    /// What an agency reads of a manifest.
    private struct Manifest: Decodable {
        struct Cases: Decodable {
            var file: String
            var rows: Int
            var sha256: String
        }
        var batch: String
        var businessDate: CalendarDate
        var cases: Cases

        enum CodingKeys: String, CodingKey {
            case batch, cases
            case businessDate = "business_date"
        }
    }

    private struct Placement {
        var task: TaskID
        var arrears: Money
        var balance: Money
    }

    private let root: String
    private let debtors: DebtorBehaviour
    private let record: EffectRecord
    private let interval: Duration

    /// - Parameters:
    ///   - root: the folder with one folder per agency.
    ///   - interval: between two looks at the outboxes.
    package init(
        root: String, debtors: DebtorBehaviour, record: EffectRecord, interval: Duration = .milliseconds(200)
    ) {
        self.root = root
        self.debtors = debtors
        self.record = record
        self.interval = interval
    }

    package func run() async throws {
        var answered: Set<String> = []
        while !Task.isCancelled {
            try await answerWaiting(&answered)
            do { try await Task.sleep(for: interval) } catch { return }
        }
    }

    /// Answers every batch that has no answer yet.
    /// - Parameter answered: paths known to be answered; grows.
    /// - Throws: when the record or an answer cannot be written.
    func answerWaiting(_ answered: inout Set<String>) async throws {
        for agency in names(in: root) {
            let folder = root + "/" + agency
            // In this order: a batch moves from the outbox to sent, never back.
            for place in ["outbox", "sent"] {
                for batch in names(in: folder + "/" + place) where !answered.contains(folder + batch) {
                    if try await answer(batch, at: "\(folder)/\(place)/\(batch)", inbox: folder + "/inbox") {
                        answered.insert(folder + batch)
                    }
                }
            }
        }
    }

    /// Whether the batch has an answer now; false when it moved away meanwhile.
    private func answer(_ batch: String, at path: String, inbox: String) async throws -> Bool {
        let (acknowledgement, results) = ("\(batch).ack.csv", "\(batch).results.csv")
        if isAnswered(results, in: inbox) { return true }
        guard let manifestBytes = FileManager.default.contents(atPath: path + "/manifest.json"),
            let manifest = try? JSONDecoder().decode(Manifest.self, from: manifestBytes),
            let cases = FileManager.default.contents(atPath: path + "/" + manifest.cases.file)
        else { return false }
        guard let placements = placements(in: cases, of: manifest), manifest.batch == batch else {
            throw SandboxAgencyError(
                message: "\(path): expected cases that agree with their manifest, got others")
        }
        let digest = manifest.cases.sha256
        try await withThrowingTaskGroup(of: Void.self) { group in
            for placement in placements {
                group.addTask {
                    _ = try await record.record(kind: .placement, taskID: placement.task, digest: digest)
                }
            }
            try await group.waitForAll()
        }
        if !isAnswered(acknowledgement, in: inbox) {
            try write(acknowledgementText(placements, batch: batch), as: acknowledgement, in: inbox)
        }
        try write(resultsText(placements, batch: batch, on: manifest.businessDate), as: results, in: inbox)
        return true
    }

    /// The cases, or nil when they are not what the manifest says.
    private func placements(in bytes: Data, of manifest: Manifest) -> [Placement]? {
        let digest = SHA256.hash(data: bytes).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }
        guard digest.joined() == manifest.cases.sha256 else { return nil }
        var header: [String]?
        var placements: [Placement] = []
        for row in CSVReader.rows(of: bytes) {
            guard case .record(let record) = row, let fields = record.texts() else { return nil }
            guard let columns = header else {
                header = fields
                continue
            }
            let values = Dictionary(zip(columns, fields)) { first, _ in first }
            guard let task = values["task_id"], let code = values["currency"], let currency = Currency(code),
                let arrears = values["arrears"].flatMap({ try? Money(decimal: $0, currency: currency) }),
                let balance = values["balance"].flatMap({ try? Money(decimal: $0, currency: currency) })
            else { return nil }
            placements.append(Placement(task: TaskID(task), arrears: arrears, balance: balance))
        }
        return placements.count == manifest.cases.rows ? placements : nil
    }

    private func acknowledgementText(_ placements: [Placement], batch: String) -> String {
        var text = CSVWriter.line(["task_id", "status", "reason"])
        for placement in placements {
            let rejects = debtors.agencyAnswer(to: placement.task) == .rejects
            text += CSVWriter.line([
                placement.task.text, rejects ? "rejected" : "accepted", rejects ? "outside-our-region" : "",
            ])
        }
        return text + CSVWriter.line(["END", String(placements.count), batch])
    }

    private func resultsText(_ placements: [Placement], batch: String, on date: CalendarDate) -> String {
        var rows: [[String]] = []
        var paid: [Currency: (count: Int, sum: Money)] = [:]
        for placement in placements {
            let task = placement.task.text
            switch debtors.agencyAnswer(to: placement.task) {
            case .rejects, .worksOn: continue
            case .contacts: rows.append([task, "contact", date.iso, "", "", "spoke"])
            case .returns: rows.append([task, "return", date.iso, "", "", "not-found"])
            case .collects(let perMille):
                rows.append([task, "contact", date.iso, "", "", "promised"])
                let currency = placement.balance.currency
                let part = max(1, placement.arrears.minorUnits / 1000 * Int64(perMille))
                let amount = Money(minorUnits: min(part, placement.balance.minorUnits), currency: currency)
                guard amount.isPositive else { continue }
                rows.append([task, "payment", date.iso, currency.code, amount.decimal, ""])
                let before = paid[currency] ?? (0, .zero(currency))
                paid[currency] = (before.count + 1, before.sum + amount)
            }
        }
        let end = ["END", String(rows.count), "", "", "", batch]
        let totals = paid.sorted { $0.key.code < $1.key.code }
            .map { ["TOTAL", "payment", String($0.value.count), $0.key.code, $0.value.sum.decimal, ""] }
        let header = ["task_id", "kind", "date", "currency", "amount", "detail"]
        return ([header] + rows + totals + [end]).map { CSVWriter.line($0) }.joined()
    }

    /// Whether the file was written before; looked for in the order in which it moves.
    private func isAnswered(_ file: String, in inbox: String) -> Bool {
        ["", "processed/", "refused/"].contains { FileManager.default.fileExists(atPath: "\(inbox)/\($0)\(file)") }
    }

    /// Under a hidden name first: whoever watches the inbox sees the whole file or none.
    private func write(_ text: String, as file: String, in inbox: String) throws {
        let temporary = "\(inbox)/.\(file).part"
        try Data(text.utf8).write(to: URL(fileURLWithPath: temporary))
        guard rename(temporary, "\(inbox)/\(file)") == 0 else {
            throw SandboxAgencyError(message: "rename \(temporary): \(String(cString: strerror(errno)))")
        }
    }

    private func names(in path: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }
}

/// An agency of the sandbox cannot go on.
package struct SandboxAgencyError: Error, Hashable, Sendable, CustomStringConvertible {
    package var message: String
    package var description: String { message }
}
