// Owns: ten business days of the real loop on a real ledger, with played clocks and workers from one seed, and the
// digests of all that others see of them: frames, reports, ledger.
@testable import DispatchCore
@testable import BusinessDay
import Crypto
import Foundation
import GRDB
import Synchronization

@testable import Arrears
@testable import Coordinator
@testable import Leasing
@testable import Ledger
@testable import PowerCuts
@testable import SQLiteLedger
@testable import SyntheticBook
@testable import Wire

/// Ten days in a directory of their own, played once.
struct TenDays {
    /// Lower-case hexadecimal SHA-256 of what stands behind each name: `frames`, `report.json`, a table of the ledger …
    private(set) var digests: [String: String] = [:]
    /// So that nobody takes ten empty days for proof.
    private(set) var outcomes = 0

    private static let seed: UInt64 = 9
    private let directory: String
    private let clock = PlayedClock()
    private var frames = SHA256()

    init() throws {
        directory = FileManager.default.temporaryDirectory.path + "/ten-days-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let books = try [
            Book(seed: 1, hasSchedule: false, in: directory), Book(seed: 2, hasSchedule: true, in: directory),
        ]
        for day in 0..<10 { try play(day, books[day / 5]) }
        digests["frames"] = hexadecimal(frames.finalize())
        for file in ["report.json", "report.csv", "report.html", "rejects.csv"] {
            digests[file] = try digestOfFiles(named: file)
        }
        try digestLedger()
    }

    // MARK: A day

    private mutating func play(_ day: Int, _ book: Book) throws {
        let run = RunID("2026-11-\(20 + day)-1")
        try OrderBox(dataDirectory: directory).put(try order(run, day, book))
        let ears = Ear()
        let loop = Loop(
            ledger: try HeldLedger { [directory] in try SQLiteLedger(directory: directory) }, inbox: Inbox(),
            transport: ears,
            configuration: CoordinatorConfiguration(
                dataDirectory: directory, limits: Limits(), incarnation: UInt32(day + 1), software: "ten days",
                endsWithRun: true),
            observer: SilentObserver(), reserve: EndlessRoom(), pauseMilliseconds: 0, machine: clock.machine)
        try loop.start()
        // Workers of their own each day: nothing is said on a day of what was leased on another.
        var workers = ScriptedWorkers(seed: Self.seed + UInt64(day))
        var inputs: [Input] = []
        for turn in 0..<50_000 {
            // Now and then a lease is let run out.
            clock.advance(turn % 400 == 399 ? 45_000 : 150)
            if case .runFinished? = try loop.pass(inputs) { return }
            let heard = ears.take()
            hear(inputs, heard)
            workers.hear(heard)
            inputs = workers.speak()
        }
        preconditionFailure("day \(day) did not end, seed \(Self.seed)")
    }

    private func order(_ run: RunID, _ day: Int, _ book: Book) throws -> RunOrder {
        let date = Book.firstDay.adding(days: day)
        return RunOrder(
            run: run, asOf: date, contactDate: date, book: try SourceFile(pinning: book.path),
            schedule: try book.schedule.map { try SourceFile(pinning: $0) },
            payments: try book.payments.map { try SourceFile(pinning: $0) },
            policy: RunOrder.NamedText(source: "cn-consumer.yaml", text: try shippedPolicy()),
            rejectLimit: .percent(20),
            institution: Institution(name: "Example Bank", contact: "+8610000000000"),
            simulatedClockStart: Zones.moment(date, minute: 600, zone: "Asia/Shanghai"))
    }

    private func shippedPolicy() throws -> String {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../policies/cn-consumer.yaml")
        return try String(contentsOf: path, encoding: .utf8)
    }

    /// Every message of either side, as it is on the wire.
    private mutating func hear(_ inputs: [Input], _ heard: [Directive]) {
        for case .message(let session, let message) in inputs { note(session, message) }
        for case .send(let session, let message) in heard {
            if case .reportAck(let ack) = message { outcomes += ack.verdicts.count { $0.verdict == .accepted } }
            note(session, message)
        }
    }

    private mutating func note(_ session: SessionID, _ message: Message) {
        frames.update(data: Data("\(session) ".utf8))
        frames.update(data: message.envelope())
    }

    // MARK: What is left

    /// The directory's name is chance; nothing else of it is.
    private func digest(_ text: String) -> String {
        let stable = text.replacingOccurrences(of: directory, with: "DIRECTORY")
        return hexadecimal(SHA256.hash(data: Data(stable.utf8)))
    }

    private func digestOfFiles(named name: String) throws -> String {
        let runs = try FileManager.default.contentsOfDirectory(atPath: directory + "/runs").sorted()
        return digest(
            try runs.map { try String(contentsOfFile: "\(directory)/runs/\($0)/\(name)", encoding: .utf8) }.joined())
    }

    private mutating func digestLedger() throws {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: directory + "/ledger.sqlite", configuration: configuration)
        let tables = try queue.read { database in
            let schema = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            return try String.fetchAll(database, sql: schema).map { table in
                let rows = try Row.fetchAll(database, sql: "SELECT * FROM \(table)").map { row in
                    row.map { "\($0.0)=\($0.1)" }.joined(separator: "|")
                }
                return (table, rows.sorted().joined(separator: "\n"))
            }
        }
        for (table, rows) in tables { digests["ledger " + table] = digest(rows) }
    }
}

/// The files of a made-up book.
private struct Book {
    static let firstDay = CalendarDate(iso: "2026-11-20") ?? CalendarDate(dayNumber: 0)
    let path: String
    private(set) var schedule: String?
    private(set) var payments: String?

    init(seed: UInt64, hasSchedule: Bool, in directory: String) throws {
        let generator = BookGenerator(
            seed: seed, accounts: 400, asOf: Self.firstDay, hasSchedule: hasSchedule, badRows: 12)
        var lines = generator.headers
        for more in generator {
            lines.book += more.book
            lines.schedule += more.schedule
            lines.payments += more.payments
        }
        path = "\(directory)/book-\(seed).csv"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(lines.book).write(to: URL(fileURLWithPath: path))
        guard hasSchedule else { return }
        let (schedule, payments) = ("\(directory)/schedule-\(seed).csv", "\(directory)/payments-\(seed).csv")
        try Data(lines.schedule).write(to: URL(fileURLWithPath: schedule))
        try Data(lines.payments).write(to: URL(fileURLWithPath: payments))
        (self.schedule, self.payments) = (schedule, payments)
    }
}

/// Both clocks of a machine, turned by the play.
private final class PlayedClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_000_000)
    func advance(_ span: Int64) { milliseconds.withLock { $0 += span } }
    var machine: MachineClock {
        let now: @Sendable () -> Int64 = { [self] in milliseconds.withLock { $0 } }
        return MachineClock(uptime: now, wall: { Timestamp(milliseconds: 1_790_000_000_000 + now()) })
    }
}
