// Owns: what an older recoup says of a newer ledger, whatever command meets it. Knows nothing of migrations.
import Foundation
@testable import SQLiteLedger
import Testing

@Suite("A ledger of a newer version", .serialized)
struct VersionTests {
    private static let tooNew = 256

    /// A data directory whose ledger says that a later version wrote it.
    private func newer(in scratch: Scratch) throws -> String {
        let data = scratch.path("data")
        try SQLiteLedger(directory: data).close()
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: data + "/ledger.sqlite"))
        // SQLite keeps user_version in four bytes from offset 60, big-endian.
        try file.seek(toOffset: 60)
        try file.write(contentsOf: [0, 0, 1, 0])
        try file.close()
        return data
    }

    private static let commands: [[String]] = [
        ["status"], ["report"], ["explain", "A1"], ["uncertain", "list"],
        ["uncertain", "settle", "t1", "--outcome", "delivered", "--reason", "on the invoice"],
        ["uncertain", "release", "t1", "--reason", "never received"], ["ledger", "verify"], ["resume"],
        ["coordinator", "--listen", "127.0.0.1:0"],
        ["run", "--book", "book.csv", "--as-of", "2026-11-20"],
    ]

    @Test(arguments: commands)
    func `is refused with exit 4 by every command that opens it, which says what it found, and is left as it is`(
        command: [String]
    ) throws {
        try withScratch { scratch in
            let data = try newer(in: scratch)
            try Data("id,product,currency,balance,dpd\nA1,card,CNY,100.00,2\n".utf8)
                .write(to: scratch.url.appendingPathComponent("book.csv"))
            let before = try Data(contentsOf: URL(fileURLWithPath: data + "/ledger.sqlite"))
            let words = command.map { $0 == "book.csv" ? scratch.path("book.csv") : $0 }
            let end = try Started([Project.binary] + words + ["--data", data], in: scratch).end()
            #expect(end.code == 4, "\(end.text)")
            #expect(
                end.text.contains("or older, got \(Self.tooNew): a newer version of recoup wrote it"), "\(end.text)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: data + "/ledger.sqlite")) == before)
        }
    }

    @Test func `is no backup that this version restores; what stands there stays`() throws {
        try withScratch { scratch in
            let data = try newer(in: scratch)
            let mine = scratch.path("mine")
            try SQLiteLedger(directory: mine).close()
            let end = try Project.recoup("ledger", "restore", data + "/ledger.sqlite", "--data", mine, in: scratch)
            #expect(end.code == 4, "\(end.text)")
            #expect(end.text.contains("got \(Self.tooNew): a newer version of recoup wrote it"), "\(end.text)")
            #expect(try Project.recoup("status", "--data", mine, in: scratch).code == 0)
        }
    }
}
