// Owns: the proof that documents name only what is there. Knows nothing of what they say.
import Foundation
import Testing

@Suite("A document")
struct DocumentTests {
    private static let documents: [String] = {
        let folders = ["", "docs/", "docs/decisions/", "proto/"]
        return folders.flatMap { folder in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: projectRoot.path + "/" + folder)) ?? []
            return names.filter { $0.hasSuffix(".md") }.sorted().map { folder + $0 }
        }
    }()

    @Test(arguments: documents)
    func `names only files and folders that are there`(document: String) throws {
        let text = try String(contentsOf: projectRoot.appendingPathComponent(document), encoding: .utf8)
        for path in paths(in: text) { #expect(exists(path), "\(document): \(path) is not there") }
        let folder = URL(fileURLWithPath: document, relativeTo: projectRoot).deletingLastPathComponent()
        for link in links(in: text) {
            let target = URL(fileURLWithPath: link, relativeTo: folder).path
            #expect(FileManager.default.fileExists(atPath: target), "\(document): the link to \(link) leads nowhere")
        }
    }

    @Test func `on how it works has each target on its floor`() throws {
        let text = try String(
            contentsOf: projectRoot.appendingPathComponent("docs/how-it-works.md"), encoding: .utf8)
        for (target, room) in house {
            let row = text.split(separator: "\n").first { $0.hasPrefix("| ") && $0.contains("`\(target)`") }
            #expect(
                row?.hasPrefix("| \(room.floor) |") == true,
                "\(target): expected floor \(room.floor), got \(row ?? "no row")")
        }
    }

    @Test func `on floors is a script, and it knows every test target`() throws {
        let script = try String(contentsOf: projectRoot.appendingPathComponent("scripts/floor.sh"), encoding: .utf8)
        let package = try String(contentsOf: projectRoot.appendingPathComponent("Package.swift"), encoding: .utf8)
        let targets = package.components(separatedBy: ".testTarget(").dropFirst().compactMap {
            $0.split(separator: "\"").dropFirst().first.map(String.init)
        }
        #expect(targets.count > 15)
        for target in targets { #expect(script.contains(target), "scripts/floor.sh does not build \(target)") }
    }

    @Test func `is read as people read it`() {
        let text = "`Sources/A/B.swift`, `Wire/C.swift`, `scripts/x.sh --seeds 1`, `a/b`, `NAME/` and [d](docs/e.md#f)"
        #expect(paths(in: text) == ["Sources/A/B.swift", "Wire/C.swift", "scripts/x.sh"])
        #expect(links(in: text) == ["docs/e.md"])
    }

    /// Words in backticks that begin as a path of the project does.
    private func paths(in text: String) -> [String] {
        let roots = ["Sources/", "Tests/", "docs/", "scripts/", "policies/", "examples/", "proto/", "templates/"]
        return text.split(separator: "\n").flatMap { line in
            line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }
                .compactMap { $0.element.split(separator: " ").first.map(String.init) }
        }.filter { path in
            roots.contains { path.hasPrefix($0) && path != $0 }
                || (house.keys.contains { path.hasPrefix($0 + "/") } || path.hasPrefix("recoup/"))
                    && path.hasSuffix(".swift")
        }.filter { !$0.contains("*") && !$0.contains("NAME") && !$0.contains("TARGET") && !$0.contains("…") }
    }

    /// Targets of links within the project, without what stands behind `#`.
    private func links(in text: String) -> [String] {
        text.components(separatedBy: "](").dropFirst().compactMap { rest in
            let target = rest.prefix { $0 != ")" && $0 != "#" && $0 != " " }
            return target.isEmpty || target.contains(":") ? nil : String(target)
        }
    }

    private func exists(_ path: String) -> Bool {
        ["", "Sources/"].contains { FileManager.default.fileExists(atPath: projectRoot.path + "/" + $0 + path) }
    }
}
