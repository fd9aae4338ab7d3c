// Owns: the reading of a run's schedule and payments files into the schedule book.
import Arrears
import Foundation
import LoanBook
import Tables

/// Reads both files whole. The instalments stay in memory until the book's rows have claimed them.
/// - Returns: the schedule book, the rows that were rejected, and how many rows each file has.
func readSchedules(
    _ schedule: SourceFile, payments: SourceFile?, map: ColumnMap
) throws -> (book: ScheduleBook, rejects: [Reject], rows: [BookFile: Int]) {
    var book = ScheduleBook()
    var rejects: [Reject] = []
    var rows: [BookFile: Int] = [.schedule: 0]
    var instalments = ScheduleReader<Instalment>(
        map: map, decoding: try textDecoding(for: map.schedule.dialect.encoding))
    try eachRow(of: schedule, &instalments) { row in
        rows[.schedule, default: 0] += 1
        if let reject = book.add(row) { rejects.append(reject) }
    }
    if let payments {
        var reader = ScheduleReader<Payment>(
            map: map, decoding: try textDecoding(for: map.payments.dialect.encoding))
        try eachRow(of: payments, &reader) { row in
            rows[.payments, default: 0] += 1
            if let reject = book.add(row) { rejects.append(reject) }
        }
    }
    return (book, rejects, rows)
}

/// Reads a file to its end.
private func eachRow<Item>(
    of source: SourceFile, _ reader: inout ScheduleReader<Item>, _ take: (ScheduleRow<Item>) -> Void
) throws {
    let pieces = try FilePieces(path: source.path)
    defer { pieces.close() }
    while let piece = try pieces.next() { try reader.feed(piece).forEach(take) }
    try reader.finish().forEach(take)
}
