// Owns: what a run was asked to do, whole, so that it resumes from the ledger alone. Knows nothing of how it is done.
import Arrears
import Foundation
import LoanBook

/// A file that a run reads: named, and pinned by its digest.
public struct SourceFile: Hashable, Sendable, Codable {
    public var path: String
    /// Lower-case hexadecimal.
    public var sha256: String
    public var bytes: Int

    public init(path: String, sha256: String, bytes: Int) {
        self.path = path
        self.sha256 = sha256
        self.bytes = bytes
    }
}

/// How many rejected rows a run bears.
public enum RejectLimit: Hashable, Sendable, Codable {
    case count(Int)
    /// Per cent of the rows read.
    case percent(Double)

    public func isExceeded(rejects: Int, rows: Int) -> Bool {
        switch self {
        case .count(let limit): rejects > limit
        case .percent(let limit): Double(rejects) > Double(rows) * limit / 100
        }
    }

    public var words: String {
        switch self {
        case .count(let limit): "\(limit) rows"
        case .percent(let limit): "\(limit) % of the rows"
        }
    }
}

/// Who speaks to the customer, as messages name it.
public struct Institution: Hashable, Sendable, Codable {
    public var name: String
    /// A telephone number or address that the customer can use.
    public var contact: String

    public init(name: String, contact: String) {
        self.name = name
        self.contact = contact
    }
}

/// One run as it was ordered. Stored with the run; nothing outside it but the pinned files is needed to go on.
public struct RunOrder: Hashable, Sendable, Codable {
    public var run: RunID
    public var asOf: CalendarDate
    /// The day on which people are contacted: today by the wall clock, or the as-of date by a simulated one.
    public var contactDate: CalendarDate
    public var book: SourceFile
    public var schedule: SourceFile?
    public var payments: SourceFile?
    /// The column map's text and where it came from; nil: the canonical columns.
    public var map: NamedText?
    public var policy: NamedText
    public var rejectLimit: RejectLimit
    public var institution: Institution
    /// Business time at the start of the coordinator, for a sandbox or a replay; nil: the wall clock.
    public var simulatedClockStart: Timestamp?

    /// A text and the file that it was read from.
    public struct NamedText: Hashable, Sendable, Codable {
        public var source: String
        public var text: String
        public init(source: String, text: String) {
            self.source = source
            self.text = text
        }
    }

    public init(
        run: RunID, asOf: CalendarDate, contactDate: CalendarDate, book: SourceFile, schedule: SourceFile? = nil,
        payments: SourceFile? = nil, map: NamedText? = nil, policy: NamedText, rejectLimit: RejectLimit,
        institution: Institution, simulatedClockStart: Timestamp? = nil
    ) {
        self.run = run
        self.asOf = asOf
        self.contactDate = contactDate
        self.book = book
        self.schedule = schedule
        self.payments = payments
        self.map = map
        self.policy = policy
        self.rejectLimit = rejectLimit
        self.institution = institution
        self.simulatedClockStart = simulatedClockStart
    }

    /// The order in JSON, keys sorted.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    public init(json: String) throws {
        self = try JSONDecoder().decode(RunOrder.self, from: Data(json.utf8))
    }
}
