// Owns: what a fuzz target is, and the list of all of them. Knows nothing of where inputs come from.

/// What must hold and did not.
public struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}

/// One door that strangers send bytes through, and what must hold whatever they send.
public struct FuzzTarget: Sendable {
    /// Also the name of its folder in Tests/Corpus.
    public let name: String
    /// Longest input that is worth trying, in bytes.
    public let longestInput: Int
    private let body: @Sendable (FuzzInput) throws -> Void

    init(_ name: String, longestInput: Int, _ body: @escaping @Sendable (FuzzInput) throws -> Void) {
        self.name = name
        self.longestInput = longestInput
        self.body = body
    }

    /// - Throws: `Violation` when something does not hold that must; other errors are violations, too: no target lets
    ///   the refusal of an input out.
    public func run(_ bytes: [UInt8]) throws { try body(FuzzInput(bytes)) }

    public static let all: [FuzzTarget] = [
        .frames, .envelope, .content, .csv, .book, .schedule, .yaml, .agency, .gateway, .dialer, .http2,
    ]
}

/// An input: a few bytes that say how, then what is sent.
struct FuzzInput {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    /// The next byte; 0 at the end.
    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// Up to the next line feed, which goes, too.
    mutating func line() -> String {
        let line = rest.prefix { $0 != 0x0A }
        rest = rest[line.endIndex...].dropFirst()
        return String(decoding: line, as: UTF8.self)
    }

    /// Two lengths from 1 to 64, by which the rest is cut into pieces in turn.
    mutating func cut() -> [Int] { [Int(byte() % 64) + 1, Int(byte() % 64) + 1] }
}

extension ArraySlice<UInt8> {
    /// These bytes in pieces of the given lengths, in turn.
    func pieces(_ lengths: [Int]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var rest = self
        while !rest.isEmpty {
            pieces.append(rest.prefix(lengths[pieces.count % lengths.count]))
            rest = rest.dropFirst(lengths[(pieces.count - 1) % lengths.count])
        }
        return pieces
    }
}

func require(_ holds: Bool, _ what: @autoclosure () -> String) throws {
    guard holds else { throw Violation(what()) }
}

func requireEqual<Value: Equatable>(_ left: Value, _ right: Value, _ what: @autoclosure () -> String) throws {
    guard left == right else { throw Violation("\(what()): \(left) and \(right)") }
}
