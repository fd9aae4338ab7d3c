// Owns: the proof that a ledger of every earlier schema becomes one of this, with all that it knew. Each fixture was
// written by the version that had the schema, with its story as that version told it; neither is ever edited.
import Foundation
import GRDB
@testable import Leasing
@testable import Ledger
import Testing

@testable import SQLiteLedger

@Suite("Ledgers of earlier versions")
struct MigrationTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures")

    /// The schemas of which there is a dump.
    private static let schemas: [Int] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: fixtures.path)) ?? []
        return names.compactMap { name in
            guard name.hasPrefix("schema-"), name.hasSuffix(".sql") else { return nil }
            return Int(name.dropFirst("schema-".count).dropLast(".sql".count))
        }.sorted()
    }()

    private func text(_ name: String) throws -> String {
        try String(contentsOf: Self.fixtures.appendingPathComponent(name), encoding: .utf8)
    }

    /// A ledger's directory as a version with this schema left it.
    private func load(_ schema: Int, into directory: String) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: directory + "/ledger.sqlite")
        let dump = try text("schema-\(schema).sql")
        try queue.writeWithoutTransaction { try $0.execute(sql: dump) }
        #expect(try queue.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == schema)
        try queue.close()
    }

    @Test func `There is a dump of every schema before this one`() {
        #expect(Self.schemas.starts(with: 1..<max(2, Schema.current)), "got dumps of \(Self.schemas)")
    }

    @Test(arguments: schemas)
    func `Everything that a ledger knew it knows after the migration, and it is sound`(schema: Int) throws {
        try withTemporaryDirectory { directory in
            try load(schema, into: directory)
            let ledger = try SQLiteLedger(directory: directory)
            let story = try ledger.transaction { try LedgerStory($0).lines }
            #expect(story == (try text("schema-\(schema).story.txt")).split(separator: "\n").map(String.init))
            #expect(try SQLiteLedgerStore(directory: directory).verify(isFull: true) == [])
            try ledger.close()
            // A second start finds nothing to do.
            try SQLiteLedger(directory: directory).close()
            let version = try DatabaseQueue(path: directory + "/ledger.sqlite").read {
                try Int.fetchOne($0, sql: "PRAGMA user_version")
            }
            #expect(version == Schema.current)
        }
    }

    @Test(arguments: schemas)
    func `Work goes on where it was: reports under old leases, inquiries, new leases`(schema: Int) throws {
        try withTemporaryDirectory { directory in
            try load(schema, into: directory)
            let ledger = try SQLiteLedger(directory: directory)
            let held = try #require(try ledger.once { try $0.task("today-leased") }?.lease)
            let doubted = try #require(try ledger.once { try $0.task("today-uncertain") }?.lease)
            let settled = try #require(try ledger.once { try $0.task("today-settled") })
            #expect(try ledger.settle(.made("today-leased"), under: held) == .accepted)
            #expect(try ledger.settle(.made("today-uncertain"), under: doubted) == .late)
            let asked = try #require(
                try ledger.once { try $0.transitions(of: "today-asked") }.first { $0.to == .leased }?.lease)
            #expect(
                try ledger.settle(.made("today-asked", .placed), under: asked) == .late,
                "the lease of the attempt may still say what came of it, while another asks")
            let again = try #require(settled.outcome)
            #expect(try ledger.settle(again, under: try #require(settled.lease)) == .alreadyKnown)
            let granted = try ledger.grant(.sms)
            #expect(granted.lease.epoch > held.epoch && granted.lease.epoch > doubted.epoch)
            #expect(granted.tasks.map(\.id).contains("today-ready"))
            #expect(try SQLiteLedgerStore(directory: directory).verify(isFull: true) == [])
        }
    }

    @Test(arguments: schemas)
    func `Until a coordinator has brought it up, a reader says what is needed`(schema: Int) throws {
        guard schema < Schema.current else { return }
        try withTemporaryDirectory { directory in
            try load(schema, into: directory)
            let error = #expect(throws: LedgerError.self) { try SQLiteLedgerReader(directory: directory) }
            #expect(error?.code == .schema)
            #expect(
                error?.message.contains("expected schema \(Schema.current), got \(schema): start the coordinator")
                    == true)
        }
    }
}
