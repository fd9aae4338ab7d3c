// Owns: the shim between SQLite and the files of crash disks: a VFS that passes everything on to the system's, and
// tells the disk of it. Knows nothing of what a cut leaves.
import Foundation
import GRDBSQLite
import Synchronization

/// SQLite's default VFS while a disk was ever mounted in this process. Files outside of mounted disks are opened by the
/// system's VFS, and never seen here again.
package enum CrashVFS {
    fileprivate static let disks = Mutex<[String: CrashDisk]>([:])

    /// From now on SQLite's files in the disk's directory are under watch.
    package static func mount(_ disk: CrashDisk) {
        _ = isRegistered
        disks.withLock { $0[disk.directory] = disk }
    }

    /// Files that are opened from now on are the system's.
    package static func unmount(_ disk: CrashDisk) { disks.withLock { $0[disk.directory] = nil } }

    fileprivate static func find(_ path: String) -> (disk: CrashDisk, name: String)? {
        guard let slash = path.lastIndex(of: "/") else { return nil }
        let disk = disks.withLock { $0[String(path[..<slash])] }
        return disk.map { ($0, String(path[path.index(after: slash)...])) }
    }

    /// Once per process, and for ever: connections keep the VFS that they were opened with.
    private static let isRegistered: Bool = {
        var shim = systemVFS.pointee
        shim.pNext = nil
        shim.zName = UnsafePointer(strdup("crash"))
        shim.szOsFile += Int32(WatchedFile.headBytes)
        shim.xOpen = { openFile($1, $2, $3, $4) }
        shim.xDelete = { removeFile($1, syncsNames: $2 != 0) }
        let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        vfs.initialize(to: shim)
        let code = sqlite3_vfs_register(vfs, 1)
        precondition(code == SQLITE_OK, "SQLite refused the VFS: \(code)")
        return true
    }()
}

// Read once, before the shim is registered, and never written: SQLite's own VFS lives as long as the process.
private nonisolated(unsafe) let systemVFS: UnsafeMutablePointer<sqlite3_vfs> = {
    guard let vfs = sqlite3_vfs_find(nil) else { preconditionFailure("SQLite has no VFS") }
    return vfs
}()

// MARK: - Opening and removing

private func openFile(
    _ path: UnsafePointer<CChar>?, _ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32,
    _ granted: UnsafeMutablePointer<Int32>?
) -> Int32 {
    guard let file else { return SQLITE_MISUSE }
    file.pointee.pMethods = nil
    // Without a path it is a temporary file, of which nothing needs to be left.
    guard let path, let found = CrashVFS.find(String(cString: path)) else {
        return systemVFS.pointee.xOpen(systemVFS, path, file, flags, granted)
    }
    guard !found.disk.isOff else { return SQLITE_CANTOPEN }
    let isNew = access(path, F_OK) != 0
    let real = WatchedFile.real(file)
    real.pointee.pMethods = nil
    let code = systemVFS.pointee.xOpen(systemVFS, path, real, flags, granted)
    guard code == SQLITE_OK else { return code }
    let logs = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL
    let watch = Watch(
        disk: found.disk, file: found.disk.open(found.name, isNew: isNew), isStore: flags & SQLITE_OPEN_MAIN_DB != 0,
        // The system's VFS syncs the directory with the first sync of a log that it may have made.
        owesNames: flags & SQLITE_OPEN_CREATE != 0 && flags & logs != 0)
    WatchedFile.begin(file, watch)
    return SQLITE_OK
}

private func removeFile(_ path: UnsafePointer<CChar>?, syncsNames: Bool) -> Int32 {
    if let path, let found = CrashVFS.find(String(cString: path)) {
        guard found.disk.remove(found.name, syncsNames: syncsNames) == .done else { return IOFault.remove }
    }
    return systemVFS.pointee.xDelete(systemVFS, path, 0)
}

// MARK: - A file under watch

/// What the shim knows of an open file. SQLite uses one file from one thread at a time.
final class Watch {
    let disk: CrashDisk
    let file: Int
    let isStore: Bool
    var owesNames: Bool

    init(disk: CrashDisk, file: Int, isStore: Bool, owesNames: Bool) {
        self.disk = disk
        self.file = file
        self.isStore = isStore
        self.owesNames = owesNames
    }
}

/// The memory that SQLite gives for an open file: the methods, a reference to the watch, and then the system's own
/// file.
enum WatchedFile {
    static let headBytes = 16

    static func real(_ file: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutablePointer<sqlite3_file> {
        (UnsafeMutableRawPointer(file) + headBytes).assumingMemoryBound(to: sqlite3_file.self)
    }

    static func begin(_ file: UnsafeMutablePointer<sqlite3_file>, _ watch: Watch) {
        let reference = Unmanaged.passRetained(watch).toOpaque()
        (UnsafeMutableRawPointer(file) + 8).storeBytes(of: reference, as: UnsafeMutableRawPointer.self)
        file.pointee.pMethods = UnsafePointer(watchedMethods)
    }

    static func watch(_ file: UnsafeMutablePointer<sqlite3_file>) -> Unmanaged<Watch> {
        Unmanaged.fromOpaque((UnsafeMutableRawPointer(file) + 8).load(as: UnsafeMutableRawPointer.self))
    }
}

/// SQLite's codes for operations that fail; its macros for them are more than Swift can read.
enum IOFault {
    static let read = SQLITE_IOERR | (1 << 8)
    static let write = SQLITE_IOERR | (3 << 8)
    static let sync = SQLITE_IOERR | (4 << 8)
    static let truncate = SQLITE_IOERR | (6 << 8)
    static let remove = SQLITE_IOERR | (10 << 8)
    static let close = SQLITE_IOERR | (16 << 8)
}
