// Owns: what a run was asked to do, whole, so that it resumes from the ledger alone. Knows nothing of how it is done.
import Arrears
import Foundation
import Ledger

/// A file that a run reads: named, and pinned by its digest.
package struct SourceFile: Hashable, Sendable, Codable {
    package var path: String
    /// Lower-case hexadecimal.
    package var sha256: String
    package var bytes: Int

    package init(path: String, sha256: String, bytes: Int) {
        self.path = path
        self.sha256 = sha256
        self.bytes = bytes
    }
}

/// How many rejected rows a run accepts.
package enum RejectLimit: Hashable, Sendable, Codable {
    case count(Int)
    /// Per cent of the rows of each file.
    case percent(Double)

    /// Rows of a file, or of several, and how many of them were rejected.
    struct Tally {
        var rows = 0
        var rejects = 0
    }

    /// What is over the limit: all files together where it is a number of rows, one file where it is a share.
    func excess(of files: [Tally]) -> Tally? {
        switch self {
        case .count(let limit):
            let all = files.reduce(into: Tally()) { all, file in
                all.rows += file.rows
                all.rejects += file.rejects
            }
            return all.rejects > limit ? all : nil
        case .percent(let limit):
            return files.first { Double($0.rejects) > Double($0.rows) * limit / 100 }
        }
    }

    package var words: String {
        switch self {
        case .count(let limit): "\(limit) rows"
        case .percent(let limit): "\(limit.formatted()) % of the rows"
        }
    }
}

/// Who speaks to the customer, as messages name it.
package struct Institution: Hashable, Sendable, Codable {
    package var name: String
    /// A telephone number or address that the customer can use.
    package var contact: String

    package init(name: String, contact: String) {
        self.name = name
        self.contact = contact
    }
}

/// One run as it was ordered. Stored with the run; nothing outside it but the pinned files is needed to go on.
package struct RunOrder: Hashable, Sendable, Codable {
    package var run: RunID
    package var asOf: CalendarDate
    /// The day on which people are contacted: today by the wall clock, or the as-of date by a simulated one.
    package var contactDate: CalendarDate
    package var book: SourceFile
    package var schedule: SourceFile?
    package var payments: SourceFile?
    /// The column map's text and where it came from; nil: the canonical columns.
    package var map: NamedText?
    package var policy: NamedText
    package var rejectLimit: RejectLimit
    package var institution: Institution
    /// Business time at the start of the coordinator, for a sandbox or a replay; nil: the wall clock.
    package var simulatedClockStart: Timestamp?
    /// Somebody meant the business date though it is an earlier one than a portfolio's last; nil: nobody said so.
    package var dateAsGiven: Bool?
    /// The share of a portfolio's accounts, in per cent, that may be missing since its last book; nil: any.
    package var maxLost: Double?

    /// A text and the file that it was read from.
    package struct NamedText: Hashable, Sendable, Codable {
        package var source: String
        package var text: String
        package init(source: String, text: String) {
            self.source = source
            self.text = text
        }
    }

    package init(
        run: RunID, asOf: CalendarDate, contactDate: CalendarDate, book: SourceFile, schedule: SourceFile? = nil,
        payments: SourceFile? = nil, map: NamedText? = nil, policy: NamedText, rejectLimit: RejectLimit,
        institution: Institution, simulatedClockStart: Timestamp? = nil, dateAsGiven: Bool? = nil,
        maxLost: Double? = nil
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
        self.dateAsGiven = dateAsGiven
        self.maxLost = maxLost
    }

    /// The days of runs that were ordered so. An order that cannot be read is a damaged ledger: no other day is guessed.
    package static var businessDays: BusinessDays {
        BusinessDays { try RunOrder(of: $0).contactDate }
    }

    /// The order in JSON, keys sorted.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    package init(json: String) throws {
        self = try JSONDecoder().decode(RunOrder.self, from: Data(json.utf8))
    }
}
