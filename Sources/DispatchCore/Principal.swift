// Owns: who is connected, and what he may do. Knows no certificate.
import Arrears

/// Who is connected, and as which workers he may act. Whoever has no permit for a name is refused under it.
package struct Principal: Hashable, Sendable {
    /// Workers that somebody may be, and the stages that they may have then.
    package struct Permit: Hashable, Sendable {
        /// A worker's name, or the beginning of names: a pool numbers its own.
        fileprivate let name: String
        fileprivate let isBeginning: Bool
        package let stages: Set<Stage>

        /// - Parameter names: a worker's name, or with `*` at its end all that begin so.
        /// - Returns: nil for no such name, or no stage.
        package init?(names: String, stages: Set<Stage>) {
            isBeginning = names.hasSuffix("*")
            name = isBeginning ? String(names.dropLast()) : names
            guard !stages.isEmpty, (isBeginning && name.isEmpty) || WorkerID(name).isName else { return nil }
            self.stages = stages
        }

        fileprivate func covers(_ worker: WorkerID) -> Bool {
            isBeginning ? worker.text.utf8.starts(with: name.utf8) : worker.text == name
        }
    }

    /// For people: a certificate's subject.
    package let name: String
    /// nil: whoever reaches the port.
    private let permits: [Permit]?

    /// Whoever reaches a port without TLS, which is on loopback unless somebody said otherwise.
    package static let anyone = Principal(name: "anyone", permits: nil)

    package init(name: String, permits: [Permit]) { self.init(name: name, permits: Optional(permits)) }

    private init(name: String, permits: [Permit]?) {
        self.name = name
        self.permits = permits
    }

    /// The stages that it may have under this name; none: it is not permitted.
    func stages(as worker: WorkerID) -> Set<Stage> {
        guard let permits else { return Set(Stage.allCases) }
        return permits.filter { $0.covers(worker) }.reduce(into: []) { $0.formUnion($1.stages) }
    }
}

extension WorkerID {
    /// 1–64 characters of A–Z a–z 0–9 . _ -
    var isName: Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
