// Owns: whether a Hello is welcome. Pure.
import Arrears
import Leasing

enum Greeting {
    case welcome(WorkerSession)
    case refused(ErrorCode, String)

    /// What the wire cannot check: what this coordinator speaks and knows.
    static func check(_ hello: Message.Hello, of principal: Principal) -> Greeting {
        guard hello.versions.overlaps(Message.versions) else {
            return .refused(
                .versionUnsupported,
                "protocol version: expected one of \(words(Message.versions)), got \(words(hello.versions))")
        }
        guard hello.worker.isName else {
            return .refused(.invalidField, "worker_id: expected 1–64 characters of A–Z a–z 0–9 . _ -, got another")
        }
        guard hello.incarnation != 0 else { return .refused(.invalidField, "incarnation: expected not 0, got 0") }
        guard hello.capacity >= 1 else {
            return .refused(.invalidField, "capacity: expected 1 or more, got \(hello.capacity)")
        }
        guard !hello.stages.isEmpty else { return .refused(.unknownStage, "stages: expected at least one, got none") }
        if let unknown = hello.unknownStages.first {
            let known = Stage.allCases.map(\.rawValue).joined(separator: ", ")
            return .refused(.unknownStage, "stage: expected one of \(known), got \"\(unknown.text.prefix(64))\"")
        }
        let stages = Set(hello.stages.compactMap(\.stage))
        let permitted = principal.stages(as: hello.worker)
        guard !permitted.isEmpty else {
            return .refused(
                .invalidField,
                "worker_id: expected a name that the certificate of \(principal.name) permits, got \(hello.worker)")
        }
        if let other = stages.subtracting(permitted).min() {
            let words = permitted.sorted().map(\.rawValue).joined(separator: ", ")
            return .refused(
                .unknownStage,
                "stages: expected of \(words), which the certificate of \(principal.name) permits, got \(other.rawValue)"
            )
        }
        return .welcome(
            WorkerSession(
                worker: hello.worker, incarnation: hello.incarnation, stages: stages, capacity: hello.capacity))
    }

    private static func words(_ versions: ClosedRange<Int>) -> String {
        versions.count == 1 ? "\(versions.lowerBound)" : "\(versions.lowerBound)–\(versions.upperBound)"
    }
}
