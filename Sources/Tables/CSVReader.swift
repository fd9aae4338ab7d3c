// Owns: RFC 4180, byte by byte, as a machine that is fed chunks of any size and gives the same rows for every chunking.
// Knows nothing of columns, types or files.

/// Reads delimited records. Lines end with LF or CRLF; empty lines are passed over; the encoding's byte order mark is
/// skipped.
///
/// A broken quote costs its own record only. A quote within an unquoted field skips to the end of its line. Text after
/// a closing quote, and a quote that is never closed (that is: not within the limits for a quoted field, or not before
/// the end of the file), are the fault of the line on which that quote opened: reading goes on at the line after it, so
/// that no line is eaten. What was meant to be a field over several lines is then reported line by line.
///
///     var reader = CSVReader()
///     reader.append(chunk)
///     while let row = reader.next() { … }    // nil: more bytes are needed
///     reader.close()
///     while let row = reader.next() { … }    // nil: the end
package struct CSVReader: Sendable {
    /// Where in a record the next byte stands; the transitions are written at each case's method.
    private enum State {
        case recordStart, fieldStart, unquoted, quoted, quoteInQuoted, returnAfterQuote, skippingLine
    }

    private enum Step {
        case row(CSVRow)
        case goOn
        case needsMore
    }

    /// A quoted field that was opened in the current record.
    private struct Opening {
        var offset: Int
        var line: Int
        /// Behind the first line end after the quote; nil while there was none.
        var nextLine: Int?
    }

    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private let dialect: CSVDialect
    private let limits: CSVLimits
    /// The delimiter may be the second byte of a character, so characters must be stepped over whole.
    private let stepsOverCharacters: Bool

    /// Bytes from the current record's first on; what is before it has been dropped.
    private var buffer: [UInt8] = []
    private var scan = 0
    private var isClosed = false
    private var isPastMark = false
    /// The line on which the byte at `scan` stands.
    private var line = 1
    private var state = State.recordStart

    private var recordOffset = 0
    private var recordLine = 1
    private var hasQuotedField = false
    private var content: [UInt8] = []
    private var ends: [Int] = []
    /// First byte of the current field that is not in `content` yet.
    private var runStart = 0
    private var opening: Opening?

    package init(dialect: CSVDialect = CSVDialect(), limits: CSVLimits = CSVLimits()) {
        precondition(
            dialect.delimiter < 0x80 && ![Self.quote, Self.lineFeed, Self.carriageReturn].contains(dialect.delimiter),
            "a delimiter is one ASCII byte and no quote or line end, got \(dialect.delimiter)")
        self.dialect = dialect
        self.limits = limits
        self.stepsOverCharacters = dialect.encoding.canTrail(dialect.delimiter)
    }

    /// All rows of bytes that are at hand as a whole.
    package static func rows(
        of bytes: some Sequence<UInt8>, dialect: CSVDialect = CSVDialect(), limits: CSVLimits = CSVLimits()
    ) -> [CSVRow] {
        var reader = CSVReader(dialect: dialect, limits: limits)
        reader.append(bytes)
        reader.close()
        var rows: [CSVRow] = []
        while let row = reader.next() { rows.append(row) }
        return rows
    }

    /// More bytes of the file.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        precondition(!isClosed, "bytes after the end of the file, on line \(line)")
        dropWhatIsDone()
        buffer.append(contentsOf: bytes)
    }

    /// No more bytes will come.
    package mutating func close() { isClosed = true }

    /// The next row; nil when more bytes are needed, or after `close` at the end.
    package mutating func next() -> CSVRow? {
        guard skipMark() else { return nil }
        while true {
            let step = scan < buffer.count ? advance() : (isClosed ? finish() : .needsMore)
            switch step {
            case .row(let row): return row
            case .goOn: continue
            case .needsMore: return nil
            }
        }
    }

    // MARK: One step per state

    private mutating func advance() -> Step {
        switch state {
        case .recordStart: beginRecord()
        case .fieldStart: beginField()
        case .unquoted: readUnquoted()
        case .quoted: readQuoted()
        case .quoteInQuoted: readAfterQuote()
        case .returnAfterQuote:
            buffer[scan] == Self.lineFeed ? endRecord(fieldsEndAt: nil) : failQuoted(.textAfterClosingQuote)
        case .skippingLine: skipLine()
        }
    }

    /// recordStart → fieldStart.
    private mutating func beginRecord() -> Step {
        recordOffset = scan
        recordLine = line
        hasQuotedField = false
        content.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        opening = nil
        state = .fieldStart
        return .goOn
    }

    /// fieldStart → quoted, unquoted.
    private mutating func beginField() -> Step {
        if buffer[scan] == Self.quote {
            opening = Opening(offset: scan, line: line)
            hasQuotedField = true
            scan += 1
            state = .quoted
        } else {
            opening = nil
            state = .unquoted
        }
        runStart = scan
        return .goOn
    }

    /// unquoted → fieldStart, recordStart, skippingLine.
    private mutating func readUnquoted() -> Step {
        let found = stepsOverCharacters ? nextSpecialOverCharacters() : nextSpecial()
        scan = found.offset
        if scan - recordOffset > limits.recordBytes { return fail(.recordTooLong) }
        guard found.isSpecial else { return scan < buffer.count ? .needsMore : .goOn }
        switch buffer[scan] {
        case Self.lineFeed: return endRecord(fieldsEndAt: scan)
        case Self.quote: return fail(.quoteInUnquotedField)
        default: return endField(at: scan)
        }
    }

    /// quoted → quoteInQuoted, recordStart.
    private mutating func readQuoted() -> Step {
        guard let opening else { preconditionFailure("in quotes that were never opened, on line \(line)") }
        let end = buffer.count
        while scan < end, buffer[scan] != Self.quote, buffer[scan] != Self.lineFeed { scan += 1 }
        // Before what was found is looked at, so that every chunking finds the same fault.
        if scan - opening.offset >= limits.quotedFieldBytes || scan - recordOffset > limits.recordBytes {
            return failQuoted(.unclosedQuote)
        }
        guard scan < end else { return .goOn }
        if buffer[scan] == Self.quote {
            content += buffer[runStart..<scan]
            scan += 1
            state = .quoteInQuoted
            return .goOn
        }
        if opening.nextLine == nil { self.opening?.nextLine = scan + 1 }
        if line - opening.line >= limits.quotedFieldLines { return failQuoted(.unclosedQuote) }
        line += 1
        scan += 1
        return .goOn
    }

    /// quoteInQuoted → quoted (a doubled quote), fieldStart, recordStart, returnAfterQuote.
    private mutating func readAfterQuote() -> Step {
        switch buffer[scan] {
        case Self.quote:
            runStart = scan
            scan += 1
            state = .quoted
            return .goOn
        case dialect.delimiter: return endField(at: nil)
        case Self.lineFeed: return endRecord(fieldsEndAt: nil)
        case Self.carriageReturn:
            scan += 1
            state = .returnAfterQuote
            return .goOn
        default: return failQuoted(.textAfterClosingQuote)
        }
    }

    /// skippingLine → recordStart.
    private mutating func skipLine() -> Step {
        let end = buffer.count
        while scan < end, buffer[scan] != Self.lineFeed { scan += 1 }
        recordOffset = scan
        guard scan < end else { return .goOn }
        scan += 1
        line += 1
        recordOffset = scan
        state = .recordStart
        return .goOn
    }

    // MARK: Ends

    /// The bytes up to `end` that are not in `content` yet belong to the field; nil: all are there.
    private mutating func endField(at end: Int?) -> Step {
        if let end { content += buffer[runStart..<end] }
        ends.append(content.count)
        if ends.count >= limits.fields { return fail(.tooManyFields) }
        scan += 1
        state = .fieldStart
        return .goOn
    }

    /// Any state at a line end → recordStart.
    private mutating func endRecord(fieldsEndAt end: Int?) -> Step {
        let step = takeRecord(fieldsEndAt: end)
        scan += 1
        line += 1
        recordOffset = scan
        state = .recordStart
        return step
    }

    private mutating func takeRecord(fieldsEndAt end: Int?) -> Step {
        if let end {
            let endsWithReturn = end > runStart && buffer[end - 1] == Self.carriageReturn
            content += buffer[runStart..<(endsWithReturn ? end - 1 : end)]
        }
        ends.append(content.count)
        if ends.count == 1, content.isEmpty, !hasQuotedField { return .goOn }
        return .row(.record(CSVRecord(line: recordLine, content: content, ends: ends)))
    }

    /// The end of the file, in any state.
    private mutating func finish() -> Step {
        switch state {
        case .recordStart, .skippingLine: return .needsMore
        case .quoted: return failQuoted(.unclosedQuote)
        case .fieldStart: runStart = scan
        case .unquoted, .quoteInQuoted, .returnAfterQuote: break
        }
        let isUnquoted = state == .fieldStart || state == .unquoted
        let step = takeRecord(fieldsEndAt: isUnquoted ? scan : nil)
        state = .recordStart
        return step
    }

    /// Any state → skippingLine: the rest of this line is lost.
    private mutating func fail(_ reason: CSVFault.Reason) -> Step {
        let field = reason == .tooManyFields ? limits.fields : ends.count
        let fault = CSVFault(line: recordLine, field: field, reason: reason, quoteLine: nil)
        state = .skippingLine
        return .row(.fault(fault))
    }

    /// A quoted state → recordStart on the line after that on which the quote opened, or skippingLine.
    private mutating func failQuoted(_ reason: CSVFault.Reason) -> Step {
        guard let opening else { preconditionFailure("a broken quote that was never opened, on line \(line)") }
        let fault = CSVFault(line: recordLine, field: ends.count, reason: reason, quoteLine: opening.line)
        if let nextLine = opening.nextLine {
            scan = nextLine
            line = opening.line + 1
            recordOffset = scan
            state = .recordStart
        } else {
            state = .skippingLine
        }
        return .row(.fault(fault))
    }

    // MARK: Bytes

    private func nextSpecial() -> (offset: Int, isSpecial: Bool) {
        let delimiter = dialect.delimiter
        let end = buffer.count
        var offset = scan
        while offset < end {
            let byte = buffer[offset]
            if byte == delimiter || byte == Self.lineFeed || byte == Self.quote { return (offset, true) }
            offset += 1
        }
        return (offset, false)
    }

    private func nextSpecialOverCharacters() -> (offset: Int, isSpecial: Bool) {
        var offset = scan
        while offset < buffer.count {
            let byte = buffer[offset]
            if byte == dialect.delimiter || byte == Self.lineFeed || byte == Self.quote { return (offset, true) }
            guard dialect.encoding.isLead(byte) else {
                offset += 1
                continue
            }
            // A lead byte at the end of the chunk is looked at again when its next byte is here.
            guard offset + 1 < buffer.count else { return (isClosed ? offset + 1 : offset, false) }
            offset += dialect.encoding.canTrail(buffer[offset + 1]) ? 2 : 1
        }
        return (offset, false)
    }

    /// Whether the start of the file is behind us.
    private mutating func skipMark() -> Bool {
        if isPastMark { return true }
        let mark = dialect.encoding.mark
        if buffer.count < mark.count, !isClosed, mark.starts(with: buffer) { return false }
        if buffer.starts(with: mark) { scan = mark.count }
        recordOffset = scan
        isPastMark = true
        return true
    }

    private mutating func dropWhatIsDone() {
        let done = recordOffset
        guard done > 0 else { return }
        buffer.removeFirst(done)
        scan -= done
        runStart -= done
        recordOffset = 0
        if let opened = opening {
            opening = Opening(
                offset: opened.offset - done, line: opened.line, nextLine: opened.nextLine.map { $0 - done })
        }
    }
}
