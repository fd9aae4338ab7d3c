// Owns: why a whole file cannot be read. A row that cannot be read is a Reject.

/// A file that cannot be read at all: its header does not fit the map.
public struct BookFault: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable {
        case emptyFile
        /// The header line itself is broken: a quote, a column name that is not text.
        case brokenHeader
        case wrongEncoding
        case missingColumns
        /// A column that is needed stands in the header twice.
        case repeatedColumn
        /// The file tells arrears in no form, or in more than one.
        case arrearsForm
    }

    public let file: BookFile
    public let code: Code
    public let expected: String
    public let got: String

    public init(file: BookFile, code: Code, expected: String, got: String) {
        self.file = file
        self.code = code
        self.expected = expected
        self.got = got
    }

    public var description: String { "\(file.rawValue) file, header: expected \(expected), got \(got)" }
}
