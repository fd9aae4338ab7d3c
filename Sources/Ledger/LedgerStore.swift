// Owns: the contract of the place where a ledger is kept: opened to write or to read, verified, copied, restored. Knows
// nothing of files, servers or how many of them a store is made of.
import Arrears

/// Where a ledger is kept. To name a store opens nothing; each verb says what it needs.
package protocol LedgerStore: Sendable {
    /// Which one it is, for people: a path, an address. No secrets.
    var place: String { get }
    /// Whether a ledger was ever made here; whether it is sound is for the verbs to say.
    var hasLedger: Bool { get }
    /// Room that is held for the time when the writer is told that there is none.
    var reserve: any RoomReserve { get }

    /// Opens the ledger, or makes one. Until it is closed, or the process has gone, nobody else opens it to write.
    /// - Throws: `LedgerError`: `locked` with who has it; `durability` when what was asked for is not granted; `schema`
    ///   when a newer version wrote it or it is no ledger; `corrupt`, `full`, `inputOutput`.
    func writer() throws -> any Ledger
    /// Opens the ledger for questions, beside whoever writes it; makes and changes nothing.
    /// - Throws: `LedgerError`: `notFound`; `schema` when it is not of this version; `corrupt`, `inputOutput`.
    func reader() throws -> any LedgerReading

    /// What is wrong with the ledger, in words; empty when it is sound. Works beside whoever writes it.
    /// - Parameter isFull: looks at everything, however long it takes.
    /// - Throws: `LedgerError` when it cannot be opened.
    func verify(isFull: Bool) throws -> [String]
    /// What is wrong with a copy.
    func verify(copy: String, isFull: Bool) throws -> [String]
    /// Copies the ledger as of one moment, beside whoever writes it. The copy is durable when this returns, and can be read
    /// by its owner alone.
    /// - Returns: its size in bytes.
    /// - Throws: `LedgerError`: `notFound` without a ledger; `inputOutput` when something stands at `target` or it cannot be
    ///   written; `full`, `corrupt`.
    func copy(to target: String) throws -> Int
    /// Puts a copy in the ledger's place; what stood there is kept aside.
    ///
    /// What was done since the copy is not in it. So each task of an unfinished run that might have been attempted since,
    /// and must not be twice, becomes uncertain: its stage's worker asks the outside before anything is sent. Epochs go on
    /// far beyond any that was granted since. A run that was not planned to its end is ended: what it contacted after the
    /// copy is unknown even by name.
    /// - Throws: `LedgerError`: `locked` while somebody else writes; whatever is wrong with the copy.
    func restore(from copy: String, at: Timestamp) throws -> RestoredLedger
}

/// Room on the ledger's disk that is kept for the time when there is no other.
package protocol RoomReserve {
    /// Takes the reserve, or keeps the one that is there. False: the disk has not that much room.
    func fill() -> Bool
    /// Gives its room to the ledger.
    func drop()
}

/// What a restore did.
package struct RestoredLedger: Sendable {
    /// Where that is which stood there before; nil: there was nothing.
    package var keptAside: String?
    /// At-most-once tasks that will be asked about before they are attempted.
    package var madeUncertain: Int
    /// Unfinished runs whose plan was not complete in the copy, and which were ended.
    package var endedRuns: [RunID]

    package init(keptAside: String?, madeUncertain: Int, endedRuns: [RunID]) {
        self.keptAside = keptAside
        self.madeUncertain = madeUncertain
        self.endedRuns = endedRuns
    }
}
