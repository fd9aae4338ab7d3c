// Owns: the graph of types between the files of one room: which file names a type that another one declares. Reads
// Swift as text: declarations at the start of a line, names anywhere outside comments and literals.

/// Files of one target as nodes; an edge where a file names a top-level type of another.
struct TypeGraph {
    /// By file: the files whose types it names, each with one such type.
    private(set) var edges: [String: [String: String]] = [:]

    /// - Parameter files: path and text of each.
    init(_ files: [(path: String, text: String)]) {
        let codes = files.map { (path: $0.path, code: swiftCode(of: $0.text)) }
        var home: [Substring: String] = [:]
        for file in codes {
            for type in declaredTypes(in: file.code) { home[type] = file.path }
        }
        for file in codes {
            edges[file.path] = [:]
            for name in typeNames(in: file.code) {
                if let other = home[name], other != file.path { edges[file.path]?[other] = String(name) }
            }
        }
    }

    /// One circle in words, `A ─T→ B ─U→ A`; nil when there is none.
    var circle: String? {
        var done: Set<String> = []
        for start in edges.keys.sorted() {
            var path: [String] = []
            if let circle = circle(from: start, path: &path, done: &done) { return words(circle) }
        }
        return nil
    }

    private func circle(from file: String, path: inout [String], done: inout Set<String>) -> [String]? {
        if let start = path.firstIndex(of: file) { return path[start...] + [file] }
        guard !done.contains(file) else { return nil }
        path.append(file)
        for next in (edges[file] ?? [:]).keys.sorted() {
            if let circle = circle(from: next, path: &path, done: &done) { return circle }
        }
        path.removeLast()
        done.insert(file)
        return nil
    }

    private func words(_ circle: [String]) -> String {
        zip(circle, circle.dropFirst()).reduce(circle[0]) { text, step in
            text + " ─\(edges[step.0]?[step.1] ?? "")→ \(step.1)"
        }
    }
}

/// Names of the types that the text declares for its whole room, at the start of a line and not private.
private func declaredTypes(in code: String) -> [Substring] {
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "actor", "typealias"]
    return code.split(separator: "\n").compactMap { line in
        guard let first = line.first, first.isLetter || first == "@" else { return nil }
        var words = line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "@") }[...]
        while let word = words.popFirst() {
            if kinds.contains(word) { return words.first }
            let isModifier = ["package", "final", "indirect", "nonisolated", "unchecked"].contains(word)
            guard isModifier || word.hasPrefix("@") else { return nil }
        }
        return nil
    }
}

/// Every name with a capital that is not a member of another.
private func typeNames(in code: String) -> Set<Substring> {
    var names: Set<Substring> = []
    var previous: Character = " "
    var start = code.startIndex
    func isInName(_ character: Character) -> Bool { character.isLetter || character.isNumber || character == "_" }
    while start < code.endIndex {
        guard isInName(code[start]) else {
            previous = code[start]
            start = code.index(after: start)
            continue
        }
        let end = code[start...].firstIndex { !isInName($0) } ?? code.endIndex
        if code[start].isUppercase, previous != "." { names.insert(code[start..<end]) }
        previous = code[code.index(before: end)]
        start = end
    }
    return names
}
