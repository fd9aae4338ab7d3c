// Owns: what is simulated and what came of it. Knows nothing of how.

/// One simulation: everything in it follows from these values.
package struct Scenario: Hashable, Sendable {
    package enum Store: String, Hashable, Sendable, CaseIterable {
        case memory
        /// A real SQLite file in a temporary directory, reopened at each start of the coordinator.
        case sqlite
    }
    package var seed: UInt64
    package var store: Store
    #if DEBUG
        /// The defect that is switched on.
        package var mutant: Mutant?
    #else
        /// No defect can be switched on in a release build.
        package var mutant: Mutant? { nil }
    #endif

    package init(seed: UInt64, store: Store = .memory) {
        self.seed = seed
        self.store = store
    }

    #if DEBUG
        package init(seed: UInt64, store: Store = .memory, mutant: Mutant?) {
            self.seed = seed
            self.store = store
            self.mutant = mutant
        }
    #endif

    /// The names of all kinds of faults.
    package static var faultKinds: Set<String> { Set(FaultKind.allCases.map { "\($0)" }) }
}

/// What came of a scenario.
package struct Played: Hashable, Sendable {
    package var seed: UInt64
    package var events: Int
    package var faults: Int
    /// How often each kind of fault came.
    package var faultKinds: [String: Int]
    /// How often tasks changed, by the transition's note, such as "lease ended".
    package var changes: [String: Int]
    /// The virtual time that passed.
    package var milliseconds: Int64
    /// The same for the same scenario, on every machine.
    package var fingerprint: UInt64
    package var violation: Violation?
}

/// What can fail.
enum FaultKind: CaseIterable {
    case connectionLost, partition, workerCrash, workerPause, workerDrain, journalFailure, coordinatorCrash, hostLost,
        wallJump
    case coordinatorPause, commitKeepsNothing, commitKeepsUnnoticed, worldDown
}
