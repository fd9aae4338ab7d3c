// Owns: reading and writing whole files, as text and as JSON. Knows nothing of what stands in them.
import Foundation

/// A text file that a person named.
func readText(_ file: String) throws -> String {
    guard FileManager.default.fileExists(atPath: file) else { throw Failure(.usage, "\(file): no such file") }
    guard let data = FileManager.default.contents(atPath: file) else {
        throw Failure(.usage, "\(file): cannot be read (permissions?)")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
        throw Failure(.usage, "\(file): expected UTF-8 text, got other bytes")
    }
    return text
}

func readJSON<Value: Decodable>(_ type: Value.Type, from file: String) throws -> Value {
    let data = try Data(contentsOf: URL(fileURLWithPath: file))
    do {
        return try JSONDecoder().decode(type, from: data)
    } catch {
        throw Failure(.usage, "\(file): expected \(type) in JSON, got: \(error)")
    }
}

/// Writes a file so that a reader sees the old one or the new one, and a power cut leaves one of them.
func writeAtomically(_ bytes: some Collection<UInt8>, to file: String) throws {
    let temporary = "\(file).\(getpid()).tmp"
    // One that a process left, or that somebody planted, is not written through.
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    func refused(_ what: String) -> Failure {
        Failure(.ledgerUnavailable, "\(file): cannot \(what): \(String(cString: strerror(errno)))")
    }
    guard descriptor >= 0 else { throw refused("create") }
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else {
            close(descriptor)
            throw refused("write")
        }
        rest = rest.dropFirst(count)
    }
    let isSynced = fsync(descriptor) == 0
    close(descriptor)
    guard isSynced, rename(temporary, file) == 0 else { throw refused("put in place") }
    let directory = open(URL(fileURLWithPath: file).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
    if directory >= 0 {
        fsync(directory)
        close(directory)
    }
}

func writeJSON(_ value: some Encodable, to file: String) throws {
    try writeAtomically(try readableJSON(value), to: file)
}

/// For people to read and for programs to compare.
func readableJSON(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
}
