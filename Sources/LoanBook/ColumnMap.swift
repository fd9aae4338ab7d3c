// Owns: how a lender's columns become canonical fields. Knows no syntax (see ColumnMapDocument) and reads no row.
import Arrears
import Tables

/// Fits a lender's files without code.
package struct ColumnMap: Hashable, Sendable {
    package var book: FileLayout
    package var schedule: FileLayout
    package var payments: FileLayout
    /// The form in which the book tells arrears; nil: the one whose column is there.
    package var arrears: ArrearsForm?
    /// Country calling code for phone numbers that are written without one, digits only.
    package var country: String

    package init(
        book: FileLayout = FileLayout(), schedule: FileLayout = FileLayout(), payments: FileLayout = FileLayout(),
        arrears: ArrearsForm? = nil, country: String = "86"
    ) {
        self.book = book
        self.schedule = schedule
        self.payments = payments
        self.arrears = arrears
        self.country = country
    }

    /// Canonical column names, UTF-8, commas, ISO dates.
    package static let canonical = ColumnMap()

    package func layout(of file: BookFile) -> FileLayout {
        switch file {
        case .book: book
        case .schedule: schedule
        case .payments: payments
        }
    }
}

/// How one file is written.
package struct FileLayout: Hashable, Sendable {
    package var dialect: CSVDialect = CSVDialect()
    package var dates: DateFormat = .iso
    package var numbers: NumberFormat = .plain
    /// Words that mean that there is no value, such as `NULL`.
    package var emptyWords: Set<String> = []
    package var columns: [CanonicalField: FieldSource] = [:]
    /// Fields that `columns` does not name are read from columns of their canonical names, where there are such.
    package var takesCanonicalNames: Bool = true
}

/// Where a field's value comes from, and how it is read.
package struct FieldSource: Hashable, Sendable {
    package enum Origin: Hashable, Sendable {
        case column(String)
        case constant(String)
        case template(ValueTemplate)
    }

    package var origin: Origin
    /// The column may be missing from the file.
    package var isOptional: Bool
    /// nil: the file's.
    package var dates: DateFormat?
    /// nil: the file's.
    package var numbers: NumberFormat?
    package var table: ValueTable?
    /// Between the items of a list.
    package var separator: UInt8

    package init(
        _ origin: Origin, isOptional: Bool = false, dates: DateFormat? = nil, numbers: NumberFormat? = nil,
        table: ValueTable? = nil, separator: UInt8 = UInt8(ascii: ";")
    ) {
        self.origin = origin
        self.isOptional = isOptional
        self.dates = dates
        self.numbers = numbers
        self.table = table
        self.separator = separator
    }

    /// The columns of the file that it needs.
    var columnNames: [String] {
        switch origin {
        case .column(let name): [name]
        case .constant: []
        case .template(let template): template.columnNames
        }
    }
}

/// Text with placeholders for columns: `+886900{ID:06}` pads the column's value with zeros to at least six characters.
/// A brace that is meant is doubled.
package struct ValueTemplate: Hashable, Sendable {
    enum Part: Hashable, Sendable {
        case literal(String)
        case column(String, width: Int)
    }

    let parts: [Part]

    /// nil when a brace is not closed, a placeholder is empty, or a width is not `0` and digits (at most 64 wide).
    package init?(_ text: String) {
        var parts: [Part] = []
        var literal = ""
        var rest = Substring(text)
        while let first = rest.first {
            rest = rest.dropFirst()
            if first == "{" || first == "}", rest.first == first {
                literal.append(first)
                rest = rest.dropFirst()
            } else if first == "}" {
                return nil
            } else if first == "{" {
                guard let close = rest.firstIndex(of: "}"),
                    let placeholder = ValueTemplate.placeholder(rest[..<close])
                else { return nil }
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = ""
                parts.append(placeholder)
                rest = rest[rest.index(after: close)...]
            } else {
                literal.append(first)
            }
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        self.parts = parts
    }

    private static func placeholder(_ text: Substring) -> Part? {
        guard let colon = text.lastIndex(of: ":") else { return text.isEmpty ? nil : .column(String(text), width: 0) }
        let name = text[..<colon]
        let width = text[text.index(after: colon)...]
        guard !name.isEmpty, width.first == "0", let number = Int(width), (1...64).contains(number) else { return nil }
        return .column(String(name), width: number)
    }

    var columnNames: [String] {
        parts.compactMap { if case .column(let name, _) = $0 { name } else { nil } }
    }
}

/// The lender's codes and what they mean.
package struct ValueTable: Hashable, Sendable {
    package enum Unlisted: Hashable, Sendable {
        case reject
        /// Taken as it is.
        case keep
        case value(String)
    }

    package var entries: [String: String]
    /// What a code that is not listed means. An empty value stays empty unless it is listed.
    package var unlisted: Unlisted

    package init(_ entries: [String: String], unlisted: Unlisted = .reject) {
        self.entries = entries
        self.unlisted = unlisted
    }
}
