// Owns: processes of this program, several at once, and the lines that they say. Knows nothing of what the lines mean.
import Foundation

/// Runs parts of a simulation in processes.
struct ProcessPool: Sendable {
    var jobs: Int

    enum End: Hashable, Sendable {
        case exited(Int32)
        /// A signal ended it: an assertion of the code itself.
        case died
    }

    /// Until `next` has no more, in so many processes at once. Returns when all are done.
    func work<Item: Sendable>(_ next: @Sendable () -> Item?, _ body: @Sendable (Item) -> Void) {
        DispatchQueue.concurrentPerform(iterations: jobs) { _ in
            while let item = next() { body(item) }
        }
    }

    /// Starts this program anew and hands out each line of what it prints.
    func run(_ arguments: [String], showsErrors: Bool = false, _ line: (String) -> Void) -> End {
        let process = Process()
        let pipe = Pipe()
        // This very program, even when a build has put another in its place meanwhile.
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe")
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardInput = FileHandle.nullDevice
        if !showsErrors { process.standardError = FileHandle.nullDevice }
        do {
            try process.run()
        } catch {
            preconditionFailure("this program cannot be started again: \(error)")
        }
        var rest = Data()
        while true {
            let read = pipe.fileHandleForReading.availableData
            guard !read.isEmpty else { break }
            rest += read
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                line(String(decoding: rest[rest.startIndex..<end], as: UTF8.self))
                rest = Data(rest[(end + 1)...])
            }
        }
        process.waitUntilExit()
        return process.terminationReason == .exit ? .exited(process.terminationStatus) : .died
    }

    /// Processor time of all processes that have ended, seconds.
    static var processorSeconds: Double {
        var usage = rusage()
        getrusage(RUSAGE_CHILDREN.rawValue, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
