// Owns: the proof that the house stands as drawn in docs/how-it-works.md. Knows nothing of what the code does.
import Foundation
import Testing

/// What stands on each floor, and what from outside the project its targets may import.
struct Room {
    var floor: Int
    var outside: Set<String> = []
}

let house: [String: Room] = [
    "Arrears": Room(floor: 0),
    "Tables": Room(floor: 0, outside: ["Glibc"]),
    "LoanBook": Room(floor: 1),
    "Leasing": Room(floor: 1, outside: ["Collections"]),
    "Wire": Room(floor: 2, outside: ["Foundation", "FoundationEssentials", "NIOCore", "SwiftProtobuf"]),
    "Ledger": Room(floor: 2),
    "Documents": Room(floor: 2, outside: ["Yams"]),
    "SystemParts": Room(floor: 2, outside: ["Foundation", "Synchronization"]),
    "SyntheticBook": Room(floor: 3),
    "SQLiteLedger": Room(floor: 3, outside: ["Foundation", "GRDB"]),
    "HTTP2Client": Room(
        floor: 3, outside: ["CNGHTTP2", "Foundation", "NIOCore", "NIOPosix", "NIOSSL", "NIOTLS", "Synchronization"]),
    "DispatchCore": Room(floor: 3),
    "Reporting": Room(floor: 3, outside: ["Foundation"]),
    "BusinessDay": Room(floor: 4, outside: ["Crypto", "Foundation"]),
    "Coordinator": Room(
        floor: 5,
        outside: [
            "Crypto", "Foundation", "Logging", "NIOConcurrencyHelpers", "NIOCore", "NIOPosix", "NIOSSL", "NIOTLS",
            "X509",
        ]),
    "WorkerKit": Room(
        floor: 4,
        outside: ["Dispatch", "Foundation", "GRDB", "Logging", "NIOCore", "NIOPosix", "NIOSSL", "Synchronization"]),
    "SMSWorker": Room(floor: 5, outside: ["Foundation"]),
    "CallQueueWorker": Room(floor: 5, outside: ["Foundation"]),
    "AgencyWorker": Room(floor: 5, outside: ["Crypto", "Foundation", "Synchronization"]),
    "LegalWorker": Room(floor: 5, outside: ["Crypto", "Foundation"]),
    "Sandbox": Room(
        floor: 5,
        outside: [
            "Crypto", "Dispatch", "Foundation", "HTTPTypes", "Hummingbird", "HummingbirdCore", "HummingbirdHTTP2",
            "Logging", "NIOCore", "NIOSSL", "ServiceLifecycle", "Synchronization",
        ]),
    "Simulation": Room(floor: 5, outside: ["Collections", "Foundation"]),
    "PowerCuts": Room(floor: 6, outside: ["Foundation", "GRDBSQLite", "Synchronization"]),
]

struct SourceFile {
    var target: String
    /// Under Sources/.
    var path: String
    var text: String
    var isGenerated: Bool { path.contains("/Generated/") || path.hasSuffix(".pb.swift") }
}

let projectRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

let sources: [SourceFile] = {
    let root = projectRoot.appendingPathComponent("Sources")
    let found = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
    return found.filter { $0.hasSuffix(".swift") }.sorted().compactMap { path in
        guard let target = path.split(separator: "/").first,
            let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        else { return nil }
        return SourceFile(target: String(target), path: path, text: text)
    }
}()

/// The modules that a file imports, whatever attributes and kinds stand before them.
func imports(of text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
        var words = line.split(separator: " ").map(String.init)
        while let first = words.first,
            first.hasPrefix("@") || ["public", "internal", "package", "private"].contains(first)
        {
            words.removeFirst()
        }
        guard words.count >= 2, words.removeFirst() == "import" else { return nil }
        if ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"].contains(words[0]) {
            words.removeFirst()
        }
        return words.first.map { String($0.prefix { $0 != "." }) }
    }
}

@Suite("The house")
struct ArchitectureTests {
    @Test func `Sources were found, and every target of the package has its floor`() {
        let targets = Set(sources.map(\.target))
        #expect(targets.count >= 16)
        #expect(targets.subtracting(house.keys) == ["powercut", "recoup", "simulate"])
    }

