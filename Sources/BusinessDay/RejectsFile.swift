// Owns: the rejects of a run as a file for the person who mends the book.
import Foundation
import Ledger
import LoanBook
import Tables

/// The rejects of a run as a CSV file for the person who mends the book; complete or absent.
struct RejectsFile {
    let path: String
    private let temporary: String
    private let handle: FileHandle

    init(path: String) throws(LedgerError) {
        self.path = path
        temporary = path + ".part"
        let url = URL(fileURLWithPath: temporary)
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        } catch {
            throw LedgerError(writing: temporary, error)
        }
        // One that a process left, or that somebody planted, is not written through.
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            let isFull = errno == ENOSPC || errno == EDQUOT
            throw LedgerError(
                isFull ? .full : .inputOutput,
                "\(temporary): expected to make it, got: \(String(cString: strerror(errno)))")
        }
        handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
        try write("file,line,column,reason,expected,got\n")
    }

    mutating func append(_ reject: Reject) throws(LedgerError) {
        let cells = [
            reject.file, String(reject.line), reject.column, reject.kind.rawValue, reject.expected, reject.got,
        ]
        try write(CSVWriter.inertLine(cells))
    }

    mutating func finish() throws(LedgerError) {
        do {
            try handle.synchronize()
            try handle.close()
        } catch {
            throw LedgerError(writing: temporary, error)
        }
        guard rename(temporary, path) == 0 else {
            throw LedgerError(
                .inputOutput, "\(path): expected to put it in place, got: \(String(cString: strerror(errno)))")
        }
    }

    private func write(_ text: String) throws(LedgerError) {
        do {
            try handle.write(contentsOf: Data(text.utf8))
        } catch {
            throw LedgerError(writing: temporary, error)
        }
    }
}
