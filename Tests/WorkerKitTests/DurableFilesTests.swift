// Owns: that a file is written whole where it belongs, and nowhere else, whatever others put in the way.
import Foundation
import SystemParts
import Testing

@Suite("A folder in which others write")
struct DurableFilesTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("durable-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test func `A link or a pipe in the place of the hidden file is removed, and what it leads to is left alone`()
        throws
    {
        try withFolder { folder in
            try DurableFiles.write([1], to: "\(folder)/keys")
            symlink("\(folder)/keys", "\(folder)/.a.txt.part")
            mkfifo("\(folder)/.b.txt.part", 0o600)
            // With a reader, who writes into the pipe after all does not wait for one.
            let reader = open("\(folder)/.b.txt.part", O_RDONLY | O_NONBLOCK)
            defer { close(reader) }
            for name in ["a.txt", "b.txt"] { try DurableFiles.write([2], to: "\(folder)/\(name)") }
            #expect(try DurableFiles.read("\(folder)/keys", limit: 9) == [1])
            #expect(try DurableFiles.read("\(folder)/a.txt", limit: 9) == [2])
            #expect(try DurableFiles.names(in: folder, hidden: true) == ["a.txt", "b.txt", "keys"])
        }
    }

    @Test func `Nothing is written or moved into a folder that is a link to another`() throws {
        try withFolder { folder in
            try DurableFiles.makeFolder("\(folder)/other")
            symlink("\(folder)/other", "\(folder)/refused")
            try DurableFiles.write([1], to: "\(folder)/answer")
            #expect(throws: DurableFileFault.self) { try DurableFiles.write([2], to: "\(folder)/refused/reason") }
            #expect(throws: DurableFileFault.self) {
                try DurableFiles.move("\(folder)/answer", to: "\(folder)/refused/answer")
            }
            #expect(try DurableFiles.names(in: "\(folder)/other", hidden: true) == [])
        }
    }

    @Test func `A file in the place of another replaces it, and a link there is replaced and not followed`() throws {
        try withFolder { folder in
            try DurableFiles.write([1], to: "\(folder)/target")
            symlink("\(folder)/target", "\(folder)/file")
            try DurableFiles.write([2], to: "\(folder)/file")
            #expect(try DurableFiles.read("\(folder)/target", limit: 9) == [1])
            #expect(try DurableFiles.read("\(folder)/file", limit: 9) == [2])
        }
    }

    @Test func `A link is removed, and what it leads to stays, wherever the link stands`() throws {
        try withFolder { folder in
            try DurableFiles.makeFolder("\(folder)/other")
            try DurableFiles.write([1], to: "\(folder)/other/kept")
            try DurableFiles.makeFolder("\(folder)/staging")
            symlink("\(folder)/other", "\(folder)/staging/batch")
            try DurableFiles.remove("\(folder)/staging")
            symlink("\(folder)/other", "\(folder)/staging")
            #expect(throws: DurableFileFault.self) { try DurableFiles.remove("\(folder)/staging/kept") }
            #expect(try DurableFiles.names(in: "\(folder)/other") == ["kept"])
            try DurableFiles.remove("\(folder)/nowhere/nothing")
        }
    }

    @Test func `A lock is taken on no file that a link leads to`() throws {
        try withFolder { folder in
            symlink("\(folder)/made", "\(folder)/.lock")
            #expect(throws: DurableFileFault.self) { try DurableFiles.locked("\(folder)/.lock") {} }
            #expect(!DurableFiles.exists("\(folder)/made"))
        }
    }
}
