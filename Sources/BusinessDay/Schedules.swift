// Owns: the reading of a run's schedule and payments files into the schedule book.
import Arrears
import Documents
import Foundation
import LoanBook

/// Reads both files whole. The instalments stay in memory until the book's rows have claimed them.
/// - Returns: the schedule book and the rows that were rejected.
func readSchedules(
    _ schedule: SourceFile, payments: SourceFile?, map: ColumnMap
) throws -> (book: ScheduleBook, rejects: [Reject]) {
    var book = ScheduleBook()
    var rejects: [Reject] = []
    var instalments = ScheduleReader(map: map, decoding: try textDecoding(for: map.schedule.dialect.encoding))
    try eachPiece(of: schedule) { piece in
        let rows = if let piece { try instalments.feed(piece) } else { try instalments.finish() }
        for row in rows { if let reject = book.add(row) { rejects.append(reject) } }
    }
    if let payments {
        var reader = PaymentReader(map: map, decoding: try textDecoding(for: map.payments.dialect.encoding))
        try eachPiece(of: payments) { piece in
            let rows = if let piece { try reader.feed(piece) } else { try reader.finish() }
            for row in rows { if let reject = book.add(row) { rejects.append(reject) } }
        }
    }
    return (book, rejects)
}

/// Hands a file's pieces on, and nil for its end.
private func eachPiece(of source: SourceFile, _ body: (Data?) throws -> Void) throws {
    let pieces = try FilePieces(path: source.path)
    defer { pieces.close() }
    while let piece = try pieces.next() { try body(piece) }
    try body(nil)
}
