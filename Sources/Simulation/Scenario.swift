// Owns: what is simulated and what came of it. Knows nothing of how.

/// One simulation: everything in it follows from these values.
public struct Scenario: Hashable, Sendable {
    public enum Store: String, Hashable, Sendable, CaseIterable {
        case memory
        /// A real SQLite file in a temporary directory, reopened at each start of the coordinator.
        case sqlite
    }
    public var seed: UInt64
    public var store: Store
    /// The defect that is switched on.
    public var mutant: Mutant?
    /// How many of the last lines of the trace are kept; 0 is fastest.
    public var linesKept: Int

    public init(seed: UInt64, store: Store = .memory, mutant: Mutant? = nil, linesKept: Int = 0) {
        self.seed = seed
        self.store = store
        self.mutant = mutant
        self.linesKept = linesKept
    }

    /// Plays it to the end, or to the first violation.
    /// - Throws: what the SQLite store throws when its directory cannot be made.
    public func play() throws -> Played {
        let simulator = try Simulator(self)
        defer { simulator.removeStore() }
        return simulator.play()
    }
}

/// What came of a scenario.
public struct Played: Hashable, Sendable {
    public var seed: UInt64
    public var events: Int
    public var faults: Int
    /// The virtual time that passed.
    public var milliseconds: Int64
    /// The same for the same scenario, on every machine.
    public var fingerprint: UInt64
    public var violation: Violation?
    /// The last lines, the oldest first.
    public var lines: [String]
}
