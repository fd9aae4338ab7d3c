// Owns: the kit that documents are read with: values, and every fault with its line and path.
@testable import Arrears
import Testing

@Suite struct DocumentReaderTests {
    /// A mapping whose keys stand one to a line, from line 1.
    func document(_ entries: (String, DocumentNode)...) -> DocumentNode {
        .mapping(
            entries.enumerated().map { DocumentNode.Entry(key: $1.0, line: $0 + 1, value: $1.1) }, line: 1)
    }

    func plain(_ text: String, line: Int = 1) -> DocumentNode { .scalar(text, line: line, isQuoted: false) }

    func faults(_ node: DocumentNode, _ body: (DocumentReader) -> Void) -> [String] {
        do {
            return try DocumentReader.read(node, source: "test") { reader -> [String]? in
                body(reader)
                return []
            }
        } catch {
            return error.faults.map(\.description)
        }
    }

    /// What the scalar `text` is read as, or the fault's text.
    func read<Value>(_ text: String, isQuoted: Bool = false, _ body: (DocumentReader) -> Value?) -> String {
        do {
            let value = try DocumentReader.read(.scalar(text, line: 1, isQuoted: isQuoted), source: "test", body)
            return "\(value)"
        } catch {
            return error.faults.map { "expected \($0.expected), got \($0.got)" }.joined(separator: "; ")
        }
    }

    @Test func `All faults come together in order of line`() {
        let node = document(
            ("name", plain("cn", line: 1)), ("cap", plain("many", line: 2)), ("colour", plain("red", line: 3)),
            ("steps", .sequence([plain("1", line: 5), plain("x", line: 6)], line: 5)))
        let found = faults(node) { reader in
            _ = reader.mapping { keys -> Int? in
                _ = keys.required("steps")?.list { $0.integer(in: 1...9) }
                _ = keys.required("name")?.name()
                _ = keys.required("cap")?.integer(in: 1...10)
                _ = keys.required("version")?.text()
                return nil
            }
        }
        #expect(
            found == [
                "line 1: version: expected the key \"version\", got no such key",
                "line 2: cap: expected a whole number from 1 to 10, got \"many\"",
                "line 3: colour: expected one of cap, name, steps, version, got \"colour\"",
                "line 6: steps[2]: expected a whole number from 1 to 9, got \"x\"",
            ])
    }

    @Test func `An unknown key is answered with the nearest one`() {
        let found = faults(document(("tempalte", plain("x")))) { reader in
            _ = reader.mapping { keys in keys.optional("template")?.text() ?? "" }
        }
        #expect(found == ["line 1: tempalte: expected \"template\" perhaps, got \"tempalte\""])
    }

    @Test func `A misspelt key is one fault not two`() {
        let found = faults(document(("tempalte", plain("x")))) { reader in
            _ = reader.mapping { keys in
                _ = keys.required("stage")?.text()
                return keys.required("template")?.text()
            }
        }
        #expect(
            found == [
                "line 1: tempalte: expected \"template\" perhaps, got \"tempalte\"",
                "line 1: stage: expected the key \"stage\", got no such key",
            ])
    }

    @Test func `A key without a value is no absence`() {
        let found = faults(document(("name", plain("")))) { reader in
            _ = reader.mapping { keys in keys.optional("name")?.text() ?? "default" }
        }
        #expect(found == ["line 1: name: expected text, got nothing"])
    }

    @Test func `The same key twice is a fault`() {
        let found = faults(document(("a", plain("1")), ("a", plain("2", line: 2)))) { reader in
            _ = reader.mapping { keys in keys.required("a")?.text() }
        }
        #expect(found == ["line 2: a: expected each key once, got \"a\" again"])
    }

    @Test func `Exactly one of several keys`() {
        func choose(_ node: DocumentNode) -> [String] {
            faults(node) { reader in
                _ = reader.mapping { keys in keys.exactlyOne(of: ["wait", "stop"]) }
            }
        }
        #expect(choose(document(("wait", plain("1")))).isEmpty)
        #expect(choose(document()) == ["line 1: document: expected one of wait, stop, got none of them"])
        #expect(
            choose(document(("wait", plain("1")), ("stop", plain("2"))))
                == ["line 1: document: expected one of wait, stop, got wait and stop"])
    }

    @Test func `Scalars are read strictly`() {
        #expect(read("12") { $0.integer(in: 0...12) } == "12")
        #expect(read("13") { $0.integer(in: 0...12) } == "expected a whole number from 0 to 12, got \"13\"")
        #expect(read("true") { $0.boolean() } == "true")
        #expect(read("true", isQuoted: true) { $0.boolean() } == "expected true or false, got \"true\"")
        #expect(read("yes") { $0.boolean() } == "expected true or false, got \"yes\"")
        #expect(read("2024-02-29") { $0.date() } == "2024-02-29")
        #expect(read("2025-02-29") { $0.date() } == "expected a date YYYY-MM-DD, got \"2025-02-29\"")
        #expect(read("08:30") { $0.clockTime() } == "510")
        #expect(read("24:00") { $0.clockTime() } == "1440")
        #expect(read("24:01") { $0.clockTime() }.hasPrefix("expected a time"))
        #expect(read("8:30") { $0.clockTime() }.hasPrefix("expected a time"))
        #expect(read("CNY") { $0.currency() } == "CNY")
        #expect(read("RMB") { $0.currency() } == "expected an ISO 4217 code such as CNY, got \"RMB\"")
        #expect(read("smss") { $0.word(Stage.self) } == "expected \"sms\" perhaps, got \"smss\"")
        #expect(read("a b") { $0.name() }.hasPrefix("expected a name"))
        #expect(read("", isQuoted: true) { $0.textOrEmpty() } == "")
        #expect(read("", isQuoted: true) { $0.text() } == "expected text, got \"\"")
        #expect(read("x") { $0.oneOrMore { $0.text() } } == "[\"x\"]")
    }

    @Test(
        arguments: [
            ("1..3", 1, 3), ("31..", 31, nil), ("..-1", nil, -1), ("5", 5, 5), ("-3..-1", -3, -1), ("7..7", 7, 7),
        ] as [(String, Int?, Int?)])
    func `Ranges are read and shown`(_ text: String, _ from: Int?, _ through: Int?) throws {
        let range = try #require(IntegerRange(text))
        #expect(range == IntegerRange(from: from, through: through))
        #expect(range.contains(from ?? -1000) && range.contains(through ?? 1000))
        if let from { #expect(!range.contains(from - 1)) }
        if let through { #expect(!range.contains(through + 1)) }
        #expect(IntegerRange(range.description) == range)
    }

    @Test(arguments: ["", "..", "3..1", "1...3", "a..b", "1..2..3", "1 .. 3"])
    func `What is no range is none`(_ text: String) {
        #expect(IntegerRange(text) == nil)
    }
}
