// Owns: the proof that rejects are written to their own file only.
@testable import LoanBook
import Foundation
import Testing

@testable import BusinessDay

@Suite("The file of rejects")
struct RejectsFileTests {
    @Test func `does not follow a link that somebody planted, and is its user's alone`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("rejects-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (other, path) = (folder.appendingPathComponent("other"), folder.appendingPathComponent("rejects.csv").path)
        try Data("untouched".utf8).write(to: other)
        try FileManager.default.createSymbolicLink(atPath: path + ".part", withDestinationPath: other.path)

        var rejects = try RejectsFile(path: path)
        try rejects.append(
            Reject(file: "book", line: 2, column: "phone", kind: .badValue, expected: "a number", got: "9"))
        try rejects.finish()
        #expect(try String(contentsOf: other, encoding: .utf8) == "untouched")
        #expect(try String(contentsOfFile: path, encoding: .utf8).contains("book,2,phone,badValue,a number,9"))
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(attributes[.type] as? FileAttributeType == .typeRegular)
    }
}
