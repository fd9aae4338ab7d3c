// Owns: `recoup event`: what is told between two books, by hand or by another system's file.
import Arrears
import ArgumentParser
import BusinessDay
import Coordinator
import Foundation
import Ledger
import Reporting

struct EventCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "event",
        abstract: "Tell of holds, payments, closed accounts, contacts and numbers, between two books.",
        discussion: """
            What is told counts at once, also while a run goes on: a task that would not be planned any more is withdrawn, \
            and taken back from a dialer's queue. The same event twice is one; a wrong one is revoked, never changed.

            EXAMPLES:
              recoup event add --kind hold --customer C-77 --hold dispute --why "letter of 20 November"
              recoup event add --kind payment --account A-1001 --amount 120.00 --currency CNY
              recoup event import payments.jsonl
              recoup event list --customer C-77
            """,
        subcommands: [EventAddCommand.self, EventImportCommand.self, EventListCommand.self])
}

/// Brings lines of events to the ledger, here or through the coordinator at work.
private struct EventDelivery {
    let directory: DataDirectory

    /// - Returns: how many were new; nil: left for the coordinator, which has not looked yet.
    func deliver(_ bytes: [UInt8], name: String) throws -> Int? {
        let file = try EventFile(bytes, name: name)
        let ledger: any Ledger
        do {
            ledger = try directory.store.writer()
        } catch let error as LedgerError where error.code == .locked {
            return try leave(bytes, file, name)
        }
        let count = try ledger.transaction {
            try file.take(into: $0, name: name, at: MachineClock.system.wall())
        }
        try ledger.close()
        return count
    }

    private func leave(_ bytes: [UInt8], _ file: EventFile, _ name: String) throws -> Int? {
        let before = try known(file)
        let box = EventBox(dataDirectory: directory.path)
        let left: String
        do {
            left = try box.put(bytes)
        } catch {
            throw Failure(.ledgerUnavailable, "\(name): cannot be left for the coordinator: \(error)")
        }
        for _ in 0..<200 {
            switch box.fate(of: left) {
            case .some(.none): return file.events.count - before
            case .some(.some(let reason)): throw Failure(.refused, reason)
            case .none: usleep(50_000)
            }
        }
        return nil
    }

    private func known(_ file: EventFile) throws -> Int {
        let reader = try directory.store.reader()
        return try file.events.count { try reader.registerEvent($0.id, of: $0.source) != nil }
    }
}

/// What the commands print of what they told.
private struct EventsTold: Encodable {
    var events: Int
    /// nil: the coordinator has not taken them yet.
    var new: Int?

    var words: String {
        guard let new else {
            return
                "\(events) event\(events == 1 ? "" : "s") left for the coordinator, which takes them in its next turn."
        }
        return "\(events) event\(events == 1 ? "" : "s") told, \(new) of them new."
    }
}

struct EventAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Tell one event by hand.",
        discussion: "What is known of a number comes by a file (recoup event import): none stands in a command line.")

    @OptionGroup var data: DataOption
    @OptionGroup var output: JSONOption

    @Option(help: ArgumentHelp("hold, payment, closed, contact or revoke.", valueName: "kind"))
    var kind: String
    @Option(help: ArgumentHelp("The account's number in the book.", valueName: "number"))
    var account: String?
    @Option(help: ArgumentHelp("The account's portfolio, where it is not the only one.", valueName: "name"))
    var portfolio: String?
    @Option(help: ArgumentHelp("The customer's id: all accounts of the person.", valueName: "id"))
    var customer: String?
    @Option(help: ArgumentHelp("The day of which it tells. Default: today.", valueName: "YYYY-MM-DD"))
    var date: CalendarDate?
    @Option(help: ArgumentHelp("A hold's kind: dispute, hardship, plan, bereavement, …", valueName: "kind"))
    var hold: String?
    @Option(help: ArgumentHelp("A hold's last day. Default: until it is revoked.", valueName: "YYYY-MM-DD"))
    var until: String?
    @Option(help: ArgumentHelp("A payment's amount.", valueName: "decimal"))
    var amount: String?
    @Option(help: ArgumentHelp("A payment's currency.", valueName: "code"))
    var currency: String?
    @Option(help: ArgumentHelp("How an account ended: settled, sold or writtenOff.", valueName: "how"))
    var closed: String?
    @Option(help: ArgumentHelp("The id of the event that is revoked.", valueName: "id"))
    var event: String?
    @Option(help: ArgumentHelp("Why, for people. No names of customers.", valueName: "text"))
    var why: String?
    @Option(
        help: ArgumentHelp("Who says it; events are revoked by their source. Default: hand.<user>.", valueName: "name"))
    var source: String?
    @Option(
        help: ArgumentHelp("The event's id in its source. Default: a random one, which is printed.", valueName: "id"))
    var id: String?
    @Flag(help: "Tell it though no run has seen the account.")
    var unseen = false

    private struct Added: Encodable {
        var source: String
        var id: String
        /// nil: the coordinator has not taken it yet.
        var isNew: Bool?
    }

    func run() throws {
        let directory = try data.existing()
        if let account, !unseen { try demandSeen(account, in: directory) }
        let id = id ?? UUID().uuidString.lowercased()
        let source = source ?? "hand.\(NSUserName())"
        let fields: [String: String?] = [
            "source": source, "id": id, "date": try (date ?? today()).iso, "kind": kind, "account": account,
            "portfolio": portfolio, "customer": customer, "hold": hold, "until": until, "amount": amount,
            "currency": currency, "closed": closed, "event": event, "why": why,
        ]
        let line = try JSONEncoder().encode(fields.compactMapValues(\.self))
        let new = try EventDelivery(directory: directory).deliver(Array(line), name: "recoup event add")
        let added = Added(source: source, id: id, isNew: new.map { $0 == 1 })
        try output.show(
            added,
            as: "Event \(id) of \(source): "
                + (added.isNew == false
                    ? "known already."
                    : added.isNew == nil
                        ? "left for the coordinator, which takes it in its next turn." : "told."))
    }

    /// A number that was mistyped would stop nothing, silently.
    private func demandSeen(_ account: String, in directory: DataDirectory) throws {
        let name = CaseID(AccountID(account), in: portfolio.map { PortfolioID($0) } ?? .standard)
        let reader = try directory.store.reader()
        for run in try reader.runs() where try reader.accountMark(name, in: run.id) != nil { return }
        throw Failure(
            .nothingFound,
            "\(directory.store.place): expected account \(name) in a run, got no such account (--portfolio? --unseen means it)"
        )
    }
}

