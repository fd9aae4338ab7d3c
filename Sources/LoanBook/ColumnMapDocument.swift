// Owns: a column map's document → ColumnMap, strictly, all faults together. Knows no syntax: YAML is read above.
import Arrears
import Tables

extension ColumnMap {
    /// Reads a map; `docs/book-format.md` says what may stand in it.
    /// - Throws: all faults of the document, with their lines.
    package init(document: DocumentNode, source: String) throws(DocumentFaults) {
        self = try DocumentReader.read(document, source: source) { root in
            root.mapping { keys in
                let common = FileLayout(reading: keys, over: FileLayout())
                let country = keys.optional("country").flatMap { $0.countryCode() } ?? ColumnMap.canonical.country
                func layout(_ file: BookFile) -> FileLayout {
                    keys.optional(file.rawValue)?.mapping { section in
                        FileLayout(reading: section, over: common).withColumns(of: section, in: file, country: country)
                    } ?? common
                }
                let book = layout(.book)
                let arrears = keys.optional("arrears").flatMap { $0.arrearsForm(in: book) }
                if arrears == nil { keys.itself.checkOneArrearsColumn(in: book) }
                return ColumnMap(
                    book: book, schedule: layout(.schedule), payments: layout(.payments), arrears: arrears,
                    country: country)
            }
        }
    }
}

extension FileLayout {
    /// What the keys do not say is as in `base`.
    fileprivate init(reading keys: MappingReader, over base: FileLayout) {
        self = base
        if let encoding = keys.optional("encoding")?.word(TextEncoding.self) { dialect.encoding = encoding }
        if let delimiter = keys.optional("delimiter")?.delimiter() { dialect.delimiter = delimiter }
        if let dates = keys.optional("dates")?.dateFormat() { self.dates = dates }
        if let numbers = keys.optional("numbers")?.numberFormat() { self.numbers = numbers }
        if let words = keys.optional("empty_words")?.list({ $0.text() }) { emptyWords = Set(words) }
    }

    fileprivate func withColumns(of keys: MappingReader, in file: BookFile, country: String) -> FileLayout {
        var layout = self
        let others = keys.optional("others")?.word(Others.self)
        guard let reader = keys.optional("columns"), let entries = reader.entries() else { return layout }
        layout.takesCanonicalNames = others == .canonical
        for (key, line, value) in entries {
            guard let field = file.field(named: key), layout.columns[field] == nil else {
                let names = file.fields.map(\.name).joined(separator: ", ")
                reader.fault(atKey: key, line: line, expected: "one of \(names), each once")
                continue
            }
            // A source that could not be read has left its fault; an empty one stands in for it.
            let source = value.fieldSource(of: field, in: file, layout: layout, country: country)
            layout.columns[field] = source ?? FieldSource(.constant(""))
        }
        if !layout.takesCanonicalNames {
            for field in file.fields where field.isRequired(in: file) && layout.columns[field] == nil {
                reader.fault(expected: "the required field \"\(field.name)\"", got: "no such key")
            }
        }
        return layout
    }
}

/// What becomes of the fields that `columns` does not name.
private enum Others: String, CaseIterable { case ignore, canonical }

extension DocumentReader {
    fileprivate func delimiter() -> UInt8? {
        let delimiters: [String: Character] = [",": ",", ";": ";", "|": "|", "tab": "\t", "\t": "\t"]
        let expected = "one of \",\", \";\", \"|\", tab"
        guard let text = text(expected) else { return nil }
        guard let delimiter = delimiters[text]?.asciiValue else {
            fault(expected: expected)
            return nil
        }
        return delimiter
    }

    fileprivate func dateFormat() -> DateFormat? {
        let expected = "a date format such as yyyy-MM-dd, dd/MM/yyyy or yyyy年M月d日"
        guard let text = text(expected) else { return nil }
        guard let format = DateFormat(text) else {
            fault(expected: expected)
            return nil
        }
        return format
    }

    fileprivate func numberFormat() -> NumberFormat? {
        mapping { keys in
            func separator(_ key: String, _ allowed: [String]) -> UInt8? {
                guard let reader = keys.optional(key) else { return nil }
                let expected = "one of " + allowed.map { "\"\($0)\"" }.joined(separator: ", ")
                guard let text = reader.text(expected) else { return nil }
                guard allowed.contains(text) else {
                    reader.fault(expected: expected)
                    return nil
                }
                return text.utf8.first
            }
            let decimal = separator("decimal", [".", ","]) ?? UInt8(ascii: ".")
            let grouping = separator("grouping", [",", ".", " ", "'"])
            let groups = keys.optional("groups")?.word(NumberFormat.Groups.self) ?? .thousands
            let unit = keys.optional("unit")?.word(NumberFormat.Unit.self) ?? .major
            let allowsExponents = keys.optional("exponents")?.boolean() ?? false
            guard decimal != grouping else {
                keys.itself.fault(
                    expected: "two different separators", got: "the same for decimal and grouping")
                return nil
            }
            return NumberFormat(
                decimal: decimal, grouping: grouping, groups: groups, unit: unit, allowsExponents: allowsExponents)
        }
    }

