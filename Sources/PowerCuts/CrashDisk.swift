// Owns: a disk whose power can be cut: which operation is the last, what is left of the files, how much room there is.
// Knows nothing of what the files mean.
import Foundation
import Synchronization
import SystemParts

/// When the power goes.
package struct CutPoint: Hashable, Sendable {
    package enum Kind: Hashable, Sendable, CaseIterable {
        /// At a write, sync, truncation or removal of any file.
        case anything
        /// At a sync.
        case sync
        /// At a write or sync of the store itself, beside its log: within a checkpoint.
        case store
    }
    package var kind: Kind
    /// The operation of that kind that is the last, from 1.
    package var count: Int
    package init(_ kind: Kind, _ count: Int) {
        precondition(count >= 1, "a cut at operation \(count)")
        self.kind = kind
        self.count = count
    }
}

/// The disk under one directory. SQLite's files in it are under watch while the disk is mounted; every operation on
/// them goes to real files too, so that readers see what a process would see.
///
/// Syncs are counted and not passed on: what they promise is played, and no test waits for a real disk.
package final class CrashDisk: Sendable {
    package let directory: String

    /// What the disk says to an operation.
    enum Answer { case done, off, full }

    private struct State {
        var image = DiskImage()
        var random: SplitMix64
        var cut: CutPoint?
        var isOff = false
        /// Bytes that all files may have together.
        var room: Int?
        var losses = DiskImage.Losses()
        var operations = 0
    }
    private let state: Mutex<State>
    /// A disk that says that it has synced and has not: what `synchronous = OFF` makes of any disk.
    private let ignoresSync: Bool

    /// - Parameter directory: is made when it is not there.
    package init(directory: String, seed: UInt64, ignoresSync: Bool = false) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        guard let real = realpath(directory, nil) else {
            throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: directory])
        }
        defer { free(real) }
        // SQLite names files by their real paths.
        self.directory = String(cString: real)
        self.ignoresSync = ignoresSync
        state = Mutex(State(random: SplitMix64(seed: seed)))
    }

    // MARK: Power

    package var isOff: Bool { state.withLock { $0.isOff } }
    /// Writes, syncs, truncations and removals until now.
    package var operations: Int { state.withLock { $0.operations } }

    /// What became of changes that no sync had covered, over all cuts.
    package var losses: (kept: Int, dropped: Int, torn: Int) {
        state.withLock { ($0.losses.kept, $0.losses.dropped, $0.losses.torn) }
    }

    package func arm(_ cut: CutPoint?) { state.withLock { $0.cut = cut } }

    /// The power goes now.
    package func cutNow() { state.withLock { $0.isOff = true } }

    /// The power comes back: the directory's files are what the cut left, and the same files are put into `copy`.
    /// - Precondition: no connection is open in the directory.
    package func restorePower(copyingTo copy: String? = nil) throws {
        let left = state.withLock { state in
            var random = state.random
            let left = state.image.afterCut(&random, &state.losses)
            // What the index of the log in shared memory held is anybody's guess; SQLite makes it anew.
            let garbage = random.chance(5_000) ? (0..<4096).map { _ in UInt8(random.below(256)) } : nil
            state.random = random
            state.cut = nil
            state.isOff = false
            state.image = DiskImage()
            return (files: left, index: garbage)
        }
        for place in [directory, copy].compactMap({ $0 }) {
            try clear(place)
            for (name, bytes) in left.files {
                try Data(bytes).write(to: URL(fileURLWithPath: "\(place)/\(name)"))
                if let index = left.index, left.files[name + "-wal"] != nil {
                    try Data(index).write(to: URL(fileURLWithPath: "\(place)/\(name)-shm"))
                }
            }
        }
        state.withLock { state in
            // In an order that the next process of this seed has too.
            for (name, bytes) in left.files.sorted(by: { $0.key < $1.key }) {
                _ = state.image.adopt(name, bytes: bytes)
            }
        }
    }

    /// Other files than SQLite's stay as they are: the cut is SQLite's matter here.
    private func clear(_ place: String) throws {
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: place) where name.contains(".sqlite") {
            try FileManager.default.removeItem(atPath: "\(place)/\(name)")
        }
    }

    // MARK: Room

    /// Bytes of SQLite's files.
    package var bytes: Int { state.withLock { $0.image.bytes } }

    /// Limits what all files may have together; nil: there is always room.
    package func setRoom(_ bytes: Int?) { state.withLock { $0.room = bytes } }

    // MARK: What SQLite does

    /// - Parameter isNew: whether the file was made by this opening.
    func open(_ name: String, isNew: Bool) -> Int {
        state.withLock { state in
            if let known = state.image.file(named: name) { return known }
            let bytes = isNew ? nil : FileManager.default.contents(atPath: "\(directory)/\(name)")
            // An empty file may have been made just before by other means, and its name not synced.
            guard let bytes, !bytes.isEmpty else { return state.image.create(name) }
            return state.image.adopt(name, bytes: Array(bytes))
        }
    }

    func write(_ bytes: [UInt8], to file: Int, at offset: Int, isStore: Bool) -> Answer {
        state.withLock { state in
            guard !state.isOff else { return .off }
            if let room = state.room {
                let growth = offset + bytes.count - state.image.size(of: file)
                if growth > 0, state.image.bytes + growth > room { return .full }
            }
            let isLast = Self.isLast(&state, isSync: false, isStore: isStore)
            state.image.write(bytes, to: file, at: offset)
            return isLast ? .off : .done
        }
    }

    func truncate(_ file: Int, to size: Int, isStore: Bool) -> Answer {
        state.withLock { state in
            guard !state.isOff else { return .off }
            let isLast = Self.isLast(&state, isSync: false, isStore: isStore)
            state.image.truncate(file, to: size)
            return isLast ? .off : .done
        }
    }

    /// - Parameter syncsNames: whether the directory is synced too.
    func sync(_ file: Int, syncsNames: Bool, isStore: Bool) -> Answer {
        state.withLock { state in
            guard !state.isOff else { return .off }
            let isLast = Self.isLast(&state, isSync: true, isStore: isStore)
            // The power may go before the sync has done its work, or after, before anybody hears of it.
            let isDone = !isLast || state.random.chance(5_000)
            if isDone, !ignoresSync {
                state.image.sync(file)
                if syncsNames { state.image.syncNames() }
            }
            return isLast ? .off : .done
        }
    }

    func remove(_ name: String, syncsNames: Bool) -> Answer {
        state.withLock { state in
            guard !state.isOff else { return .off }
            let isLast = Self.isLast(&state, isSync: false, isStore: false)
            state.image.remove(name)
            if syncsNames, !isLast, !ignoresSync { state.image.syncNames() }
            return isLast ? .off : .done
        }
    }

    private static func isLast(_ state: inout State, isSync: Bool, isStore: Bool) -> Bool {
        state.operations += 1
        guard var cut = state.cut else { return false }
        let counts =
            switch cut.kind {
            case .anything: true
            case .sync: isSync
            case .store: isStore
            }
        guard counts else { return false }
        cut.count -= 1
        state.cut = cut
        guard cut.count == 0 else { return false }
        state.isOff = true
        return true
    }
}
