// Owns: files and folders that are there whole or not at all, and are still there after a power cut.
// Knows nothing of what is in them.
import Foundation

/// A file operation that failed: which, on what, and why.
package struct DurableFileFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        case noSpace, notPermitted, exists, notRegular, tooLarge, inputOutput
    }

    package var code: Code
    /// Where, and what the system said.
    package var message: String
    package var description: String { message }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The fault of the call that just failed, from `errno`.
    init(_ call: String, _ path: String, _ number: Int32 = errno) {
        let code: Code =
            switch number {
            case ENOSPC, EDQUOT: .noSpace
            case EACCES, EPERM, EROFS: .notPermitted
            case EEXIST, ENOTEMPTY: .exists
            case ELOOP, EISDIR, ENOTDIR: .notRegular
            default: .inputOutput
            }
        self.init(code, "\(call) \(path): \(String(cString: strerror(number)))")
    }
}

/// Durable writes, moves and reads by plain paths.
package enum DurableFiles {
    /// One file of a folder that is written as a whole.
    package struct File: Hashable, Sendable {
        package var name: String
        package var bytes: [UInt8]
        package init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    // Folders that are exchanged with others are their group's too, whatever the process's umask makes of the rest.
    private static let sharedFolder: mode_t = 0o750
    private static let sharedFile: mode_t = 0o640

    /// Makes a folder and its missing parents.
    package static func makeFolder(_ path: String) throws(DurableFileFault) {
        if isFolder(path) { return }
        let parent = folder(of: path)
        if parent != path { try makeFolder(parent) }
        if mkdir(path, sharedFolder) != 0 {
            let number = errno
            guard number == EEXIST && isFolder(path) else { throw DurableFileFault("mkdir", path, number) }
        } else {
            let made = try opened(folder: path)
            defer { close(made) }
            guard fchmod(made, sharedFolder) == 0 else { throw DurableFileFault("fchmod", path) }
        }
        try sync(folder: parent)
    }

    /// Writes a file: under a hidden name beside it, onto the disk, then renamed. A file of that name is replaced. The
    /// folder may be one in which others write: neither it nor the file is followed where it is a link.
    package static func write(_ bytes: [UInt8], to path: String) throws(DurableFileFault) {
        let temporary = "." + name(of: path) + ".part"
        let folder = try opened(folder: self.folder(of: path))
        defer { close(folder) }
        guard unlinkat(folder, temporary, 0) == 0 || errno == ENOENT else { throw DurableFileFault("unlink", path) }
        try writeSynced(bytes, to: temporary, in: folder)
        guard renameat(folder, temporary, folder, name(of: path)) == 0 else { throw DurableFileFault("rename", path) }
        guard fsync(folder) == 0 else { throw DurableFileFault("fsync", path) }
    }

    /// Writes a new folder with these files and brings it to the disk. It is not renamed: nobody may look at it yet.
    package static func writeFolder(_ files: [File], to path: String) throws(DurableFileFault) {
        guard mkdir(path, sharedFolder) == 0 else { throw DurableFileFault("mkdir", path) }
        let folder = try opened(folder: path)
        defer { close(folder) }
        guard fchmod(folder, sharedFolder) == 0 else { throw DurableFileFault("fchmod", path) }
        for file in files { try writeSynced(file.bytes, to: file.name, in: folder) }
        guard fsync(folder) == 0 else { throw DurableFileFault("fsync", path) }
        try sync(folder: self.folder(of: path))
    }

    /// Renames a file or folder within a file system, durably. A folder is never moved onto one that holds something,
    /// and nothing into a folder that is a link.
    package static func move(_ from: String, to target: String) throws(DurableFileFault) {
        let folder = try opened(folder: self.folder(of: target))
        defer { close(folder) }
        guard renameat(AT_FDCWD, from, folder, name(of: target)) == 0 else {
            throw DurableFileFault("rename", "\(from) to \(target)")
        }
        guard fsync(folder) == 0 else { throw DurableFileFault("fsync", target) }
        if self.folder(of: from) != self.folder(of: target) { try sync(folder: self.folder(of: from)) }
    }

    /// Removes a file, or a folder with what is in it; nothing there is no fault. A link is removed, never what it leads
    /// to, and nothing in a folder that is a link.
    package static func remove(_ path: String) throws(DurableFileFault) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw DurableFileFault("stat", path)
        }
        let folder = try opened(folder: folder(of: path))
        defer { close(folder) }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        if isFolder { for name in try names(in: path, hidden: true) { try remove(path + "/" + name) } }
        guard unlinkat(folder, name(of: path), isFolder ? AT_REMOVEDIR : 0) == 0 || errno == ENOENT else {
            throw DurableFileFault("unlink", path)
        }
        guard fsync(folder) == 0 else { throw DurableFileFault("fsync", path) }
    }

    /// The bytes of a regular file, or nil when there is none of that name. Links are not followed.
    package static func read(_ path: String, limit: Int) throws(DurableFileFault) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        if file < 0 && errno == ENOENT { return nil }
        guard file >= 0 else { throw DurableFileFault("open", path) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw DurableFileFault("stat", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw DurableFileFault(.notRegular, "\(path): expected a regular file")
        }
        guard status.st_size <= limit else {
            throw DurableFileFault(.tooLarge, "\(path): expected at most \(limit) bytes, got \(status.st_size)")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Foundation.read(file, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw DurableFileFault("read", path) }
            if count == 0 { break }
            filled += count
        }
        return Array(bytes.prefix(filled))
    }

    /// Names in a folder, sorted; none when there is no such folder. Hidden ones only when asked for.
    package static func names(in path: String, hidden: Bool = false) throws(DurableFileFault) -> [String] {
        guard isFolder(path) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
                .filter { hidden || !$0.hasPrefix(".") }.sorted()
        } catch {
            throw DurableFileFault(.inputOutput, "list \(path): \(error.localizedDescription)")
        }
    }

    /// Whether anything has this name.
    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Runs `body` while no other process or thread holds the lock of this file. It ends with the process, too.
    package static func locked<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        let file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw DurableFileFault("open", path) }
        defer { close(file) }
        while flock(file, LOCK_EX) != 0 {
            guard errno == EINTR else { throw DurableFileFault("flock", path) }
        }
        return try body()
    }

    /// A new file; one that is there already, of whatever kind, is a fault.
    private static func writeSynced(
        _ bytes: [UInt8], to path: String, in folder: Int32
    ) throws(DurableFileFault) {
        let file = openat(folder, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, sharedFile)
        guard file >= 0 else { throw DurableFileFault("open", path) }
        defer { close(file) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw DurableFileFault("write", path) }
            rest = rest.dropFirst(count)
        }
        guard fchmod(file, sharedFile) == 0 else { throw DurableFileFault("fchmod", path) }
        guard fsync(file) == 0 else { throw DurableFileFault("fsync", path) }
    }

    private static func opened(folder path: String) throws(DurableFileFault) -> Int32 {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { throw DurableFileFault("open", path) }
        return folder
    }

    private static func sync(folder path: String) throws(DurableFileFault) {
        let file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw DurableFileFault("open", path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw DurableFileFault("fsync", path) }
    }

    private static func folder(of path: String) -> String {
        let parent = (path as NSString).deletingLastPathComponent
        return parent.isEmpty ? "." : parent
    }

    private static func name(of path: String) -> String { (path as NSString).lastPathComponent }
}