    fileprivate func countryCode() -> String? {
        let expected = "a country calling code of 1 to 3 digits, such as \"86\""
        guard let text = text(expected) else { return nil }
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy(FieldValue.isDigit), text.first != "0" else {
            fault(expected: expected)
            return nil
        }
        return text
    }

    // MARK: Arrears

    fileprivate func arrearsForm(in book: FileLayout) -> ArrearsForm? {
        guard let form = word(ArrearsForm.self) else { return nil }
        if let field = form.field, !book.takesCanonicalNames, book.columns[field] == nil {
            fault(expected: "a form whose field stands in book.columns", got: "\"\(form.rawValue)\", which does not")
            return nil
        }
        return form
    }

    fileprivate func checkOneArrearsColumn(in book: FileLayout) {
        let named = ArrearsForm.allCases.compactMap(\.field).filter { book.columns[$0] != nil }
        if named.count > 1 {
            let names = named.map(\.name).joined(separator: " and ")
            fault(expected: "arrears in one form, or \"arrears:\" to say which", got: names)
        }
    }

    // MARK: Sources

    fileprivate func fieldSource(
        of field: CanonicalField, in file: BookFile, layout: FileLayout, country: String
    ) -> FieldSource? {
        if case .scalar = node { return text("a column's name").map { FieldSource(.column($0)) } }
        return mapping { keys in
            let origin = keys.origin()
            var source = FieldSource(origin ?? .constant(""))
            if keys.optional("optional")?.boolean() == true {
                source.isOptional = true
                if field.isRequired(in: file) {
                    keys.itself.fault(expected: "\(field.name) from a column that is there", got: "optional: true")
                }
            }
            if field.kind == .date || field.kind == .holds { source.dates = keys.optional("format")?.dateFormat() }
            if field.kind == .amount || field.kind == .integer {
                source.numbers = keys.optional("numbers")?.numberFormat()
            }
            if field.kind == .list || field.kind == .holds, let separator = keys.optional("separator")?.delimiter() {
                source.separator = separator
            }
            source.table = keys.valueTable()
            if case .constant(let text)? = origin {
                keys.itself.checkConstant(text, of: field, source, layout, country)
            }
            return source
        }
    }

    /// A constant that no row could use is a fault of the map, not of every row.
    private func checkConstant(
        _ text: String, of field: CanonicalField, _ source: FieldSource, _ layout: FileLayout, _ country: String
    ) {
        guard source.table == nil else { return }
        let bytes = Array(text.utf8)[...]
        let numbers = source.numbers ?? layout.numbers
        do throws(ValueFault) {
            switch field.kind {
            case .date: _ = try FieldValue.date(bytes, source.dates ?? layout.dates)
            case .integer: _ = try FieldValue.integer(bytes, numbers, in: -1_000_000...1_000_000)
            case .flag: _ = try FieldValue.flag(bytes)
            case .currency: _ = try FieldValue.currency(bytes)
            case .phone: _ = try FieldValue.phone(bytes, country: country)
            case .timeZone: _ = try FieldValue.timeZone(bytes)
            case .holds: _ = try FieldValue.hold(bytes, source.dates ?? layout.dates)
            case .amount:
                guard numbers.plainText(bytes).flatMap({ try? DecimalAmount($0) }) != nil else {
                    throw ValueFault(kind: .badNumber, expected: "a decimal number")
                }
            case .text, .list: _ = try FieldValue.text(bytes)
            }
        } catch {
            fault(expected: error.expected, got: field.isPersonal ? "another constant" : "\"\(text)\"")
        }
    }
}

extension MappingReader {
    fileprivate func origin() -> FieldSource.Origin? {
        switch exactlyOne(of: ["column", "constant", "template"]) {
        case "column": return optional("column")?.text("a column's name").map { .column($0) }
        case "constant": return optional("constant")?.text("a value").map { .constant($0) }
        case "template":
            let expected = "text with placeholders such as {ID} or {ID:06}"
            guard let reader = optional("template"), let text = reader.text(expected) else { return nil }
            guard let template = ValueTemplate(text) else {
                reader.fault(expected: expected)
                return nil
            }
            return .template(template)
        default: return nil
        }
    }

    fileprivate func valueTable() -> ValueTable? {
        let unlisted = optional("unlisted")
        let fallback = optional("default")
        guard let values = optional("values") else {
            for stray in [unlisted, fallback].compactMap({ $0 }) {
                stray.fault(expected: "this key only beside \"values\"", got: "no \"values\"")
            }
            return nil
        }
        if let unlisted, fallback != nil {
            unlisted.fault(expected: "either \"default\" or \"unlisted\"", got: "both")
        }
        var table = ValueTable([:])
        for (code, _, value) in values.entries() ?? [] {
            if let text = value.textOrEmpty("a value, or \"\" for none") { table.entries[code] = text }
        }
        if let value = fallback?.textOrEmpty("a value, or \"\" for none") { table.unlisted = .value(value) }
        if unlisted?.word(UnlistedWord.self) == .keep { table.unlisted = .keep }
        return table
    }
}

private enum UnlistedWord: String, CaseIterable { case reject, keep }
