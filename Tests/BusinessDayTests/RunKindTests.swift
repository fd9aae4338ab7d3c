// Owns: that a ledger holds real runs or rehearsals, whoever orders them.
@testable import Arrears
@testable import Leasing
@testable import Ledger
import CoreBench
import Foundation
import Testing

@testable import BusinessDay

@Suite("A ledger")
struct RunKindTests {
    @Test(arguments: [RunKind.real, .rehearsal])
    func `is of its first run's kind, and begins no run of the other`(kind: RunKind) throws {
        let ledger = InMemoryLedger()
        #expect(try RunKind(of: ledger) == nil)
        let other: RunKind = kind == .real ? .rehearsal : .real
        try begin("first", kind, in: ledger)
        try begin("second", kind, in: ledger)
        let fault = #expect(throws: RunFault.self) { try begin("third", other, in: ledger) }
        #expect(fault == .otherKind(other, ledger: kind))
        #expect(try RunKind(of: ledger) == kind, "the run that was refused is in the ledger, and says nothing")
    }

    @Test func `whose first run cannot be read says so`() throws {
        let ledger = InMemoryLedger()
        try ledger.transaction {
            try $0.insertRun(
                RunRecord(id: "old", asOf: ReadyRun.date, order: "no order", startedAt: ReadyRun.wall))
        }
        let error = #expect(throws: LedgerError.self) { try RunKind(of: ledger) }
        #expect(error?.code == .corrupt)
    }

    /// As the coordinator begins a run.
    private func begin(_ run: RunID, _ kind: RunKind, in ledger: InMemoryLedger) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("kind-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let book = directory.appendingPathComponent("book.csv")
        try Data("id,product,currency,balance,dpd\nA1,cash,CNY,1,0\n".utf8).write(to: book)
        let order = RunOrder(
            run: run, asOf: ReadyRun.date, contactDate: ReadyRun.date, book: try SourceFile(pinning: book.path),
            policy: RunOrder.NamedText(
                source: "tests",
                text: """
                    policy: tests
                    version: "1"
                    buckets: [{ name: late, dpd: "1.." }]
                    conduct:
                      timeZone: Asia/Shanghai
                      windows: [{ rule: DAY, stages: [sms, callQueue], from: "08:00", to: "22:00" }]
                      caps: [{ rule: ONE, contactsPerDay: 1 }]
                    segments: { rules: [], default: everybody }
                    treatments: { everybody: none }
                    """),
            rejectLimit: .count(0), institution: Institution(name: "Bank", contact: "+86"),
            simulatedClockStart: kind == .rehearsal ? ReadyRun.wall : nil)
        let now = Now(uptime: 0, wall: ReadyRun.wall)
        let place = try ledger.transaction { try $0.runs().count }
        let started = ReadyRun.wall.adding(milliseconds: Int64(place))
        try ledger.transaction {
            try $0.insertRun(RunRecord(id: run, asOf: order.asOf, order: try order.json(), startedAt: started))
        }
        try ledger.transaction {
            _ = try RunPipeline(
                order: order, dataDirectory: directory.path, limits: ReadyRun.limits, ledger: $0, now: now)
        }
    }
}
