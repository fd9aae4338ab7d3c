// Owns: room on the ledger's disk, held for the time when there is no other. Knows nothing of what is written.
import Foundation
import Ledger

/// `DIR/ledger.reserve`, a file that holds nothing but its place.
struct DiskReserve: RoomReserve {
    static let bytes: UInt = 8 * 1024 * 1024
    private let directory: String
    private var path: String { "\(directory)/ledger.reserve" }

    init(directory: String) { self.directory = directory }

    /// A new reserve is taken only where as much again stays free: what was just given to the ledger is not room.
    func fill() -> Bool {
        if access(path, F_OK) == 0 { return true }
        var disk = statvfs()
        guard statvfs(directory, &disk) == 0, disk.f_bavail * disk.f_frsize >= 2 * Self.bytes else { return false }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard posix_fallocate(descriptor, 0, Int(Self.bytes)) == 0 else {
            unlink(path)
            return false
        }
        return true
    }

    func drop() { unlink(path) }
}
