// Owns: one row's fields: bytes → text in UTF-8 → value, or the reject that says where and why. Knows no account.
import Arrears
import Tables

/// The way out of reading a row.
struct Rejection: Error {
    let reject: Reject
}

struct RowReader {
    let record: CSVRecord
    let header: TableHeader

    private static let longestShown = 40

    var line: Int { record.line }

    // MARK: Values

    func text(_ field: CanonicalField, atMost limit: Int = FieldValue.longestText) throws(Rejection) -> String? {
        try value(field) { bytes, _ throws(ValueFault) in try FieldValue.text(bytes, atMost: limit) }
    }

    func date(_ field: CanonicalField) throws(Rejection) -> CalendarDate? {
        try value(field) { bytes, binding throws(ValueFault) in
            try FieldValue.date(bytes, binding.source.dates ?? header.layout.dates)
        }
    }

    func amount(_ field: CanonicalField, _ currency: Currency) throws(Rejection) -> Money? {
        try value(field) { bytes, binding throws(ValueFault) in
            try FieldValue.amount(bytes, binding.source.numbers ?? header.layout.numbers, currency)
        }
    }

    /// An amount that may not be negative; where it is, the kind says which rule it broke.
    func amount(
        _ field: CanonicalField, _ currency: Currency, negative kind: RejectKind
    ) throws(Rejection) -> Money? {
        let amount = try amount(field, currency)
        if let amount, amount.minorUnits < 0 {
            throw rejection(field, ValueFault(kind: kind, expected: "0 or more"), got: amount.decimal)
        }
        return amount
    }

    func integer(_ field: CanonicalField, in range: ClosedRange<Int>) throws(Rejection) -> Int? {
        try value(field) { bytes, binding throws(ValueFault) in
            try FieldValue.integer(bytes, binding.source.numbers ?? header.layout.numbers, in: range)
        }
    }

    func flag(_ field: CanonicalField) throws(Rejection) -> Bool? {
        try value(field) { bytes, _ throws(ValueFault) in try FieldValue.flag(bytes) }
    }

    func currency() throws(Rejection) -> Currency? {
        try value(.currency) { bytes, _ throws(ValueFault) in try FieldValue.currency(bytes) }
    }

    func phone() throws(Rejection) -> String? {
        try value(.phone) { bytes, _ throws(ValueFault) in try FieldValue.phone(bytes, country: header.country) }
    }

    func timeZone() throws(Rejection) -> String? {
        try value(.timeZone) { bytes, _ throws(ValueFault) in try FieldValue.timeZone(bytes) }
    }

    func list(_ field: CanonicalField) throws(Rejection) -> [String] {
        try items(field) { bytes, _ throws(ValueFault) in try FieldValue.text(bytes) }
    }

    func holds() throws(Rejection) -> [Hold] {
        try items(.holds) { bytes, binding throws(ValueFault) in
            try FieldValue.hold(bytes, binding.source.dates ?? header.layout.dates)
        }
    }

    /// The value, or the reject of a field that must have one.
    func required<Value>(_ field: CanonicalField, _ value: Value?) throws(Rejection) -> Value {
        if let value { return value }
        throw rejection(field, ValueFault(kind: .missingValue, expected: "a value"), got: "nothing")
    }

    /// The identifier, which must be there.
    func identifier(_ field: CanonicalField) throws(Rejection) -> String {
        try required(field, try text(field, atMost: FieldValue.longestIdentifier))
    }

    // MARK: Cells

    private func value<Value>(
        _ field: CanonicalField,
        _ parse: (ArraySlice<UInt8>, TableHeader.Binding) throws(ValueFault) -> Value
    ) throws(Rejection) -> Value? {
        guard let binding = header.bindings[field.rawValue] else { return nil }
        guard let cell = try translated(try cell(field, binding), field, binding) else { return nil }
        do {
            return try parse(cell, binding)
        } catch {
            throw rejection(field, error, got: String(decoding: cell, as: UTF8.self))
        }
    }

    private func items<Item>(
        _ field: CanonicalField,
        _ parse: (ArraySlice<UInt8>, TableHeader.Binding) throws(ValueFault) -> Item
    ) throws(Rejection) -> [Item] {
        guard let binding = header.bindings[field.rawValue], let cell = try cell(field, binding) else { return [] }
        var items: [Item] = []
        for part in cell.split(separator: binding.source.separator) {
            let trimmed = part.trimmed()
            guard let text = try translated(trimmed.isEmpty ? nil : trimmed, field, binding) else { continue }
            do {
                items.append(try parse(text, binding))
            } catch {
                throw rejection(field, error, got: String(decoding: text, as: UTF8.self))
            }
        }
        return items
    }

