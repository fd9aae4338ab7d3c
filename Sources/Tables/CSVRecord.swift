// Owns: what a delimited file is made of: dialect, limits, records, faults, and how a record is written.
// Knows nothing of what its columns mean.

/// How a file separates its fields, and which encoding its bytes are in.
package struct CSVDialect: Hashable, Sendable {
    /// One ASCII byte: `,`, `;`, `|` or tab.
    package var delimiter: UInt8
    package var encoding: TextEncoding

    package init(delimiter: UInt8 = UInt8(ascii: ","), encoding: TextEncoding = .utf8) {
        self.delimiter = delimiter
        self.encoding = encoding
    }
}

/// Bounds within which a record must stay, so that one broken quote cannot eat a file.
package struct CSVLimits: Hashable, Sendable {
    /// Bytes of one quoted field, its quotes included.
    package var quotedFieldBytes: Int
    /// Line ends within one quoted field.
    package var quotedFieldLines: Int
    /// Bytes of one record as it stands in the file.
    package var recordBytes: Int
    package var fields: Int

    package init(
        quotedFieldBytes: Int = 65_536, quotedFieldLines: Int = 100, recordBytes: Int = 1_048_576, fields: Int = 1_024
    ) {
        precondition(quotedFieldBytes <= recordBytes, "a quoted field cannot be longer than its record")
        self.quotedFieldBytes = quotedFieldBytes
        self.quotedFieldLines = quotedFieldLines
        self.recordBytes = recordBytes
        self.fields = fields
    }
}

/// One record, its quotes taken off.
package struct CSVRecord: Hashable, Sendable {
    /// The line on which it begins, counted from 1.
    package let line: Int
    private let content: [UInt8]
    private let ends: [Int]

    init(line: Int, content: [UInt8], ends: [Int]) {
        self.line = line
        self.content = content
        self.ends = ends
    }

    package var fieldCount: Int { ends.count }

    /// The bytes of a field, counted from 0, in the file's encoding.
    package func field(_ index: Int) -> ArraySlice<UInt8> {
        content[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// All fields of a record whose bytes are known to be UTF-8; nil when they are not.
    package func texts() -> [String]? {
        var texts: [String] = []
        for index in 0..<fieldCount {
            guard let text = String(validating: field(index), as: UTF8.self) else { return nil }
            texts.append(text)
        }
        return texts
    }
}

/// A record that could not be read. Reading goes on behind it.
package struct CSVFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: String, Hashable, Sendable {
        case textAfterClosingQuote, quoteInUnquotedField, unclosedQuote, recordTooLong, tooManyFields
    }

    /// The line on which the record begins, counted from 1.
    package let line: Int
    /// The field at fault, counted from 0.
    package let field: Int
    package let reason: Reason
    /// The line on which the quote at fault opened; nil where no quote is open.
    package let quoteLine: Int?

    /// What should have stood there.
    package var expected: String {
        switch reason {
        case .textAfterClosingQuote: "a delimiter or line end after the closing quote"
        case .quoteInUnquotedField: "quotes only around a whole field, and doubled within it"
        case .unclosedQuote: "a closing quote"
        case .recordTooLong: "a record within the size limit"
        case .tooManyFields: "a record within the field limit"
        }
    }

    /// What stands there, without a byte of the field: it may be personal.
    package var got: String {
        switch reason {
        case .textAfterClosingQuote: "other text (quote opened on line \(quoteLine ?? line))"
        case .quoteInUnquotedField: "a quote within an unquoted field"
        case .unclosedQuote: "none (quote opened on line \(quoteLine ?? line))"
        case .recordTooLong: "a longer one"
        case .tooManyFields: "more"
        }
    }

    package var description: String { "line \(line), field \(field + 1): expected \(expected), got \(got)" }
}

/// What the reader found next.
package enum CSVRow: Hashable, Sendable {
    case record(CSVRecord)
    case fault(CSVFault)

    package var line: Int {
        switch self {
        case .record(let record): record.line
        case .fault(let fault): fault.line
        }
    }
}

/// Writes records as RFC 4180 asks, one line each.
package enum CSVWriter {
    /// The fields as one line with its end (`\n`); a field is quoted where it must be. The delimiter is of ASCII.
    package static func line(_ fields: [String], delimiter: Unicode.Scalar = ",") -> String {
        var line = ""
        for (index, field) in fields.enumerated() {
            if index > 0 { line.unicodeScalars.append(delimiter) }
            line += quoted(field, delimiter: delimiter)
        }
        line += "\n"
        return line
    }

    /// A line for people and programs outside, in which no text of others is a formula.
    package static func inertLine(_ fields: [String]) -> String { line(fields.map(inert)) }

    /// A text of others as a field that a spreadsheet shows and does not compute: one that begins as a formula does gets an
    /// apostrophe before it (OWASP, CSV injection). The full-width forms begin a formula in East Asian spreadsheets. A
    /// number with its sign computes to nothing else, and stays as it is.
    static func inert(_ text: String) -> String {
        let shown = text.unicodeScalars.drop { $0 == " " || $0 == "\u{3000}" }
        guard let first = shown.first, "=+-@\t\r\n＝＋－＠".unicodeScalars.contains(first) else { return text }
        let isSign = first == "+" || first == "-"
        let isNumber = isSign && shown.dropFirst().allSatisfy { ("0"..."9").contains($0) || $0 == "." || $0 == "," }
        return isNumber ? text : "'" + text
    }

    private static func quoted(_ field: String, delimiter: Unicode.Scalar) -> String {
        let mark = UInt8(ascii: delimiter)
        var needsQuotes = false
        for byte in field.utf8 where byte == mark || byte == 0x22 || byte == 0x0A || byte == 0x0D {
            needsQuotes = true
        }
        guard needsQuotes else { return field }
        var text = "\""
        for scalar in field.unicodeScalars {
            if scalar == "\"" { text += "\"\"" } else { text.unicodeScalars.append(scalar) }
        }
        return text + "\""
    }
}
