// Owns: the short run of the fuzz targets: every file of the corpus, and some thousand mutations of them, from a seed.
import Foundation
import FuzzTargets
import SystemParts
import Testing

@Suite struct FuzzTests {
    private static let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Corpus")
    private static let targets = FuzzTarget.all.map(\.name)
    private static let mutationsPerTarget = 3_000

    @Test func `Every target has a corpus and every corpus a target`() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.corpus.path)
            .filter { !$0.hasSuffix(".dict") }
        #expect(folders.sorted() == Self.targets.sorted())
    }

    @Test(arguments: targets) func `The corpus holds`(name: String) throws {
        let target = try Self.target(name)
        for (file, bytes) in try Self.files(of: name) {
            #expect(throws: Never.self, "\(name)/\(file)") { try target.run(bytes) }
        }
    }

    @Test(arguments: targets) func `Mutations of the corpus hold`(name: String) throws {
        let target = try Self.target(name)
        let files = try Self.files(of: name).map(\.bytes)
        for seed in 0..<UInt64(Self.mutationsPerTarget) {
            var mutator = Mutator(seed: seed, longest: target.longestInput)
            let bytes = mutator.mutation(of: files)
            #expect(throws: Never.self, "\(name), seed \(seed): \(Data(bytes).base64EncodedString())") {
                try target.run(bytes)
            }
        }
    }

    private static func target(_ name: String) throws -> FuzzTarget {
        try #require(FuzzTarget.all.first { $0.name == name })
    }

    /// In order of name, so that a seed means the same everywhere.
    private static func files(of name: String) throws -> [(file: String, bytes: [UInt8])] {
        let folder = corpus.appending(path: name)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        try #require(!names.isEmpty, "Tests/Corpus/\(name) is empty")
        return try names.map { ($0, Array(try Data(contentsOf: folder.appending(path: $0)))) }
    }
}

/// Small changes of inputs, all from one seed.
private struct Mutator {
    private var random: SplitMix64
    private let longest: Int
    private static let telling: [UInt8] = [0, 1, 0x0A, 0x0D, 0x22, 0x2C, 0x7F, 0x80, 0xC3, 0xFF]

    init(seed: UInt64, longest: Int) {
        random = SplitMix64(seed: seed)
        self.longest = longest
    }

    mutating func mutation(of files: [[UInt8]]) -> [UInt8] {
        var bytes = files[random.below(files.count)]
        for _ in 0..<random.within(1...4) {
            let at = random.below(bytes.count + 1)
            let span = at..<min(bytes.count, at + random.within(1...8))
            switch random.below(6) {
            case 0: bytes.insert(Self.telling[random.below(Self.telling.count)], at: at)
            case 1: bytes.removeSubrange(span)
            case 2: bytes.insert(contentsOf: bytes[span], at: at)
            case 3: for index in span { bytes[index] ^= UInt8(truncatingIfNeeded: 1 << random.below(8)) }
            case 4: for index in span { bytes[index] = UInt8(random.below(256)) }
            default:
                let other = files[random.below(files.count)]
                bytes = Array(bytes[..<at]) + other[random.below(other.count + 1)...]
            }
        }
        return Array(bytes.prefix(longest))
    }
}
