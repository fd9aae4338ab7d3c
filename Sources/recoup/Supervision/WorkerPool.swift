// Owns: the places of a pool of workers in one directory: taking one, and seeing whose process has gone. Knows nothing of
// journals: what becomes of a place that was left is given.
import Foundation
import Logging

/// Where one worker keeps its journal.
struct WorkerPlace: Hashable, Sendable {
    var name: String
    var directory: String
}

/// Workers that share a directory: `NAME-1`, `NAME-2`, … are their places, each with its journal and a lock that the kernel
/// frees when its process has gone, however it went. Whoever gets the lock knows that the journal cannot grow any more.
struct WorkerPool: Sendable {
    let directory: String
    let name: String
    private static let places = 1...1_000
    private static let lookEvery = Duration.milliseconds(250)
    /// Before the first look: workers that start together take their own places, with what is in them.
    private static let startTogether = Duration.seconds(2)

    private func numbered(_ number: Int) -> WorkerPlace {
        WorkerPlace(name: "\(name)-\(number)", directory: "\(directory)/\(name)-\(number)")
    }

    /// The first place that no other process holds; held until this process ends.
    func takePlace() throws -> WorkerPlace {
        for number in Self.places {
            let place = numbered(number)
            try FileManager.default.createDirectory(atPath: place.directory, withIntermediateDirectories: true)
            // Never let go: the kernel gives the place back when the process ends.
            if try place.lock() != nil { return place }
        }
        throw Failure(.refused, "\(directory): expected a free place among \(Self.places.count), got none")
    }

    /// Settles every place whose process has gone, as soon as it has, until cancelled.
    /// - Parameter settle: whether nothing is left there; if something is, it is tried again.
    func settle(allBut own: WorkerPlace, by settle: @escaping @Sendable (WorkerPlace) async throws -> Bool) async {
        // By place: its last owner, when nothing of that owner was left.
        var settled: [WorkerPlace: OwnerStamp] = [:]
        try? await Task.sleep(for: Self.startTogether)
        while !Task.isCancelled {
            for (place, stamp) in await settleOnce(allBut: own, settled, by: settle) { settled[place] = stamp }
            try? await Task.sleep(for: Self.lookEvery)
        }
    }

    private func settleOnce(
        allBut own: WorkerPlace, _ settled: [WorkerPlace: OwnerStamp],
        by settle: @escaping @Sendable (WorkerPlace) async throws -> Bool
    ) async -> [WorkerPlace: OwnerStamp] {
        await withTaskGroup(of: (WorkerPlace, OwnerStamp?).self) { group in
            for number in Self.places {
                let place = numbered(number)
                // Places are made in order.
                guard FileManager.default.fileExists(atPath: place.directory) else { break }
                guard place != own, let stamp = place.lastOwner, stamp != settled[place],
                    let lock = try? place.lock()
                else { continue }
                group.addTask {
                    defer { close(lock) }
                    do {
                        return (place, try await settle(place) ? place.lastOwner : nil)
                    } catch {
                        makeLogger(place.name)
                            .warning("what it left cannot be settled", metadata: ["error": "\(error)"])
                        // Told once; its next owner will see to it.
                        return (place, place.lastOwner)
                    }
                }
            }
            return await group.reduce(into: [:]) { found, one in found[one.0] = one.1 }
        }
    }
}

/// When a process last took a journal into its hands.
struct OwnerStamp: Hashable, Sendable {
    var seconds: Int
    var nanoseconds: Int
}

extension WorkerPlace {
    /// nil while no journal was ever kept here. Every owner of a journal writes its process number into this file.
    fileprivate var lastOwner: OwnerStamp? {
        var found = stat()
        guard stat("\(directory)/worker.lock", &found) == 0 else { return nil }
        return OwnerStamp(seconds: found.st_mtim.tv_sec, nanoseconds: found.st_mtim.tv_nsec)
    }

    /// A descriptor that holds the place until it is closed; nil while another process does.
    fileprivate func lock() throws -> Int32? {
        let descriptor = open("\(directory)/place.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(.usage, "\(directory): cannot be written: \(String(cString: strerror(errno)))")
        }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
        close(descriptor)
        return nil
    }
}