    /// The field's text in UTF-8; nil when it is empty.
    private func cell(_ field: CanonicalField, _ binding: TableHeader.Binding) throws(Rejection) -> ArraySlice<UInt8>? {
        switch binding.origin {
        case .column(let index): return try column(index, field, binding)
        case .constant(let bytes): return bytes.isEmpty ? nil : bytes[...]
        case .template(let parts):
            var text: [UInt8] = []
            for part in parts {
                switch part {
                case .literal(let bytes): text += bytes
                case .column(let index, let width):
                    guard let bytes = try column(index, field, binding) else { return nil }
                    text += repeatElement(UInt8(ascii: "0"), count: max(0, width - bytes.count))
                    text += bytes
                }
            }
            return text.isEmpty ? nil : text[...]
        }
    }

    private func column(
        _ index: Int, _ field: CanonicalField, _ binding: TableHeader.Binding
    ) throws(Rejection) -> ArraySlice<UInt8>? {
        guard index < record.fieldCount else { return nil }
        var bytes = record.field(index).trimmed()
        if bytes.contains(where: { $0 >= 0x80 }) {
            let name = header.layout.dialect.encoding.rawValue
            guard let text = header.decoding.decode(bytes) else {
                let fault = ValueFault(kind: .invalidBytes, expected: "bytes that are valid in \(name)")
                let reject = Reject(
                    file: header.file.rawValue, line: line, column: header.columnNames[index], kind: fault.kind,
                    expected: fault.expected, got: "\(bytes.count) bytes that are not")
                throw Rejection(reject: reject)
            }
            bytes = Array(text.utf8)[...]
        }
        if bytes.isEmpty { return nil }
        let words = header.layout.emptyWords
        return !words.isEmpty && words.contains(String(decoding: bytes, as: UTF8.self)) ? nil : bytes
    }

    /// The cell by the field's table of values, where it has one.
    private func translated(
        _ cell: ArraySlice<UInt8>?, _ field: CanonicalField, _ binding: TableHeader.Binding
    ) throws(Rejection) -> ArraySlice<UInt8>? {
        guard let table = binding.source.table else { return cell }
        let code = cell.map { String(decoding: $0, as: UTF8.self) } ?? ""
        var text = table.entries[code]
        if text == nil, cell == nil { return nil }
        if text == nil {
            switch table.unlisted {
            case .reject:
                let fault = ValueFault(kind: .badValue, expected: "a code that the map's table of values lists")
                throw rejection(field, fault, got: code)
            case .keep: return cell
            case .value(let value): text = value
            }
        }
        guard let text, !text.isEmpty else { return nil }
        return Array(text.utf8)[...]
    }

    // MARK: Rejects

    /// The reject at a field, with no more of what came than may be shown.
    func rejection(_ field: CanonicalField, _ fault: ValueFault, got: String) -> Rejection {
        let binding = header.bindings[field.rawValue]
        let isPersonal = binding?.isPersonal ?? field.isPersonal
        return Rejection(
            reject: Reject(
                file: header.file.rawValue, line: line, column: binding?.columnName ?? field.name, kind: fault.kind,
                expected: fault.expected, got: isPersonal ? RowReader.shape(got) : RowReader.shortened(got)))
    }

    /// At most 40 characters, control characters as `·`.
    private static func shortened(_ text: String) -> String {
        let visible = String(
            text.unicodeScalars.prefix(longestShown).map { $0.value < 0x20 || $0.value == 0x7F ? "·" : Character($0) })
        return text.unicodeScalars.count > longestShown ? visible.dropLast() + "…" : visible
    }

    /// What kind of characters stood where, and none of them: `+99-99a` for a phone number with a letter at its end.
    private static func shape(_ text: String) -> String {
        let classes = text.unicodeScalars.prefix(longestShown).map { scalar -> Character in
            if ("0"..."9").contains(scalar) { return "9" }
            if "+-() ./;:".unicodeScalars.contains(scalar) { return Character(scalar) }
            return scalar.isASCII ? "a" : "文"
        }
        return String(classes)
    }
}
