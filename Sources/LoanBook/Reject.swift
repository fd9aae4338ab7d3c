// Owns: what a row that cannot be taken looks like to the person who must mend it.

/// Why a row was rejected. Closed: each has its line in the report.
package enum RejectKind: String, Hashable, Sendable, Codable, CaseIterable {
    case badDate, badNumber, negativePrincipal, duplicateID, unknownCurrency, missingColumn, missingValue
    case brokenQuote, invalidBytes, fieldCount, badValue, unknownAccount
}

/// A row that was not taken: where, what was expected, what came.
package struct Reject: Hashable, Sendable, Codable {
    /// The file's role: `book`, `schedule`, `payments`.
    package var file: String
    /// The row's first line, the header being line 1.
    package var line: Int
    /// The column's name in the file; empty when the whole row is meant.
    package var column: String
    package var kind: RejectKind
    package var expected: String
    package var got: String
}
