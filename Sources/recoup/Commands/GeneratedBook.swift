// Owns: writing a synthetic book to files. Knows nothing of what stands in it.
import Foundation
import SyntheticBook

struct GeneratedBook {
    private let generator: BookGenerator

    init(_ generator: BookGenerator) { self.generator = generator }

    /// Writes the book, and beside it, where it has any, schedule and payments. The files' paths.
    @discardableResult
    func write(to path: String) throws -> [String] {
        let base = path.hasSuffix(".csv") ? String(path.dropLast(4)) : path
        var files = [try OutputFile(path)]
        if generator.hasSchedule {
            files.append(try OutputFile(base + ".schedule.csv"))
            files.append(try OutputFile(base + ".payments.csv"))
        }
        func add(_ lines: BookGenerator.Lines) throws {
            try files[0].write(lines.book)
            guard files.count == 3 else { return }
            try files[1].write(lines.schedule)
            try files[2].write(lines.payments)
        }
        try add(generator.headers)
        for lines in generator { try add(lines) }
        for index in files.indices { try files[index].close() }
        return files.map(\.path)
    }

    /// The book alone, on standard output.
    func print() throws {
        Terminal.result(bytes: generator.headers.book)
        var buffer: [UInt8] = []
        for lines in generator {
            buffer += lines.book
            guard buffer.count > 64 * 1024 else { continue }
            Terminal.result(bytes: buffer)
            buffer.removeAll(keepingCapacity: true)
        }
        Terminal.result(bytes: buffer)
    }
}

/// A file that is written in pieces.
private struct OutputFile {
    let path: String
    private let handle: FileHandle
    private var buffer: [UInt8] = []

    init(_ path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw Failure(.usage, "\(path): cannot be written") }
        self.path = path
        self.handle = handle
    }

    mutating func write(_ bytes: [UInt8]) throws {
        buffer += bytes
        if buffer.count > 256 * 1024 { try flush() }
    }

    mutating func close() throws {
        try flush()
        try handle.close()
    }

    private mutating func flush() throws {
        do {
            try handle.write(contentsOf: buffer)
        } catch {
            throw Failure(.ledgerUnavailable, "\(path): cannot be written: \(error.localizedDescription)")
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