    @Test(
        arguments: house.keys.sorted()
    )
    func `A target imports only lower floors, and from outside only what its room allows`(target: String) throws {
        let room = try #require(house[target])
        for file in sources where file.target == target {
            for module in imports(of: file.text) {
                if let other = house[module] {
                    #expect(
                        other.floor < room.floor,
                        "\(file.path): \(target) is on floor \(room.floor), \(module) on floor \(other.floor)")
                } else {
                    #expect(room.outside.contains(module), "\(file.path): \(target) may not import \(module)")
                }
            }
        }
    }

    @Test func `One file of the command line names the store; everything else knows the contract`() {
        let choosing = sources.filter { $0.target == "recoup" && imports(of: $0.text).contains("SQLiteLedger") }
        #expect(choosing.map(\.path) == ["recoup/Configuration/Store.swift"])
    }

    /// With the reason why each is out of bounds.
    private static let forbidden: [(word: String, why: String)] = [
        ("Date()", "reads a clock"), ("Clock.now", "reads a clock"), ("Date.now", "reads a clock"),
        ("ContinuousClock", "reads a clock"), ("(.now", "reads a clock"), ("= .now", "reads a clock"),
        ("SuspendingClock", "reads a clock"), ("clock_gettime", "reads a clock"), ("random(", "is random"),
        ("randomElement", "is random"), ("SystemRandomNumberGenerator", "is random"), ("shuffled()", "is random"),
        ("UUID(", "is random"), ("CommandLine", "reads the environment"), ("getenv", "reads the environment"),
        (" print(", "writes to a stream"), ("hashValue", "differs between processes"),
        ("Hasher()", "differs between processes"),
    ]

    @Test(arguments: ["Arrears", "Tables", "LoanBook", "Leasing", "DispatchCore"])
    func `Floors 0 and 1, and the dispatch core, know no clock, no randomness and no process`(target: String) {
        for file in sources where file.target == target {
            let code = swiftCode(of: file.text)
            for (word, why) in Self.forbidden {
                #expect(!code.contains(word), "\(file.path): \(word) \(why)")
            }
        }
    }

    @Test func `Every file opens with what it owns`() {
        for file in sources where !file.isGenerated {
            #expect(file.text.hasPrefix("// Owns: "), "\(file.path): expected a first line `// Owns: …`")
        }
    }

    @Test func `No file is longer than 400 lines`() {
        for file in sources where !file.isGenerated {
            let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(lines <= 400, "\(file.path): expected at most 400 lines, got \(lines)")
        }
    }

    @Test func `Unchecked Sendable comes with its proof: a comment right above it or in its line`() {
        for file in sources where !file.isGenerated {
            let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() where line.contains("@unchecked Sendable") {
                let above = index > 0 ? lines[index - 1].drop { $0 == " " } : ""
                #expect(
                    above.hasPrefix("//") || line.contains("//"),
                    "\(file.path):\(index + 1): expected a comment that proves it")
            }
        }
    }

    @Test func `Every test has a sentence for a name`() throws {
        let root = projectRoot.appendingPathComponent("Tests")
        let found = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        for path in found.sorted() where path.hasSuffix(".swift") {
            let code = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
            for test in code.components(separatedBy: "\n    @Test").dropFirst() {
                let name = test.components(separatedBy: "func ").dropFirst().first ?? test
                #expect(name.hasPrefix("`"), "\(path): expected func `A sentence`(), got \(name.prefix(60))")
            }
        }
    }

    @Test func `The reader of imports knows every form of one`() {
        let text = """
            import A
            @testable import B
            public import C
            @preconcurrency import struct D.Inner
            import class E.Thing
            // import F
            let important = 1
            """
        #expect(imports(of: text) == ["A", "B", "C", "D", "E"])
    }

    @Test func `The reader of code leaves out comments and strings`() {
        let text = """
            let a = "Date() \\(b("Date()"))" // .now
            let c = #Q
                Date()
                #Q
            e() /* UUID() */
            """.replacing("#Q", with: "\"\"\"")
        let words = swiftCode(of: text).split { $0 == " " || $0 == "\n" }
        #expect(words == ["let", "a", "=", "b(", ")", "let", "c", "=", "e()"])
    }
}
