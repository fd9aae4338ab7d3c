// Owns: what a row that cannot be taken looks like to the person who must mend it.

/// Why a row was rejected. Closed: each has its line in the report.
public enum RejectKind: String, Hashable, Sendable, Codable, CaseIterable {
    case badDate, badNumber, negativePrincipal, duplicateID, unknownCurrency, missingColumn, missingValue
    case brokenQuote, invalidBytes, fieldCount, badValue, unknownAccount
}

/// A row that was not taken: where, what was expected, what came.
public struct Reject: Hashable, Sendable, Codable {
    /// The file's role: `book`, `schedule`, `payments`.
    public var file: String
    /// The row's first line, the header being line 1.
    public var line: Int
    /// The column's name in the file; empty when the whole row is meant.
    public var column: String
    public var kind: RejectKind
    public var expected: String
    public var got: String

    public init(file: String, line: Int, column: String, kind: RejectKind, expected: String, got: String) {
        self.file = file
        self.line = line
        self.column = column
        self.kind = kind
        self.expected = expected
        self.got = got
    }
}
