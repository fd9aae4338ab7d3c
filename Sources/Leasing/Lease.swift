// Owns: the vocabulary of leases. Knows no clock: `now` is an argument.
import Arrears

/// A batch of tasks held by one worker; unique over all coordinators that ever ran on a ledger.
package struct LeaseID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    package static func < (left: LeaseID, right: LeaseID) -> Bool { left.rawValue < right.rawValue }
    package var description: String { String(rawValue, radix: 16) }
}

/// Grows with every grant; a change under an older epoch is no change.
package struct Epoch: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    package static func < (left: Epoch, right: Epoch) -> Bool { left.rawValue < right.rawValue }
    package var next: Epoch { Epoch(rawValue + 1) }
    package var description: String { String(rawValue) }
}

/// A lease with its fence: both are named in every change.
package struct LeaseKey: Hashable, Sendable {
    package var id: LeaseID
    package var epoch: Epoch
    package init(id: LeaseID, epoch: Epoch) {
        self.id = id
        self.epoch = epoch
    }
}

/// The clocks, read once per turn of the loop.
package struct Now: Hashable, Sendable {
    /// Milliseconds of a clock that never jumps, for leases and time-outs.
    package var uptime: Int64
    /// The business clock, for contact windows and what is said of people; a sandbox may set it.
    package var wall: Timestamp
    /// The machine's own clock, for how long a run took.
    package var machine: Timestamp
    /// Without a time of the machine's, the business clock is its own.
    package init(uptime: Int64, wall: Timestamp, machine: Timestamp? = nil) {
        self.uptime = uptime
        self.wall = wall
        self.machine = machine ?? wall
    }
}

/// Where a task stands.
///
/// ```
///  planned ─due─▶ ready ──lease: attempt──▶ leased ──report──▶ settled
///     │            │  ▲                      │  │                 ▲
///     │            │  ├──given back──────────┘  │                 │
///     │            │  ├──lease ended, harmless──┤                 │
///     │            │  │                         └─lease ended,    │
///     │            │  │                           perhaps done    │
///     │            │  │                               ▼           │
///     │            │  └─never seen, by hand────── uncertain ──seen, late report, by hand
///     │            │                               ▲    │
///     │            │                  cannot tell, │    │ lease: inquire
///     │            │                  lease ended  └────┘
///     └──window────┤
///        closed    └──leased too often──▶ deadLetter
///          ▼
///      withdrawn ──the same step in the next run──▶ planned
/// ```
package enum TaskState: String, Hashable, Sendable, Codable, CaseIterable {
    case planned, ready, leased, uncertain, settled, withdrawn
    /// Leased more often than `Limits.deliveriesPerTask` without an outcome. Stores and reports keep its older name.
    case deadLetter = "poison"

    /// Nothing more will happen to it in this run without a person.
    package var isFinal: Bool {
        switch self {
        case .settled, .withdrawn, .deadLetter: true
        case .planned, .ready, .leased, .uncertain: false
        }
    }
}

/// Whether a leased task is to be done or asked about.
package enum TaskMode: String, Hashable, Sendable, Codable {
    case attempt
    /// Ask the outside by the task id whether it was done; do not do it.
    case inquire
}

/// A task in a worker's hands.
package struct LeasedTask: Hashable, Sendable {
    package var id: TaskID
    package var portfolio: PortfolioID
    package var mode: TaskMode
    /// No attempt may start after this moment of the business clock.
    package var notAfter: Timestamp
    /// How often it has been leased, this time included.
    package var delivery: Int
    /// The stage's content in wire encoding.
    package var content: [UInt8]
    package init(
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
package enum Verdict: String, Hashable, Sendable {
    case accepted
    /// The same lease and epoch had settled it before.
    case alreadyKnown
    /// Nothing changed.
    case leaseLost
    /// It was uncertain, or asked about, after this very lease had ended: settled, or made ready, by this message.
    case late
    case unknownTask
}
