// Owns: what a record is, and what a broken one costs.
import Testing

@testable import SystemParts
@testable import Tables

/// A row in one line: `2: a|b` for a record, `2: !unclosedQuote 1@2` for a fault in field 1 whose quote opened on line 2.
func shown(_ row: CSVRow) -> String {
    switch row {
    case .record(let record): "\(record.line): " + (record.texts() ?? ["not UTF-8"]).joined(separator: "|")
    case .fault(let fault):
        "\(fault.line): !\(fault.reason.rawValue) \(fault.field)" + (fault.quoteLine.map { "@\($0)" } ?? "")
    }
}

func rows(_ text: String, dialect: CSVDialect = CSVDialect(), limits: CSVLimits = CSVLimits()) -> [String] {
    CSVReader.rows(of: text.utf8, dialect: dialect, limits: limits).map(shown)
}

/// The rows when the bytes come in chunks whose sizes are `sizes`, over and over.
func rows(
    _ bytes: [UInt8], inChunksOf sizes: [Int], dialect: CSVDialect = CSVDialect(), limits: CSVLimits = CSVLimits()
) -> [CSVRow] {
    var reader = CSVReader(dialect: dialect, limits: limits)
    var rows: [CSVRow] = []
    var offset = 0
    var turn = 0
    while offset < bytes.count {
        let end = min(bytes.count, offset + sizes[turn % sizes.count])
        reader.append(bytes[offset..<end])
        while let row = reader.next() { rows.append(row) }
        offset = end
        turn += 1
    }
    reader.close()
    while let row = reader.next() { rows.append(row) }
    return rows
}

@Suite struct CSVReaderTests {
    @Test func `Fields lines and line ends`() {
        #expect(rows("a,b\n1,2\r\n3,4") == ["1: a|b", "2: 1|2", "3: 3|4"])
        #expect(rows("") == [])
        #expect(rows("a") == ["1: a"])
        #expect(rows("a,\n,b\n,\n") == ["1: a|", "2: |b", "3: |"])
        #expect(rows("a,") == ["1: a|"])
        #expect(rows("a\r") == ["1: a"])
        // A return that ends no line is part of its field.
        #expect(rows("a\rb,c\n") == ["1: a\rb|c"])
    }

    @Test func `Empty lines are passed over and counted`() {
        #expect(rows("\n\r\na,b\n\n\nc,d\n\n") == ["3: a|b", "6: c|d"])
        // A quoted empty field is a record.
        #expect(rows("\"\"\n\"\"") == ["1: ", "2: "])
    }

    @Test func `Quoted fields`() {
        #expect(rows("\"a,b\",\"c\"\"d\",\"\"\n") == ["1: a,b|c\"d|"])
        #expect(rows("\"\"\"\"\n") == ["1: \""])
        #expect(rows("\"a\"\r\nb\n") == ["1: a", "2: b"])
        #expect(rows("\"a\"\r") == ["1: a"])
        #expect(rows("\"a\nb\r\nc\",d\ne,f\n") == ["1: a\nb\r\nc|d", "4: e|f"])
    }

    @Test func `Other delimiters`() {
        for delimiter in [UInt8(ascii: ";"), UInt8(ascii: "|"), UInt8(ascii: "\t")] {
            let mark = Character(Unicode.Scalar(delimiter))
            let text = "a,b\(mark)\"c\(mark)d\"\n"
            let rows = CSVReader.rows(of: text.utf8, dialect: CSVDialect(delimiter: delimiter))
            #expect(rows.count == 1)
            guard case .record(let record) = rows.first else { continue }
            #expect(record.texts() == ["a,b", "c\(mark)d"])
        }
    }

    @Test func `The byte order mark is skipped`() {
        #expect(rows("\u{FEFF}a,b\n") == ["1: a|b"])
        #expect(rows("\u{FEFF}\"a\",b\n") == ["1: a|b"])
        #expect(rows("\u{FEFF}") == [])
        let gb = CSVDialect(encoding: .gb18030)
        #expect(CSVReader.rows(of: [0x84, 0x31, 0x95, 0x33, 0x61], dialect: gb).map(shown) == ["1: a"])
        // The start of a mark is no mark.
        #expect(CSVReader.rows(of: [0xEF, 0xBB]).count == 1)
    }

    @Test func `A quote within an unquoted field costs its line`() {
        #expect(rows("a,b\nx,y\"z,\"\n1,2\n") == ["1: a|b", "2: !quoteInUnquotedField 1", "3: 1|2"])
        #expect(rows("x \"y\",z\n1,2\n") == ["1: !quoteInUnquotedField 0", "2: 1|2"])
    }

    @Test func `Text after a closing quote costs its line`() {
        #expect(rows("\"x\"y,z\n1,2\n") == ["1: !textAfterClosingQuote 0@1", "2: 1|2"])
        #expect(rows("a,\"x\" ,z\n1,2\n") == ["1: !textAfterClosingQuote 1@1", "2: 1|2"])
        #expect(rows("\"x\"\ry\n1,2\n") == ["1: !textAfterClosingQuote 0@1", "2: 1|2"])
    }

    @Test func `A quote that is never closed costs its line`() {
        // It runs into the next line's quote, or into the end of the file: either way no other line is eaten.
        #expect(rows("1,\"x\n2,\"y\",z\n3,w\n") == ["1: !textAfterClosingQuote 1@1", "2: 2|y|z", "3: 3|w"])
        #expect(rows("1,\"x\n2,y\n3,z\n") == ["1: !unclosedQuote 1@1", "2: 2|y", "3: 3|z"])
        #expect(rows("1,\"x") == ["1: !unclosedQuote 1@1"])
        #expect(rows("1,\"x\n") == ["1: !unclosedQuote 1@1"])
        // The quote at fault opened on the record's second line: the first is the record's, and lost with it.
        #expect(rows("\"a\nb\",\"x\n2,y\n") == ["1: !unclosedQuote 1@2", "3: 2|y"])
    }

