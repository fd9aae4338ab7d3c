// Owns: reading files in pieces and their SHA-256. Knows nothing of what the bytes mean.
import Crypto
import Foundation
import Ledger

/// A file that could not be read, and why.
package struct FileFault: Error, Hashable, Sendable, CustomStringConvertible {
    package var path: String
    package var reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    package var description: String { "\(path): \(reason)" }
}

extension LedgerError {
    /// A file of ours beside the ledger that cannot be written fails as the ledger does: it may pass, and is no fault of
    /// the files that a person named.
    package init(writing path: String, _ error: any Error) {
        let isFull = (error as? CocoaError)?.code == .fileWriteOutOfSpace
        self.init(isFull ? .full : .inputOutput, "\(path): expected to write it, got: \(error.localizedDescription)")
    }
}

/// Reads a file from its start in pieces of at most `pieceBytes`.
struct FilePieces {
    static let pieceBytes = 256 * 1024
    private let handle: FileHandle
    private let path: String

    init(path: String) throws(FileFault) {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            let exists = FileManager.default.fileExists(atPath: path)
            throw FileFault(path: path, reason: exists ? "cannot be read (permissions?)" : "no such file")
        }
        self.handle = handle
        self.path = path
    }

    /// The next piece; nil at the end of the file.
    func next() throws(FileFault) -> Data? {
        do {
            guard let piece = try handle.read(upToCount: FilePieces.pieceBytes), !piece.isEmpty else { return nil }
            return piece
        } catch {
            throw FileFault(path: path, reason: "cannot be read: \(error.localizedDescription)")
        }
    }

    func close() { try? handle.close() }
}

extension SourceFile {
    /// Reads the whole file once to pin it.
    package init(pinning path: String) throws(FileFault) {
        let pieces = try FilePieces(path: path)
        defer { pieces.close() }
        var hash = SHA256()
        var bytes = 0
        while let piece = try pieces.next() {
            hash.update(data: piece)
            bytes += piece.count
        }
        let absolute = URL(fileURLWithPath: path).standardizedFileURL.path
        self.init(path: absolute, sha256: hexadecimal(hash.finalize()), bytes: bytes)
    }

    /// Whether the file still holds the bytes that the run began with.
    func verify() throws(FileFault) {
        let found = try SourceFile(pinning: path)
        guard found.sha256 == sha256 else {
            throw FileFault(
                path: path,
                reason: "changed since the run began: expected sha256 \(sha256), got \(found.sha256)")
        }
    }
}

/// Lower-case hexadecimal of a digest.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
