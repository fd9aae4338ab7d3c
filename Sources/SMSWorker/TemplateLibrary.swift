// Owns: the directory of approved texts, read once at the start. Knows nothing of who is written to.
import Foundation

/// The approved texts by id and language: files named `<id>.<lang>.txt`.
package struct TemplateLibrary: Sendable {
    struct Key: Hashable, Sendable {
        var id: String
        /// BCP 47, in lower case.
        var language: String
    }

    private let templates: [Key: MessageTemplate]
    private let defaultLanguage: String

    /// Reads every template of a directory.
    /// - Throws: `TemplateFaults` with the faults of all files, or that there are none.
    package init(directory: String, defaultLanguage: String) throws(TemplateFaults) {
        var templates: [Key: MessageTemplate] = [:]
        var faults: [String] = []
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in names.sorted() where name.hasSuffix(".txt") {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty else {
                faults.append("\(directory)/\(name): expected a name like gentle-reminder.en.txt")
                continue
            }
            guard let data = FileManager.default.contents(atPath: "\(directory)/\(name)"),
                let source = String(validating: data, as: UTF8.self)
            else {
                faults.append("\(directory)/\(name): expected a file in UTF-8 that can be read")
                continue
            }
            do throws(TemplateFaults) {
                templates[Key(id: String(parts[0]), language: parts[1].lowercased())] = try MessageTemplate(source)
            } catch {
                faults += error.faults.map { "\(directory)/\(name): \($0)" }
            }
        }
        if names.isEmpty { faults.append("\(directory): expected a directory with templates, got none") }
        guard faults.isEmpty else { throw TemplateFaults(faults: faults) }
        self.templates = templates
        self.defaultLanguage = defaultLanguage.lowercased()
    }

    /// The text in the language asked for, or in a less special form of it (`zh-Hans-CN`, `zh-Hans`, `zh`), or in the
    /// default language; nil: there is no such text. With it, the language that it is in.
    package func template(_ id: String, language: String) -> (template: MessageTemplate, language: String)? {
        var tags = language.lowercased().split(separator: "-").map(String.init)
        var candidates: [String] = []
        while !tags.isEmpty {
            candidates.append(tags.joined(separator: "-"))
            tags.removeLast()
        }
        for candidate in candidates + [defaultLanguage] {
            if let template = templates[Key(id: id, language: candidate)] { return (template, candidate) }
        }
        return nil
    }
}
