// Owns: one line of the sandbox's record. Knows no file.
import Arrears

/// What the outside world saw, once. A line is an **effect** when `firstSeen` is true: a message accepted for sending, a
/// call item created, a case placed. Every other line says that the same task came again:
/// - `duplicate`: what came would have been a second contact or placement, had the outside not known the task already.
///   There must be none;
/// - neither: harmless by its nature, such as a call item that is put under the same id again.
package struct EffectLine: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable { case sms, call, placement }

    /// 1, 2, 3, … without gaps over all runs of the sandbox in this directory.
    package var seq: Int
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package var at: Timestamp
    package var kind: Kind
    package var task: TaskID
    package var firstSeen: Bool
    package var isDuplicate: Bool
    /// A call item was taken back.
    package var isWithdrawn: Bool
    /// SHA-256 of what came, in hexadecimal.
    package var digest: String
    /// What the world must remember of it to answer later, such as the amount that a promise is made about; no
    /// personal data.
    package var facts: [String: String]

    enum CodingKeys: String, CodingKey {
        case seq, at, kind, digest, facts
        case task = "task_id"
        case firstSeen = "first_seen"
        case isDuplicate = "duplicate"
        case isWithdrawn = "withdrawn"
    }

    init(
        seq: Int, at: Timestamp, kind: Kind, task: TaskID, firstSeen: Bool, isDuplicate: Bool = false,
        isWithdrawn: Bool = false, digest: String, facts: [String: String] = [:]
    ) {
        self.seq = seq
        self.at = at
        self.kind = kind
        self.task = task
        self.firstSeen = firstSeen
        self.isDuplicate = isDuplicate
        self.isWithdrawn = isWithdrawn
        self.digest = digest
        self.facts = facts
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        seq = try values.decode(Int.self, forKey: .seq)
        at = try values.decode(Timestamp.self, forKey: .at)
        kind = try values.decode(Kind.self, forKey: .kind)
        task = try values.decode(TaskID.self, forKey: .task)
        firstSeen = try values.decode(Bool.self, forKey: .firstSeen)
        isDuplicate = try values.decodeIfPresent(Bool.self, forKey: .isDuplicate) ?? false
        isWithdrawn = try values.decodeIfPresent(Bool.self, forKey: .isWithdrawn) ?? false
        digest = try values.decode(String.self, forKey: .digest)
        facts = try values.decodeIfPresent([String: String].self, forKey: .facts) ?? [:]
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(seq, forKey: .seq)
        try values.encode(at, forKey: .at)
        try values.encode(kind, forKey: .kind)
        try values.encode(task, forKey: .task)
        try values.encode(firstSeen, forKey: .firstSeen)
        if isDuplicate { try values.encode(true, forKey: .isDuplicate) }
        if isWithdrawn { try values.encode(true, forKey: .isWithdrawn) }
        try values.encode(digest, forKey: .digest)
        if !facts.isEmpty { try values.encode(facts, forKey: .facts) }
    }
}

/// What one task has come to in the outside world, folded from its lines.
package struct SeenEffect: Hashable, Sendable {
    package var at: Timestamp
    package var digest: String
    package var facts: [String: String]
    package var isWithdrawn: Bool
    /// The last line about it.
    var seq: Int
}

/// The pure part of the record: which lines there are, and what a new one would be.
struct EffectBook {
    struct Key: Hashable {
        var kind: EffectLine.Kind
        var task: TaskID
    }

    private(set) var seen: [Key: SeenEffect] = [:]
    private(set) var lastSeq = 0

    /// The line for something that comes now.
    func line(
        _ kind: EffectLine.Kind, _ task: TaskID, digest: String, facts: [String: String], at: Timestamp
    ) -> EffectLine {
        let before = seen[Key(kind: kind, task: task)]
        let isDuplicate =
            switch kind {
            // Whoever posts a message again would have it sent again.
            case .sms: before != nil
            // Put under the id of the item that is there.
            case .call: false
            // The same batch read again, or the case in another batch.
            case .placement: before != nil && before?.digest != digest
            }
        return EffectLine(
            seq: lastSeq + 1, at: at, kind: kind, task: task, firstSeen: before == nil, isDuplicate: isDuplicate,
            digest: digest, facts: facts)
    }

    /// Takes a line in, from the file or new.
    mutating func apply(_ line: EffectLine) {
        lastSeq = line.seq
        let key = Key(kind: line.kind, task: line.task)
        if line.firstSeen || seen[key] == nil {
            seen[key] = SeenEffect(
                at: line.at, digest: line.digest, facts: line.facts, isWithdrawn: line.isWithdrawn, seq: line.seq)
        } else {
            seen[key]?.isWithdrawn = line.isWithdrawn
            seen[key]?.seq = line.seq
            if line.kind == .call, !line.isWithdrawn { seen[key]?.facts = line.facts }
        }
    }
}
