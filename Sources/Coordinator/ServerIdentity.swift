// Owns: the coordinator's TLS files, read again when one of them changes: certificates are renewed and revoked while it
// serves. Knows nothing of connections.
import Foundation
import Logging
import NIOConcurrencyHelpers
import NIOSSL
import SystemParts

/// The files of `TLSFiles` as they are now.
final class ServerIdentity: Sendable {
    struct Current {
        var context: NIOSSLContext
        /// Fingerprints.
        var revoked: Set<String>
        fileprivate var stamps: [FileStamp?]
    }

    private let files: CoordinatorConfiguration.TLSFiles
    private let logger: Logger
    private let state: NIOLockedValueBox<Current>

    /// - Throws: `ListenFault`'s reason as an error of the file that cannot be used.
    init(_ files: CoordinatorConfiguration.TLSFiles, logger: Logger) throws {
        self.files = files
        self.logger = logger
        state = NIOLockedValueBox(try Self.read(files))
    }

    /// For the next connection. Files that cannot be used any more leave those that could: a half-written certificate stops
    /// nobody's work, and the log says so once.
    func current() -> Current {
        state.withLockedValue { current in
            let stamps = Self.stamps(files)
            guard stamps != current.stamps else { return current }
            do {
                current = try Self.read(files)
                logger.notice("TLS files read again")
            } catch {
                logger.error(
                    "TLS files changed and cannot be used; the former ones stay", metadata: ["error": "\(error)"])
                current.stamps = stamps
            }
            return current
        }
    }

    private static func stamps(_ files: CoordinatorConfiguration.TLSFiles) -> [FileStamp?] {
        [files.certificate, files.key, files.workerAuthority, files.revoked].map { $0.flatMap(FileStamp.init) }
    }

    private static func read(_ files: CoordinatorConfiguration.TLSFiles) throws -> Current {
        // Before they are read: a change meanwhile is seen the next time.
        let stamps = stamps(files)
        try SecretFile.demandPrivate(files.key)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv13
        configuration.trustRoots = .file(files.workerAuthority)
        // Of a worker its authority and its name are asked, not its host.
        configuration.certificateVerification = .noHostnameVerification
        return Current(
            context: try NIOSSLContext(configuration: configuration),
            revoked: try files.revoked.map(fingerprints) ?? [], stamps: stamps)
    }

    /// One fingerprint a line, with or without colons; `#` begins a remark.
    private static func fingerprints(_ file: String) throws -> Set<String> {
        var found: Set<String> = []
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let text = line.prefix { $0 != "#" }.filter { $0 != ":" && !$0.isWhitespace }.lowercased()
            guard !text.isEmpty else { continue }
            guard text.utf8.count == 64, text.allSatisfy(\.isHexDigit) else {
                throw TLSFileFault(
                    "\(file), line \(index + 1): expected a SHA-256 fingerprint of 64 hexadecimal digits, got \(text.count) characters"
                )
            }
            found.insert(text)
        }
        return found
    }
}

/// A file of the TLS configuration that cannot be used.
struct TLSFileFault: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// When a file was last another.
private struct FileStamp: Equatable {
    private var inode: UInt64
    private var size: Int64
    private var seconds: Int
    private var nanoseconds: Int

    init?(_ path: String) {
        var found = stat()
        guard stat(path, &found) == 0 else { return nil }
        inode = UInt64(found.st_ino)
        size = Int64(found.st_size)
        seconds = found.st_mtim.tv_sec
        nanoseconds = found.st_mtim.tv_nsec
    }
}
