// Owns: what a disk holds of some files, and what it may hold after a power cut. Knows nothing of SQLite.
import SystemParts

/// Files of one directory as a disk sees them: what was synced, and every change since, in order.
///
/// After a cut each change that was not synced is there, is not there, or, for a write, is there in some of its
/// sectors; they need not come in order. A name that was given or taken back since its directory was synced may be as
/// before. What lies beside a write that was cut short is not harmed: SQLite assumes the same of disks (power-safe
/// overwrite).
struct DiskImage {
    static let sectorBytes = 512

    private enum Change {
        case write(at: Int, bytes: [UInt8])
        case truncate(to: Int)
    }

    private enum NameChange {
        case given(file: Int)
        case removed
    }

    private struct File {
        var synced: [UInt8] = []
        var changes: [Change] = []
        /// As a process sees it.
        var size = 0
    }

    private var files: [Int: File] = [:]
    private var names: [String: Int] = [:]
    private var syncedNames: [String: Int] = [:]
    private var nameChanges: [(name: String, change: NameChange)] = []

    /// Bytes in all files that have a name.
    var bytes: Int { names.values.reduce(0) { $0 + (files[$1]?.size ?? 0) } }

    // MARK: What a process does

    /// The file of this name, if the disk knows it.
    func file(named name: String) -> Int? { names[name] }

    /// A file that stands on the disk since before.
    mutating func adopt(_ name: String, bytes: [UInt8]) -> Int {
        let file = add(File(synced: bytes, size: bytes.count))
        names[name] = file
        syncedNames[name] = file
        return file
    }

    mutating func create(_ name: String) -> Int {
        let file = add(File())
        names[name] = file
        nameChanges.append((name, .given(file: file)))
        return file
    }

    mutating func remove(_ name: String) {
        guard names.removeValue(forKey: name) != nil else { return }
        nameChanges.append((name, .removed))
    }

    mutating func write(_ bytes: [UInt8], to file: Int, at offset: Int) {
        change(file, .write(at: offset, bytes: bytes))
        let size = max(size(of: file), offset + bytes.count)
        files[file]?.size = size
    }

    mutating func truncate(_ file: Int, to size: Int) {
        change(file, .truncate(to: size))
        files[file]?.size = size
    }

    func size(of file: Int) -> Int { files[file]?.size ?? 0 }

    /// The content is on the disk; the name may not be.
    mutating func sync(_ file: Int) {
        guard var synced = files.removeValue(forKey: file) else { preconditionFailure("file \(file) is not open") }
        for change in synced.changes { Self.apply(change, to: &synced.synced) }
        synced.changes = []
        files[file] = synced
    }

    /// All names are on the disk.
    mutating func syncNames() {
        syncedNames = names
        nameChanges = []
        let used = Set(names.values)
        files = files.filter { used.contains($0.key) }
    }

    private mutating func add(_ file: File) -> Int {
        let number = (files.keys.max() ?? 0) + 1
        files[number] = file
        return number
    }

    private mutating func change(_ file: Int, _ change: Change) {
        precondition(files[file] != nil, "file \(file) is not open")
        files[file]?.changes.append(change)
    }

    private static func apply(_ change: Change, to content: inout [UInt8]) {
        switch change {
        case .write(let offset, let bytes):
            extend(&content, to: offset + bytes.count)
            // In one piece: a build without optimisation would replace byte by byte, and this is most of the disk's
            // work.
            content.withUnsafeMutableBytes { all in
                let place = UnsafeMutableRawBufferPointer(rebasing: all[offset..<(offset + bytes.count)])
                bytes.withUnsafeBytes { place.copyMemory(from: $0) }
            }
        case .truncate(let size):
            if content.count > size { content.removeSubrange(size...) } else { extend(&content, to: size) }
        }
    }

    /// What was never written reads as zeros.
    private static func extend(_ content: inout [UInt8], to size: Int) {
        if content.count < size { content += [UInt8](repeating: 0, count: size - content.count) }
    }

    // MARK: What a cut leaves

    /// How a disk treats what it was not asked to keep.
    private enum Manner: CaseIterable {
        case keepsNothing, keepsAll
        /// Some first changes of each file; the one after them is torn.
        case keepsStart
        /// Each change by itself.
        case scatters
    }

    /// What became of changes that were not synced.
    struct Losses: Hashable, Sendable {
        var kept = 0
        var dropped = 0
        var torn = 0
    }

    /// The files as a power cut may leave them.
    func afterCut(_ random: inout SplitMix64, _ losses: inout Losses) -> [String: [UInt8]] {
        let manner = random.pick(Manner.allCases)
        var contents: [Int: [UInt8]] = [:]
        for number in files.keys.sorted() {
            guard let file = files[number] else { continue }
            contents[number] = Self.content(of: file, manner, &random, &losses)
        }
        var left: [String: [UInt8]] = [:]
        for (name, file) in namesAfterCut(manner, &random) { left[name] = contents[file] }
        return left
    }

    /// Changes of one name come in order; those of several names need not.
    private func namesAfterCut(_ manner: Manner, _ random: inout SplitMix64) -> [String: Int] {
        var left = syncedNames
        for name in Set(nameChanges.map(\.name)).sorted() {
            let changes = nameChanges.filter { $0.name == name }
            let kept =
                switch manner {
                case .keepsNothing: 0
                case .keepsAll: changes.count
                case .keepsStart, .scatters: random.within(0...changes.count)
                }
            for (_, change) in changes.prefix(kept) {
                switch change {
                case .given(let file): left[name] = file
                case .removed: left[name] = nil
                }
            }
        }
        return left
    }

    private static func content(
        of file: File, _ manner: Manner, _ random: inout SplitMix64, _ losses: inout Losses
    ) -> [UInt8] {
        var content = file.synced
        let start = random.within(0...file.changes.count)
        for (index, change) in file.changes.enumerated() {
            let fate: Fate =
                switch manner {
                case .keepsNothing: .dropped
                case .keepsAll: .kept
                case .keepsStart: index < start ? .kept : index == start ? .torn : .dropped
                case .scatters: random.pick([.kept, .dropped, .torn])
                }
            apply(change, fate, to: &content, &random, &losses)
        }
        return content
    }

    private enum Fate { case kept, dropped, torn }

    private static func apply(
        _ change: Change, _ fate: Fate, to content: inout [UInt8], _ random: inout SplitMix64, _ losses: inout Losses
    ) {
        switch (fate, change) {
        case (.kept, _):
            losses.kept += 1
            apply(change, to: &content)
        case (.dropped, _), (.torn, .truncate):
            losses.dropped += 1
        case (.torn, .write(let offset, let bytes)):
            losses.torn += 1
            for sector in sectors(of: bytes, at: offset) where random.chance(5_000) {
                apply(.write(at: sector.offset, bytes: Array(sector.bytes)), to: &content)
            }
        }
    }

    /// A write, cut where the disk's sectors begin.
    private static func sectors(of bytes: [UInt8], at offset: Int) -> [(offset: Int, bytes: ArraySlice<UInt8>)] {
        var parts: [(offset: Int, bytes: ArraySlice<UInt8>)] = []
        var start = 0
        while start < bytes.count {
            let place = offset + start
            let end = min(bytes.count, start + sectorBytes - place % sectorBytes)
            parts.append((place, bytes[start..<end]))
            start = end
        }
        return parts
    }
}
