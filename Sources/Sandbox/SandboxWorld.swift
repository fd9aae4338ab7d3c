// Owns: the settings of the sandbox, and what its parts share.
import Arrears

package struct SandboxConfiguration: Hashable, Sendable {
    /// Where `effects.jsonl`, `sandbox.json` and, unless another file is named, `token` are.
    package var directory: String
    package var host: String
    /// 0: any that is free; `sandbox.json` says which.
    package var port: Int
    package var seed: UInt64
    /// Holds the bearer token; nil: `token` in the directory, made where there is none.
    package var tokenFile: String?
    /// PEM files for TLS; nil: HTTP/2 in clear text.
    package var certificateFile: String?
    package var privateKeyFile: String?
    /// A receipt or a disposition is there after at most this many milliseconds, as the seed has it per task.
    package var answerMilliseconds = 400
    package var faults = SandboxFaults()

    package init(directory: String, host: String = "127.0.0.1", port: Int = 0, seed: UInt64 = 1) {
        self.directory = directory
        self.host = host
        self.port = port
        self.seed = seed
    }
}

/// What goes wrong on purpose, as a function of seed, key and how often the key has come.
package struct SandboxFaults: Hashable, Sendable {
    /// Every answer comes this many milliseconds later.
    package var replyDelayMilliseconds = 0
    /// Of a thousand messages and call items, so many get 503 instead of being looked at.
    package var unavailablePermille = 0
    /// `Retry-After` of those.
    package var retryAfterSeconds = 1
    /// Of a thousand messages and call items, so many are taken but never answered.
    package var lostReplyPermille = 0
    package init() {}
}

package enum SandboxError: Error, Hashable, Sendable, CustomStringConvertible {
    case unusable(String)
    package var description: String {
        switch self {
        case .unusable(let message): message
        }
    }
}

/// What the parts of the sandbox share.
package struct SandboxWorld: Sendable {
    package let configuration: SandboxConfiguration
    package let record: EffectRecord
    package let debtors: DebtorBehaviour
}

extension SandboxWorld {
    /// Whether the time that this task's answer takes has passed.
    func hasAnswered(_ task: TaskID, since start: Timestamp) -> Bool {
        let needed = debtors.draw("answer-time", task, below: configuration.answerMilliseconds + 1)
        return record.now() >= start.adding(milliseconds: Int64(needed))
    }
}
