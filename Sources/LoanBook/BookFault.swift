// Owns: why a whole file cannot be read. A row that cannot be read is a Reject.

/// A file that cannot be read at all: its header does not fit the map.
package struct BookFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
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

    package let file: BookFile
    package let code: Code
    package let expected: String
    package let got: String

    package var description: String { "\(file.rawValue) file, header: expected \(expected), got \(got)" }
}
