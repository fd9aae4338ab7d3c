// Owns: a file up to its rows: its header, bound to the map once, and each record that fits it. Knows no account.
import Arrears
import Tables

/// A record of a file with its header applied, or the reject that it is.
enum TableRow {
    case row(RowReader)
    /// With the record as far as it could be read.
    case reject(Reject, RowReader?)
}

/// Reads a file up to its rows.
struct TableReader {
    private let file: BookFile
    private let layout: FileLayout
    private let country: String
    private let decoding: any TextDecoding
    private var csv: CSVReader
    private(set) var header: TableHeader?

    init(file: BookFile, map: ColumnMap, decoding: any TextDecoding) {
        let layout = map.layout(of: file)
        precondition(
            decoding.encoding == layout.dialect.encoding,
            "the map says \(layout.dialect.encoding.rawValue), the decoding is \(decoding.encoding.rawValue)")
        self.file = file
        self.layout = layout
        self.country = map.country
        self.decoding = decoding
        self.csv = CSVReader(dialect: layout.dialect)
    }

    mutating func append(_ bytes: some Sequence<UInt8>) { csv.append(bytes) }

    mutating func close() { csv.close() }

    /// The next row; nil: more bytes are needed, or it is the end.
    mutating func next() throws(BookFault) -> TableRow? {
        if header == nil {
            guard let row = csv.next() else { return nil }
            header = try bind(row)
        }
        guard let header, let row = csv.next() else { return nil }
        switch row {
        case .record(let record): return checkedForLength(RowReader(record: record, header: header))
        case .fault(let fault): return .reject(header.reject(fault), nil)
        }
    }

    private func checkedForLength(_ row: RowReader) -> TableRow {
        let names = row.header.columnNames
        let count = row.record.fieldCount
        if count == names.count { return .row(row) }
        let expected = "\(names.count) fields, as in the header"
        let got = "\(count) field\(count == 1 ? "" : "s")"
        let kind: RejectKind = count < names.count ? .missingColumn : .fieldCount
        let column = count < names.count ? names[count] : ""
        return .reject(
            Reject(file: file.rawValue, line: row.line, column: column, kind: kind, expected: expected, got: got),
            row)
    }

    /// To be called at the end: a file without a header is no file.
    func checkNotEmpty() throws(BookFault) {
        if header == nil { throw fault(.emptyFile, "a header line", "an empty file") }
    }

    // MARK: The header

    private func bind(_ row: CSVRow) throws(BookFault) -> TableHeader {
        let names = try columnNames(of: row)
        var header = TableHeader(
            file: file, layout: layout, country: country, decoding: decoding, columnNames: names,
            bindings: Array(repeating: nil, count: CanonicalField.allCases.count))
        var missing: [String] = []
        var personal: Set<String> = []
        for field in file.fields {
            let isNamed = layout.columns[field] != nil
            guard isNamed || layout.takesCanonicalNames else { continue }
            let source = layout.columns[field] ?? FieldSource(.column(field.name))
            let absent = source.columnNames.filter { !names.contains($0) }
            if absent.isEmpty {
                header.bindings[field.rawValue] = try binding(of: field, source, names)
                if field.isPersonal { personal.formUnion(source.columnNames) }
            } else if field.isRequired(in: file) || (isNamed && !source.isOptional) {
                missing += absent.filter { !missing.contains($0) }
            }
        }
        guard missing.isEmpty else {
            let list = missing.map { "\"\($0)\"" }.joined(separator: ", ")
            throw fault(.missingColumns, "the column\(missing.count == 1 ? "" : "s") \(list)", shown(names))
        }
        for index in header.bindings.indices {
            guard let binding = header.bindings[index] else { continue }
            if !personal.isDisjoint(with: binding.source.columnNames) { header.bindings[index]?.isPersonal = true }
        }
        return header
    }

    private func columnNames(of row: CSVRow) throws(BookFault) -> [String] {
        guard case .record(let record) = row else {
            guard case .fault(let broken) = row else { return [] }
            throw fault(.brokenHeader, broken.expected, broken.got)
        }
        let marks: [([UInt8], String)] = [
            ([0xFF, 0xFE], "UTF-16's byte order mark"), ([0xFE, 0xFF], "UTF-16's byte order mark"),
            (TextEncoding.utf8.mark, "UTF-8's byte order mark"),
        ]
        for (mark, name) in marks where record.field(0).starts(with: mark) {
            throw fault(.wrongEncoding, "a file in \(layout.dialect.encoding.rawValue)", name)
        }
        var names: [String] = []
        for index in 0..<record.fieldCount {
            guard let name = decoding.decode(record.field(index).trimmed()) else {
                throw fault(
                    .wrongEncoding, "column names in \(layout.dialect.encoding.rawValue)",
                    "bytes that are not in column \(index + 1)")
            }
            guard !name.utf8.contains(UInt8(ascii: "\r")) else {
                throw fault(.brokenHeader, "lines that end with LF or CRLF", "a file whose lines end with CR alone")
            }
            names.append(name)
        }
        return names
    }

    private func binding(
        of field: CanonicalField, _ source: FieldSource, _ names: [String]
    ) throws(BookFault) -> TableHeader.Binding {
        func index(_ name: String) throws(BookFault) -> Int {
            guard let first = names.firstIndex(of: name) else { preconditionFailure("no column \(name)") }
            guard names.lastIndex(of: name) == first else {
                throw fault(.repeatedColumn, "one column \"\(name)\"", "several")
            }
            return first
        }
        let origin: TableHeader.Origin
        switch source.origin {
        case .column(let name): origin = .column(try index(name))
        case .constant(let text): origin = .constant(Array(text.utf8))
        case .template(let template):
            var parts: [TableHeader.TemplatePart] = []
            for part in template.parts {
                switch part {
                case .literal(let text): parts.append(.literal(Array(text.utf8)))
                case .column(let name, let width): parts.append(.column(try index(name), width: width))
                }
            }
            origin = .template(parts)
        }
        return TableHeader.Binding(
            origin: origin, source: source, columnName: source.columnNames.first ?? field.name,
            isPersonal: field.isPersonal)
    }

    private func shown(_ names: [String]) -> String {
        let first = names.prefix(30).map { "\"\($0.clipped(to: 40))\"" }.joined(separator: ", ")
        let hint = names.count == 1 ? " (is the delimiter another one?)" : ""
        return names.count > 30 ? "\(names.count) columns: \(first), …" : first + hint
    }

    private func fault(_ code: BookFault.Code, _ expected: String, _ got: String) -> BookFault {
        BookFault(file: file, code: code, expected: expected, got: got)
    }
}
