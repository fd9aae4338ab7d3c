// Owns: how a lender's columns become canonical fields. Knows no syntax (see ColumnMapDocument) and reads no row.
import Arrears

/// Fits a lender's files without code.
public struct ColumnMap: Hashable, Sendable {
    public var book: FileLayout
    public var schedule: FileLayout
    public var payments: FileLayout
    /// The form in which the book tells arrears; nil: the one whose column is there.
    public var arrears: ArrearsForm?
    /// Country calling code for phone numbers that are written without one, digits only.
    public var country: String

    public init(
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
    public static let canonical = ColumnMap()

    public func layout(of file: BookFile) -> FileLayout {
        switch file {
        case .book: book
        case .schedule: schedule
        case .payments: payments
        }
    }
}

/// How one file is written.
public struct FileLayout: Hashable, Sendable {
    public var dialect: CSVDialect
    public var dates: DateFormat
    public var numbers: NumberFormat
    /// Words that mean that there is no value, such as `NULL`.
    public var emptyWords: Set<String>
    public var columns: [CanonicalField: FieldSource]
    /// Fields that `columns` does not name are read from columns of their canonical names, where there are such.
    public var takesCanonicalNames: Bool

    public init(
        dialect: CSVDialect = CSVDialect(), dates: DateFormat = .iso, numbers: NumberFormat = .plain,
        emptyWords: Set<String> = [], columns: [CanonicalField: FieldSource] = [:], takesCanonicalNames: Bool = true
    ) {
        self.dialect = dialect
        self.dates = dates
        self.numbers = numbers
        self.emptyWords = emptyWords
        self.columns = columns
        self.takesCanonicalNames = takesCanonicalNames
    }
}

/// Where a field's value comes from, and how it is read.
public struct FieldSource: Hashable, Sendable {
    public enum Origin: Hashable, Sendable {
        case column(String)
        case constant(String)
        case template(ValueTemplate)
    }

    public var origin: Origin
    /// The column may be missing from the file.
    public var isOptional: Bool
    /// nil: the file's.
    public var dates: DateFormat?
    /// nil: the file's.
    public var numbers: NumberFormat?
    public var table: ValueTable?
    /// Between the items of a list.
    public var separator: UInt8

    public init(
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
public struct ValueTemplate: Hashable, Sendable {
    enum Part: Hashable, Sendable {
        case literal(String)
        case column(String, width: Int)
    }

    let parts: [Part]

    /// nil when a brace is not closed, a placeholder is empty, or a width is not `0` and digits (at most 64 wide).
    public init?(_ text: String) {
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
public struct ValueTable: Hashable, Sendable {
    public enum Unlisted: Hashable, Sendable {
        case reject
        /// Taken as it is.
        case keep
        case value(String)
    }

    public var entries: [String: String]
    /// What a code that is not listed means. An empty value stays empty unless it is listed.
    public var unlisted: Unlisted

    public init(_ entries: [String: String], unlisted: Unlisted = .reject) {
        self.entries = entries
        self.unlisted = unlisted
    }
}
