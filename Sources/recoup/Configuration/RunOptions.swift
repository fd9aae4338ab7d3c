// Owns: the options that say what a run reads and by which rules, and the order that they make. Knows nothing of who
// carries the order out.
import BusinessDay
import Arrears
import ArgumentParser
import Coordinator
import Documents
import Foundation

/// The files of a book.
struct BookOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The business date.", valueName: "yyyy-mm-dd"))
    var asOf: CalendarDate

    @Option(
        help: ArgumentHelp(
            "How the lender's columns become ours (YAML); the canonical columns otherwise.", valueName: "file"))
    var map: String?

    @Option(
        help: ArgumentHelp("Instalments due (CSV): arrears are computed from them and the payments.", valueName: "file")
    )
    var schedule: String?

    @Option(help: ArgumentHelp("Payments made (CSV), with --schedule.", valueName: "file"))
    var payments: String?

    @Option(
        help: ArgumentHelp(
            "Segments and treatments (YAML). Default: the shipped policies/cn-consumer.yaml.", valueName: "file"))
    var policy: String?

    @Option(
        help: ArgumentHelp(
            "Reject at most so many rows (100) or such a share (2%); more end the run before anything is planned. Default: 5%.",
            valueName: "n|p%"))
    var maxRejects: RejectLimit?

    func validate() throws {
        if payments != nil, schedule == nil {
            throw ValidationError("--payments: expected --schedule with it, got none")
        }
    }

    func mapText() throws -> RunOrder.NamedText? {
        try map.map(RunOrder.NamedText.init(file:))
    }

    /// The policy's text, and the policy itself: one that is at fault never starts a run.
    func readPolicy(_ configuration: Configuration) throws -> (text: RunOrder.NamedText, policy: Policy) {
        let file = try policy ?? configuration.policy ?? Shipped.path("policies/cn-consumer.yaml")
        let text = try RunOrder.NamedText(file: file)
        return (text, try Policy(text))
    }
}

extension RunOrder.NamedText {
    init(file: String) throws { self.init(source: file, text: try readText(file)) }
}

extension Policy {
    init(_ text: RunOrder.NamedText) throws {
        try self.init(document: readDocument(yaml: text.text, source: text.source), source: text.source)
    }
}

/// When a run contacts people.
enum RunClock {
    /// Today, by the wall clock.
    case wall
    /// A rehearsal: business time starts at this minute of the as-of date.
    case rehearsal(minute: Int)
}

extension BookOptions {
    /// The whole order, every file of it read and pinned.
    /// - Parameter run: asked for last, so that a mistake in the options takes no name.
    func order(
        _ run: @autoclosure () throws -> RunID, book: String, configuration: Configuration, clock: RunClock,
        isDateAsGiven: Bool = false, acceptsShrunk: Bool = false
    ) throws -> RunOrder {
        let (policyText, policy) = try readPolicy(configuration)
        let zone = policy.conduct.timeZone
        let start: Timestamp?
        let contactDate: CalendarDate?
        switch clock {
        case .wall:
            start = nil
            contactDate = Zones.date(of: MachineClock.system.wall(), zone: zone)
        case .rehearsal(let minute):
            start = Zones.moment(asOf, minute: minute, zone: zone)
            contactDate = start == nil ? nil : asOf
        }
        guard let contactDate else {
            throw Failure(.usage, "\(policyText.source): time zone: expected an IANA name, got \"\(zone)\"")
        }
        if !isDateAsGiven { try demandNear(contactDate, zone) }
        let bookFile = try SourceFile(pinning: book)
        let scheduleFile = try schedule.map { try SourceFile(pinning: $0) }
        let paymentsFile = try payments.map { try SourceFile(pinning: $0) }
        let map = try mapText()
        return RunOrder(
            run: try run(), asOf: asOf, contactDate: contactDate, book: bookFile, schedule: scheduleFile,
            payments: paymentsFile, map: map, policy: policyText,
            rejectLimit: maxRejects ?? configuration.rejectLimit, institution: configuration.institution,
            simulatedClockStart: start, dateAsGiven: isDateAsGiven ? true : nil,
            maxLost: acceptsShrunk ? nil : configuration.maxLost)
    }

    /// A book of another day would have people contacted by what was, or is not yet.
    private func demandNear(_ today: CalendarDate, _ zone: String) throws {
        guard abs(asOf.days(since: today)) > 1 else { return }
        throw Failure(
            .refused,
            """
            --as-of: expected \(today) (today in \(zone)), the day before or the day after, got \(asOf).
            People are contacted today, by what the book says of its date. If that is meant: --date-as-given
            """)
    }
}

/// Today where the default policy's people live.
func today() throws -> CalendarDate {
    guard let date = Zones.date(of: MachineClock.system.wall(), zone: "Asia/Shanghai") else {
        throw Failure(.usage, "Asia/Shanghai: expected a time zone that this system knows; install tzdata")
    }
    return date
}
