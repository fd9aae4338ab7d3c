// Owns: what a row needs to know of its file: which column each canonical field is read from. Knows no account.
import Arrears
import Tables

/// What a row needs to know of its file.
struct TableHeader {
    /// Where a field comes from, once the header has been seen.
    enum Origin {
        case column(Int)
        case constant([UInt8])
        case template([TemplatePart])
    }

    enum TemplatePart {
        case literal([UInt8])
        case column(Int, width: Int)
    }

    struct Binding {
        var origin: Origin
        var source: FieldSource
        /// As a reject names it.
        var columnName: String
        var isPersonal: Bool
    }

    let file: BookFile
    let layout: FileLayout
    let country: String
    let decoding: any TextDecoding
    let columnNames: [String]
    /// By `CanonicalField.rawValue`; nil: the file does not tell this field.
    var bindings: [Binding?]

    func has(_ field: CanonicalField) -> Bool { bindings[field.rawValue] != nil }
}

extension TableHeader {
    /// A record that is no record.
    func reject(_ fault: CSVFault) -> Reject {
        let kind: RejectKind =
            switch fault.reason {
            case .textAfterClosingQuote, .quoteInUnquotedField, .unclosedQuote: .brokenQuote
            case .recordTooLong: .badValue
            case .tooManyFields: .fieldCount
            }
        let column = fault.field < columnNames.count ? columnNames[fault.field] : ""
        return Reject(
            file: file.rawValue, line: fault.line, column: column, kind: kind, expected: fault.expected,
            got: fault.got)
    }
}
