// Owns: the proof that nothing is imported, allowed or depended on that is not used. Knows nothing of floors.
import Foundation
import Testing

@Suite("An import")
struct ImportTests {
    @Test func `names a module of the house whose declarations the file uses`() {
        let declared = Dictionary(grouping: sources, by: \.target).mapValues { files in
            files.reduce(into: Set<Substring>()) { $0.formUnion(declaredNames(in: swiftCode(of: $1.text))) }
        }
        for file in sources where !file.isGenerated {
            let used = names(in: swiftCode(of: file.text))
            for module in imports(of: file.text) {
                guard let names = declared[module] else { continue }
                #expect(!used.isDisjoint(with: names), "\(file.path): imports \(module) and uses nothing of it")
            }
        }
    }

    @Test(arguments: house.keys.sorted())
    func `from outside is allowed only to a room that makes use of it`(target: String) throws {
        let imported = Set(sources.filter { $0.target == target }.flatMap { imports(of: $0.text) })
        let room = try #require(house[target])
        #expect(room.outside.subtracting(imported) == [])
    }

    @Test(arguments: house.keys.sorted())
    func `stands behind every dependency that Package.swift gives a target`(target: String) throws {
        let imported = Set(sources.filter { $0.target == target }.flatMap { imports(of: $0.text) })
        let dependencies = try #require(try modules(behind: target), "no `floor(\"\(target)\"` in Package.swift")
        #expect(dependencies.subtracting(imported) == [])
    }
}

/// The words in quotes of a target's `floor(…)` that name modules; nil when it has none.
private func modules(behind target: String) throws -> Set<String>? {
    let package = try String(contentsOf: projectRoot.appendingPathComponent("Package.swift"), encoding: .utf8)
    let floors = package.split(separator: "floor(").dropFirst()
    guard let floor = floors.first(where: { $0.drop { $0.isWhitespace }.hasPrefix("\"\(target)\"") }) else {
        return nil
    }
    var depth = 1
    let call = floor.prefix { character in
        depth += character == "(" ? 1 : character == ")" ? -1 : 0
        return depth > 0
    }
    // `product("NIOCore", nio)`, `product("Crypto", "swift-crypto")`: the package is no module.
    let quoted = call.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
        .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    return Set(quoted.filter { $0 != target && $0.first?.isUppercase == true && !$0.contains(".") })
}

private func names(in code: String) -> Set<Substring> {
    Set(code.split { !($0.isLetter || $0.isNumber || $0 == "_") })
}

/// What stands behind a word that declares something. More than a file can see; enough to find what it cannot use.
private func declaredNames(in code: String) -> Set<Substring> {
    let keywords: Set<Substring> = [
        "struct", "class", "enum", "protocol", "actor", "typealias", "func", "var", "let", "case",
    ]
    let words = code.split { !($0.isLetter || $0.isNumber || $0 == "_") }
    return Set(zip(words, words.dropFirst()).filter { keywords.contains($0.0) }.map(\.1))
}
