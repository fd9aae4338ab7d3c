// Owns: the vocabulary of leases. Knows no clock: `now` is an argument.
import Arrears

/// A batch of tasks held by one worker; unique over all coordinators that ever ran on a ledger.
public struct LeaseID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    public static func < (left: LeaseID, right: LeaseID) -> Bool { left.rawValue < right.rawValue }
    public var description: String { String(rawValue, radix: 16) }
}

/// Grows with every grant; a change under an older epoch is no change.
public struct Epoch: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    public static func < (left: Epoch, right: Epoch) -> Bool { left.rawValue < right.rawValue }
    public var next: Epoch { Epoch(rawValue + 1) }
    public var description: String { String(rawValue) }
}

/// A lease with its fence: both are named in every change.
public struct LeaseKey: Hashable, Sendable {
    public var id: LeaseID
    public var epoch: Epoch
    public init(id: LeaseID, epoch: Epoch) {
        self.id = id
        self.epoch = epoch
    }
}

/// The clocks, read once per turn of the loop.
public struct Now: Hashable, Sendable {
    /// Milliseconds of a clock that never jumps, for leases and time-outs.
    public var uptime: Int64
    /// The business clock, for contact windows and what is said of people; a sandbox may set it.
    public var wall: Timestamp
    /// The machine's own clock, for how long a run took.
    public var machine: Timestamp
    /// - Parameter machine: nil: the business clock is the machine's own.
    public init(uptime: Int64, wall: Timestamp, machine: Timestamp? = nil) {
        self.uptime = uptime
        self.wall = wall
        self.machine = machine ?? wall
    }
}

/// Where a task stands.
///
/// ```
/// planned ─ due ─▶ ready ─ lease ─▶ leased ─ report ─▶ settled
///                   ▲ ▲               │ │
///                   │ └── released ───┘ └─ expired: idempotent → ready, atMostOnce → uncertain
///                   └── inquiry: never seen ── uncertain ── inquiry: seen, late report ─▶ settled
/// planned, ready ─ hold, payment, window closed ─▶ withdrawn;  leased too often ─▶ poison
/// ```
public enum TaskState: String, Hashable, Sendable, Codable, CaseIterable {
    case planned, ready, leased, uncertain, settled, withdrawn, poison

    /// Nothing more will happen to it in this run without a person.
    public var isFinal: Bool {
        switch self {
        case .settled, .withdrawn, .poison: true
        case .planned, .ready, .leased, .uncertain: false
        }
    }
}

/// Whether a leased task is to be done or asked about.
public enum TaskMode: String, Hashable, Sendable, Codable {
    case attempt
    /// Ask the outside by the task id whether it was done; do not do it.
    case inquire
}

/// A task in a worker's hands.
public struct LeasedTask: Hashable, Sendable {
    public var id: TaskID
    public var portfolio: PortfolioID
    public var mode: TaskMode
    /// No attempt may start after this moment of the business clock.
    public var notAfter: Timestamp
    /// How often it has been leased, this time included.
    public var delivery: Int
    /// The stage's content in wire encoding.
    public var content: [UInt8]
    public init(
        id: TaskID, portfolio: PortfolioID, mode: TaskMode, notAfter: Timestamp, delivery: Int, content: [UInt8]
    ) {
        self.id = id
        self.portfolio = portfolio
        self.mode = mode
        self.notAfter = notAfter
        self.delivery = delivery
        self.content = content
    }
}

/// What a settle, a release or an answer to an inquiry came to, per task.
public enum Verdict: String, Hashable, Sendable {
    case accepted
    /// The same lease and epoch had settled it before.
    case alreadyKnown
    /// Nothing changed.
    case leaseLost
    /// It was uncertain, or asked about, after this very lease had ended: settled, or made ready, by this message.
    case late
    case unknownTask
}