struct EventImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Tell the events of a file: JSON Lines, one object a line.",
        discussion: """
            Keys: source, id, date, kind (hold, payment, closed, contact, number, revoke); account with portfolio, or \
            customer; by kind: hold and until, amount and currency, closed, phone and fact, event; why. All of a file's \
            lines are sound, or nothing is told. A file may be told again: what is known already changes nothing. `-` reads \
            standard input. docs/events.md has the whole format.
            """)

    @Argument(help: ArgumentHelp("The file, or - for standard input.", valueName: "file"))
    var file: String
    @OptionGroup var data: DataOption
    @OptionGroup var output: JSONOption

    func run() throws {
        let directory = try data.existing()
        let text = try file == "-" ? standardInput() : readText(file)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        // All are looked at before the first is told.
        var pieces: [[UInt8]] = []
        for start in stride(from: 0, to: lines.count, by: EventFile.mostEvents) {
            let piece = lines[start..<min(start + EventFile.mostEvents, lines.count)]
            guard piece.contains(where: { !$0.allSatisfy(\.isWhitespace) }) else { continue }
            // Lines keep their numbers in the faults.
            pieces.append(Array((String(repeating: "\n", count: start) + piece.joined(separator: "\n")).utf8))
        }
        if pieces.isEmpty { pieces = [[]] }
        let events = try pieces.map { try EventFile($0, name: file).events.count }.reduce(0, +)
        var told = EventsTold(events: events, new: 0)
        let delivery = EventDelivery(directory: directory)
        for piece in pieces {
            let new = try delivery.deliver(piece, name: file)
            told.new = told.new.flatMap { all in new.map { all + $0 } }
        }
        try output.show(told, as: told.words)
    }

    private func standardInput() throws -> String {
        guard let text = String(validating: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self) else {
            throw Failure(.usage, "standard input: expected UTF-8 text, got other bytes")
        }
        return text
    }
}

struct EventListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List what was told of a customer or an account.")

    @Option(help: ArgumentHelp("The customer's id.", valueName: "id"))
    var customer: String?
    @Option(help: ArgumentHelp("The account's number in the book.", valueName: "number"))
    var account: String?
    @Option(help: ArgumentHelp("The account's portfolio, where it is not the only one.", valueName: "name"))
    var portfolio: String?
    @OptionGroup var data: DataOption
    @OptionGroup var output: JSONOption

    private struct Item: Encodable {
        var source: String
        var id: String
        var date: String
        var about: String
        var tells: String
        var why: String
        var counts: Bool
    }

    func validate() throws {
        if (customer == nil) == (account == nil) {
            throw ValidationError("expected --customer or --account, got \(customer == nil ? "neither" : "both")")
        }
    }

    func run() throws {
        let reader = try data.existing().store.reader()
        let accounts = account.map { [CaseID(AccountID($0), in: portfolio.map { PortfolioID($0) } ?? .standard)] } ?? []
        let events = try reader.registerEvents(of: CustomerID(customer ?? ""), accounts: accounts)
        let inForce = Set(events.inForce(on: try today()))
        let items = events.map { event in
            let about: String =
                switch event.subject {
                case .account(let id): "account \(id)"
                case .customer(let id): "customer \(id)"
                }
            return Item(
                source: event.source, id: event.id, date: event.date.iso, about: about, tells: event.words,
                why: event.why, counts: inForce.contains(event))
        }
        if output.json { return try Terminal.json(items) }
        guard !items.isEmpty else { return Terminal.result("Nothing was told.") }
        var table = TextTable([
            ("about", .left), ("tells", .left), ("source", .left), ("id", .left), ("why", .left), ("", .left),
        ])
        for item in items {
            table.add([item.about, item.tells, item.source, item.id, item.why, item.counts ? "" : "does not count"])
        }
        Terminal.result(table.text)
    }
}