    @Test func `A quoted field is bounded`() {
        let limits = CSVLimits(quotedFieldBytes: 20, quotedFieldLines: 3, recordBytes: 40, fields: 4)
        #expect(rows("\"a\nb\nc\nd\",1\nx,y\n", limits: limits) == ["1: a\nb\nc\nd|1", "5: x|y"])
        #expect(
            rows("\"a\nb\nc\nd\ne\n", limits: limits)
                == ["1: !unclosedQuote 0@1", "2: b", "3: c", "4: d", "5: e"])
        #expect(rows("\"1234567890123456789\"\n", limits: limits) == ["1: !unclosedQuote 0@1"])
        #expect(rows("\"123456789012345678\"\n", limits: limits) == ["1: 123456789012345678"])
        #expect(
            rows("\"12345678901\n2345678901234567,x\ny,z\n", limits: limits)
                == ["1: !unclosedQuote 0@1", "2: 2345678901234567|x", "3: y|z"])
    }

    @Test func `A record is bounded`() {
        let limits = CSVLimits(quotedFieldBytes: 20, quotedFieldLines: 3, recordBytes: 40, fields: 4)
        let long = String(repeating: "x", count: 41)
        #expect(rows("\(long)\na,b\n", limits: limits) == ["1: !recordTooLong 0", "2: a|b"])
        #expect(rows("a,\(long.dropLast(3))\n", limits: limits) == ["1: a|\(long.dropLast(3))"])
        #expect(rows("1,2,3,4\n1,2,3,4,5\na\n", limits: limits) == ["1: 1|2|3|4", "2: !tooManyFields 4", "3: a"])
    }

    @Test func `A delimiter within a character is none`() {
        // 0x95 0x7C is one character of GB18030; its second byte is that of `|`.
        let dialect = CSVDialect(delimiter: UInt8(ascii: "|"), encoding: .gb18030)
        let bytes: [UInt8] = [0x95, 0x7C, 0x7C, 0x61, 0x0A, 0x81, 0x30, 0x81, 0x30, 0x7C, 0x62, 0x0A, 0x95]
        for chunks in [[100], [1], [2, 1], [3]] {
            let records = rows(bytes, inChunksOf: chunks, dialect: dialect).compactMap { row -> [[UInt8]]? in
                guard case .record(let record) = row else { return nil }
                return (0..<record.fieldCount).map { Array(record.field($0)) }
            }
            #expect(records == [[[0x95, 0x7C], [0x61]], [[0x81, 0x30, 0x81, 0x30], [0x62]], [[0x95]]])
        }
        // A broken character does not swallow the line end behind it.
        #expect(CSVReader.rows(of: [0x95, 0x0A, 0x61], dialect: dialect).count == 2)
    }

    @Test(arguments: [
        CSVDialect(), CSVDialect(delimiter: UInt8(ascii: "|"), encoding: .gb18030),
    ]) func `Every chunking gives the same rows`(dialect: CSVDialect) {
        let limits = CSVLimits(quotedFieldBytes: 12, quotedFieldLines: 3, recordBytes: 24, fields: 4)
        let letters = Array("a,\"\n\r|x\"\n,".utf8) + [0x81, 0x95]
        for seed in UInt64(1)...3_000 {
            var random = SplitMix64(seed: seed)
            let bytes = (0..<random.below(80)).map { _ in random.pick(letters) }
            let whole = CSVReader.rows(of: bytes, dialect: dialect, limits: limits)
            for sizes in [[1], [2], [3, 1], [7, 1, 20]] {
                let dripped = rows(bytes, inChunksOf: sizes, dialect: dialect, limits: limits)
                #expect(dripped == whole, "seed \(seed), chunks of \(sizes), bytes \(bytes)")
            }
            let lines = whole.map(\.line)
            #expect(zip(lines, lines.dropFirst()).allSatisfy { $0 < $1 }, "seed \(seed): \(lines)")
        }
    }

    @Test(
        arguments: [
            ("=1+2", "'=1+2"), (" @SUM(A1)", "' @SUM(A1)"), ("-2+3", "'-2+3"),
            ("＝cmd|' /C calc'!A0", "'＝cmd|' /C calc'!A0"),
            ("\tx", "'\tx"), ("\r\n=1", "'\r\n=1"), ("-1,234.50", "-1,234.50"),
            ("+8613800000000", "+8613800000000"), ("王 = 芳", "王 = 芳"), ("", ""), ("A-1", "A-1"),
        ])
    func `A text that begins as a formula is made inert, and any other stays`(text: String, written: String) {
        #expect(CSVWriter.inert(text) == written)
    }

    @Test func `What is written is read`() {
        let pieces = ["a", ",", "\"", "\n", "\r\n", " ", "张", "", "\"\""]
        for seed in UInt64(1)...500 {
            var random = SplitMix64(seed: seed)
            let written = (0..<5).map { _ in
                // Three fields: a record of one empty field would be an empty line.
                (0..<3).map { _ in (0..<random.below(5)).map { _ in random.pick(pieces) }.joined() }
            }
            let text = written.map { CSVWriter.line($0) }.joined()
            let read = CSVReader.rows(of: text.utf8).compactMap { row -> [String]? in
                guard case .record(let record) = row else { return nil }
                return record.texts()
            }
            #expect(read == written, "seed \(seed)")
        }
    }
}
