// Owns: what YAML becomes, and what of YAML is refused.
@testable import Arrears
@testable import Documents
import Testing

@Suite struct YAMLTests {
    func faults(_ yaml: String) -> [DocumentFault] {
        do {
            let document = try readDocument(yaml: yaml, source: "test.yaml")
            Issue.record("expected faults, got \(document)")
            return []
        } catch {
            #expect(error.source == "test.yaml")
            return error.faults
        }
    }

    @Test func `Every node remembers its line`() throws {
        let yaml = """
            # a comment
            name: cn
            windows:
              - from: "08:00"
                to: 22:00
              - [a, 'b']
            empty:
            """
        let document = try readDocument(yaml: yaml, source: "test.yaml")
        let expected = DocumentNode.mapping(
            [
                .init(key: "name", line: 2, value: .scalar("cn", line: 2, isQuoted: false)),
                .init(
                    key: "windows", line: 3,
                    value: .sequence(
                        [
                            .mapping(
                                [
                                    .init(key: "from", line: 4, value: .scalar("08:00", line: 4, isQuoted: true)),
                                    .init(key: "to", line: 5, value: .scalar("22:00", line: 5, isQuoted: false)),
                                ], line: 4),
                            .sequence(
                                [.scalar("a", line: 6, isQuoted: false), .scalar("b", line: 6, isQuoted: true)],
                                line: 6),
                        ], line: 4)),
                .init(key: "empty", line: 7, value: .scalar("", line: 7, isQuoted: false)),
            ], line: 2)
        #expect(document == expected)
    }

    @Test func `A byte order mark and windows line ends are no content`() throws {
        let document = try readDocument(yaml: "\u{FEFF}a: 1\r\nb: 2\r\n", source: "test.yaml")
        #expect(
            document
                == .mapping(
                    [
                        .init(key: "a", line: 1, value: .scalar("1", line: 1, isQuoted: false)),
                        .init(key: "b", line: 2, value: .scalar("2", line: 2, isQuoted: false)),
                    ], line: 1))
    }

    @Test(arguments: ["~", "null"]) func `Nothing is written in three ways`(_ nothing: String) throws {
        let document = try readDocument(yaml: "a: \(nothing)", source: "test.yaml")
        guard case .mapping(let entries, _) = document else {
            Issue.record("expected a mapping, got \(document)")
            return
        }
        #expect(entries[0].value == .scalar("", line: 1, isQuoted: false))
    }

    @Test func `Aliases that multiply themselves are refused before they do`() {
        let levels = (1...40).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]" }
        let yaml = (["a0: &a0 [x, x]"] + levels + ["? *a40", ": 1"]).joined(separator: "\n")
        let faults = #expect(throws: DocumentFaults.self) { try readDocument(yaml: yaml, source: "test.yaml") }
        #expect(
            faults?.faults.map(\.description)
                == ["line 10: document: expected the values written out, got more than 16 aliases"])
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func `What nests without end is refused`(opening: String) {
        let yaml = String(repeating: opening, count: 50_000)
        #expect(throws: DocumentFaults.self) { try readDocument(yaml: yaml, source: "test.yaml") }
    }

    @Test func `A syntax error names its line`() {
        let found = faults("a: 1\nb: [1, 2\nc: 3\n")
        #expect(found.count == 1)
        #expect(found.first?.line == 3)
    }

    @Test func `A tab is a syntax error at its line`() {
        #expect(faults("a:\n  b: 1\n\tc: 2\n").first?.line == 3)
    }

    @Test func `A key twice is refused`() {
        let found = faults("x: 1\na: 1\na: 2\n")
        #expect(found.first?.expected == "each key once")
        #expect(found.first?.got == "\"a\" again")
        #expect(found.first?.line == 2)
    }

    @Test func `Anchors and aliases are refused without growing`() {
        // Each level would be three times the one before: nothing of it is entered.
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...5 {
            let items = Array(repeating: "*a\(level - 1)", count: 3).joined(separator: ", ")
            yaml += "a\(level): &a\(level) [\(items)]\n"
        }
        let found = faults(yaml)
        #expect(found.count == 6)
        #expect(found.map(\.line) == Array(1...6))
        #expect(found.allSatisfy { $0.expected == "the value written out" })
    }

    @Test func `An alias without an anchor is refused`() {
        #expect(faults("a: *b\n").first?.line == 1)
    }

    @Test func `Merge keys and keys that are not scalars are refused`() {
        #expect(faults("a:\n  <<: {b: 1}\n").first?.expected == "plain keys")
        #expect(faults("? [a, b]\n: 1\n").first?.expected == "plain keys")
    }

    @Test func `Several documents are refused`() {
        let found = faults("a: 1\n---\nb: 2\n")
        #expect(found.first?.expected == "one document")
        #expect(found.first?.line == 2)
    }

    @Test(arguments: ["", "\n\n", "# only a comment\n"]) func `An empty file is refused`(_ yaml: String) {
        #expect(faults(yaml).first?.got == "an empty file")
    }

    @Test func `Control characters are refused`() {
        let found = faults("a: 1\nb: \u{01}\n")
        #expect(found.first?.line == 2)
        #expect(found.first?.expected == "text without control characters")
    }
}
