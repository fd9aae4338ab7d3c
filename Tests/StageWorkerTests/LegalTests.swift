@testable import Arrears
import Crypto
import Foundation
@testable import Leasing
import Synchronization
import Testing
@testable import WorkerKit

@testable import LegalWorker

@Suite struct LegalGateTests {
    @Test func `The first gate that refuses is told in order`() throws {
        var content = try LegalBench.content()
        content.approvedBy = "  "
        content.limitationEndsOn = content.businessDate.adding(days: -1)
        content.balance.minorUnits = content.minimumBalance.minorUnits - 1
        content.presentDocuments = ["identity"]
        content.hasHardshipEvidence = true

        #expect(LegalGate.refusal(of: content)?.gate == .approval)
        content.approvedBy = "Ms Chen"
        #expect(LegalGate.refusal(of: content)?.gate == .limitation)
        content.limitationEndsOn = nil
        #expect(LegalGate.refusal(of: content)?.gate == .limitation)
        content.limitationEndsOn = content.businessDate
        #expect(LegalGate.refusal(of: content)?.gate == .minimumBalance)
        content.balance = content.minimumBalance
        let documents = LegalGate.refusal(of: content)
        #expect(documents?.gate == .documents)
        #expect(documents?.why == "expected all required documents, missing: contract, statement")
        content.presentDocuments = ["statement", "contract"]
        #expect(LegalGate.refusal(of: content)?.gate == .hardship)
        content.hasHardshipEvidence = false
        #expect(LegalGate.refusal(of: content) == nil)
    }

    @Test func `A refusal touches nothing and names nobody`() async throws {
        let bench = try LegalBench()
        let lease = try await bench.work([bench.task("1") { $0.hasHardshipEvidence = true }])

        let outcome = try #require(lease.outcomes["1"])
        #expect(outcome.code == .refusedByGate)
        #expect(outcome.attempt == .notMade)
        #expect(outcome.details["gate"] == "hardship")
        #expect(outcome.details["why"]?.isEmpty == false)
        #expect(!outcome.details.description.contains("王"))
        #expect(lease.log.begun == [])
        #expect(bench.folder.names("") == [])
    }
}

@Suite struct LegalEvidenceTests {
    @Test func `The folder holds what its manifest says and the outcome its digest`() async throws {
        let bench = try LegalBench()
        let lease = try await bench.work([bench.task("t1")])

        let name = "A-1.t1"
        #expect(
            bench.folder.names(name) == [
                "account.json", "history.csv", "manifest.json", "notices.csv", "summary.md",
            ])
        let manifestBytes = try bench.folder.bytes("\(name)/manifest.json")
        let manifest = try JSONDecoder().decode(EvidenceFolder.Manifest.self, from: manifestBytes)
        #expect(manifest.files.map(\.name) == ["account.json", "history.csv", "notices.csv", "summary.md"])
        for file in manifest.files {
            let bytes = try bench.folder.bytes("\(name)/\(file.name)")
            #expect(file.bytes == bytes.count)
            #expect(file.sha256 == digest(bytes))
        }
        #expect(lease.outcomes["t1"]?.evidence == "\(name) sha256:\(digest(manifestBytes))")
        #expect(lease.outcomes["t1"]?.code == .evidencePrepared)
        #expect(
            try bench.folder.text("\(name)/history.csv") == """
                date,kind,stage,step,outcome,currency,amount,due,evidence
                2025-07-01,notice,sms,gentle-sms,delivered,,,,'=message(9)
                2025-07-09,contact,callQueue,call,promiseToPay,CNY,100.00,2025-07-20,"item ""4"", call 1"

                """)
        #expect(
            try bench.folder.text("\(name)/notices.csv") == """
                date,kind,stage,step,outcome,currency,amount,due,evidence
                2025-07-01,notice,sms,gentle-sms,delivered,,,,'=message(9)

                """)
        #expect(try bench.folder.text("\(name)/account.json").contains("\"approved_by\" : \"Ms Chen\""))
        #expect(try bench.folder.text("\(name)/summary.md").contains("| Debtor | 王小明 |"))
    }

    @Test func `The same task again keeps the folder and answers the same`() async throws {
        let bench = try LegalBench()
        let first = try await bench.work([bench.task("t1")])
        let other = try await LegalBench().work([bench.task("t1")])
        let again = try await bench.work([bench.task("t1")])

        #expect(again.outcomes == first.outcomes)
        #expect(other.outcomes == first.outcomes)
    }

    @Test func `An altered folder is said and never written over`() async throws {
        let bench = try LegalBench()
        try await bench.work([bench.task("t1")])
        let altered = try bench.folder.text("A-1.t1/history.csv")
            .replacingOccurrences(of: "2025-07-09,contact", with: "2025-07-08,contact")
        try bench.folder.write(altered, to: "A-1.t1/history.csv")
        let again = try await bench.work([bench.task("t1")])

        #expect(again.outcomes["t1"]?.code == .madeResultUnknown)
        #expect(try bench.folder.text("A-1.t1/history.csv") == altered)
        #expect(bench.noted.contains { $0.contains("A-1.t1/history.csv: expected the bytes of the manifest") })
    }

    @Test(arguments: ["../../etc/cron.d/x", "a/b", "..", "", "王小明", "x\u{0}y"])
    func `A case reference cannot leave the folder`(caseRef: String) async throws {
        let bench = try LegalBench()
        let lease = try await bench.work([bench.task("t1") { $0.caseRef = caseRef }])

        #expect(lease.codes == ["t1": .evidencePrepared])
        let name = try #require(bench.folder.names("").first)
        #expect(bench.folder.names("").count == 1)
        #expect(name.hasSuffix(".t1"))
        #expect(name.dropLast(3).allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") })
    }

    @Test func `Killed before the intent nothing is written killed after it is found`() async throws {
        let bench = try LegalBench()
        await #expect(throws: ScriptedLease.Broken.self) {
            try await bench.work([bench.task("t1")], under: ScriptedLease(breaksAt: .begin))
        }
        #expect(bench.folder.names("") == [])
        let never = try await bench.work([bench.task("t1", mode: .inquire)])
        #expect(never.outcomes["t1"]?.attempt == .neverSeen)

        await #expect(throws: ScriptedLease.Broken.self) {
            try await bench.work([bench.task("t1")], under: ScriptedLease(breaksAt: .finish))
        }
        let asked = try await bench.work([bench.task("t1", mode: .inquire)])
        let expected = try await LegalBench().work([bench.task("t1")])
        #expect(asked.outcomes == expected.outcomes)
    }

    @Test func `A half written folder is removed at the start`() async throws {
        let bench = try LegalBench()
        try FileManager.default.createDirectory(
            atPath: bench.folder.path + "/.staging/A-1.t1", withIntermediateDirectories: true)
        try bench.folder.write("{", to: ".staging/A-1.t1/manifest.json")
        let lease = try await bench.work([bench.task("t1")])

        #expect(lease.codes == ["t1": .evidencePrepared])
        #expect(bench.folder.names(".staging") == [])
    }

    @Test func `What may not begin is left alone and what cannot be written is given back`() async throws {
        let bench = try LegalBench()
        let denied = try await bench.work([bench.task("t1")], under: ScriptedLease(denied: ["t1"]))
        #expect(denied.outcomes == [:])
        #expect(bench.folder.names("") == [])

        try bench.folder.write("in the way", to: ".staging")
        let failed = ScriptedLease()
        try await bench.work([bench.task("t1")], under: failed)
        #expect(failed.log.released == ["t1"])
        #expect(failed.outcomes == [:])
    }

    private func digest(_ bytes: Data) -> String {
        SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    }
}

