// Owns: the proof that no room goes in circles: what a file builds on never builds on it.
import Testing

@Suite("The graph of types between files")
struct TypeGraphTests {
    @Test(arguments: Set(sources.map(\.target)).sorted())
    func `has no circle in any room`(target: String) {
        let files = sources.filter { $0.target == target && !$0.isGenerated }.map { (path: $0.path, text: $0.text) }
        #expect(TypeGraph(files).circle == nil)
    }

    @Test(arguments: Set(sources.map(\.target)).sorted())
    func `has no circle between the folders of a room either`(target: String) {
        let files = sources.filter { $0.target == target && !$0.isGenerated }
        let folders = Dictionary(grouping: files) { $0.path.split(separator: "/").dropLast().joined(separator: "/") }
        let texts = folders.map { (path: $0.key, text: $0.value.map(\.text).joined(separator: "\n")) }
        #expect(TypeGraph(texts).circle == nil)
    }

    @Test func `is seen to have one, with the types that make it, across comments, literals and members`() {
        let lower = (path: "Lower.swift", text: "package struct Lower {\n    var a = \"\\(Middle.zero)\"\n}\n")
        let middle = (path: "Middle.swift", text: "@frozen enum Middle {\n    func f() -> Upper {}\n}\n")
        let upper = (path: "Upper.swift", text: "final class Upper: Base {\n    let l: [Lower]\n}\n")
        #expect(
            TypeGraph([upper, lower, middle]).circle
                == "Lower.swift ─Middle→ Middle.swift ─Upper→ Upper.swift ─Lower→ Lower.swift")
        let innocent = (path: "Lower.swift", text: "struct Lower { var a: B.Middle } // Middle\nlet b = \"Middle\"\n")
        #expect(TypeGraph([upper, innocent, middle]).circle == nil)
    }

    @Test func `leaves out types that only their own file can name`() {
        let one = (path: "One.swift", text: "struct One { let two: Two }\nprivate struct Part {}\n")
        let two = (path: "Two.swift", text: "struct Two { let part: Part }\nprivate struct Part {}\n")
        #expect(TypeGraph([one, two]).circle == nil)
    }
}
