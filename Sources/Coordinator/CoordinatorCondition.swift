// Owns: what a person should know of a coordinator that does less than it could, and the file that tells it.
import Foundation
import Ledger

/// Why a coordinator does less than it could, for `recoup status`.
package struct CoordinatorCondition: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable {
        /// Nothing new is leased; reports are taken while the reserve lasts.
        case diskFull
        /// The ledger failed and is being opened anew; nobody is served.
        case ledgerFault
    }
    package var kind: Kind
    /// Milliseconds since 1970.
    package var since: Int64
    package var detail: String

    package static func file(in dataDirectory: String) -> String { "\(dataDirectory)/coordinator-condition.json" }

    /// nil: the coordinator works as it should, or none has said otherwise.
    package init?(in dataDirectory: String) {
        guard let data = FileManager.default.contents(atPath: Self.file(in: dataDirectory)),
            let found = try? JSONDecoder().decode(CoordinatorCondition.self, from: data)
        else { return nil }
        self = found
    }

    init(_ kind: Kind, _ fault: LedgerError) {
        self.kind = kind
        since = MachineClock.system.wall().milliseconds
        detail = fault.message
    }

    /// Best effort: on a full disk the file may not be writable, and the observer was told before.
    static func show(_ condition: CoordinatorCondition?, in dataDirectory: String) {
        let path = file(in: dataDirectory)
        guard let condition, let data = try? JSONEncoder().encode(condition) else {
            unlink(path)
            return
        }
        try? data.write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