private final class LegalBench: Sendable {
    let folder: TemporaryFolder
    private let notes = Mutex<[String]>([])

    init() throws { folder = try TemporaryFolder() }

    var noted: [String] { notes.withLock { $0 } }

    @discardableResult
    func work(_ tasks: [WorkTask], under lease: ScriptedLease = ScriptedLease()) async throws -> ScriptedLease {
        let handler = try LegalHandler(
            configuration: LegalConfiguration(root: folder.path, lender: "Example Finance"), pause: { _ in },
            note: { text in self.notes.withLock { $0.append(text) } })
        try await handler.work(tasks, under: lease)
        return lease
    }

    func task(
        _ id: String, mode: TaskMode = .attempt, _ change: (inout LegalContent) -> Void = { _ in }
    ) throws -> WorkTask {
        var content = try LegalBench.content()
        change(&content)
        return WorkTask(id: TaskID(id), mode: mode, delivery: 1, content: .legal(content))
    }

    static func content() throws -> LegalContent {
        let yuan = try #require(Currency("CNY"))
        let day = try #require(CalendarDate(iso: "2026-01-05"))
        let summer = try #require(CalendarDate(iso: "2025-07-01"))
        return LegalContent(
            caseRef: "A-1", debtorName: "王小明", product: "cash",
            balance: Money(minorUnits: 2_500_000, currency: yuan), arrears: Money(minorUnits: 900_000, currency: yuan),
            minimumBalance: Money(minorUnits: 1_000_000, currency: yuan), dpd: 200, businessDate: day,
            oldestUnpaidDueDate: day.adding(days: -200), limitationEndsOn: day.adding(days: 900),
            requiredDocuments: ["contract", "statement"], presentDocuments: ["statement", "contract", "identity"],
            hasHardshipEvidence: false, approvedBy: "Ms Chen",
            history: [
                CaseHistoryEntry(
                    date: summer, kind: .notice, stage: .sms, step: "gentle-sms", outcome: .delivered,
                    evidence: "=message(9)"),
                CaseHistoryEntry(
                    date: summer.adding(days: 8), kind: .contact, stage: .callQueue, step: "call",
                    outcome: .promiseToPay, amount: Money(minorUnits: 10_000, currency: yuan),
                    due: summer.adding(days: 19), evidence: "item \"4\", call 1"),
            ])
    }
}
