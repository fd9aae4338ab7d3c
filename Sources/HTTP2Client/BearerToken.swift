// Owns: the token that a service is shown, and where it is read. Knows nothing of calls.
import Foundation
import Synchronization

/// Settings that a service cannot be called with.
package struct ServiceSettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

/// The bearer token of a service. A file that is mended is read again when the service refuses the token.
final class BearerToken: Sendable {
    private let file: String
    private let known: Mutex<String>

    var text: String { known.withLock { $0 } }

    init(file: String) throws(ServiceSettingsError) {
        self.file = file
        guard let text = Self.read(file) else {
            throw ServiceSettingsError("\(file): expected a file with a bearer token, got none or an empty one")
        }
        known = Mutex(text)
    }

    func readAgain() {
        guard let text = Self.read(file) else { return }
        known.withLock { $0 = text }
    }

    private static func read(_ file: String) -> String? {
        let text = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return token.isEmpty ? nil : token
    }
}
