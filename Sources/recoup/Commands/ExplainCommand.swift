// Owns: `recoup explain`: one case's whole story, and the record of whoever saw personal data in it.
import Reporting
import Arrears
import ArgumentParser
import BusinessDay
import Foundation
import Ledger

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell why somebody was, or was not, contacted.",
        discussion: """
            The whole story of one case in a run: row, DPD computation, matching rule, step or reason, lease, worker, \
            outcome. Names and numbers are masked; --reveal shows them, and who asked and why is appended to \
            DIR/disclosures.jsonl first. Where two portfolios have the number, say PORTFOLIO/NUMBER.

            EXAMPLES:
              recoup explain A-1001
              recoup explain cards/1001
              recoup explain A-1001 --run 2026-11-20-1 --json
              recoup explain A-1001 --reveal --reason "complaint 2291, customer on the line"
            """)

    @Argument(help: ArgumentHelp("The account's number in the book, or PORTFOLIO/NUMBER.", valueName: "case"))
    var caseID: String

    @OptionGroup var data: DataOption
    @OptionGroup var output: JSONOption

    @OptionGroup var wanted: RunOption

    @Flag(help: "Show the person's name and number; needs --reason.")
    var reveal = false

    @Option(help: ArgumentHelp("Why personal data is needed.", valueName: "text"))
    var reason: String?

    func validate() throws {
        if reveal, (reason ?? "").allSatisfy(\.isWhitespace) {
            throw ValidationError("--reveal: expected --reason with the reason, got none")
        }
    }

    func run() throws {
        let directory = try data.existing()
        let ledger = try directory.store.reader()
        let record = try wanted.record(in: ledger, of: directory)
        let id = try found(in: record, of: ledger)
        let isRehearsal = try RunKind(of: record) == .rehearsal
        let told = try CaseStory(
            id, in: record, isRehearsal: isRehearsal, from: ledger, reveals: reveal, timeZone: "UTC")
        guard let story = told else {
            throw nothingFound(in: record)
        }
        if reveal, let reason {
            // First the record, then the disclosure: one that cannot be recorded does not happen.
            try Disclosure(of: id, in: record.id, reason: reason).append(to: directory.disclosures)
        }
        try output.show(story, as: story.terminal())
    }

    /// The account of this name, else the only one of this number.
    private func found(in run: RunRecord, of ledger: any LedgerReading) throws -> CaseID {
        if try ledger.accountMark(CaseID(caseID), in: run.id) != nil { return CaseID(caseID) }
        let numbered = try ledger.accountsNumbered(AccountID(caseID), in: run.id)
        guard let first = numbered.first else { throw nothingFound(in: run) }
        guard numbered.count == 1 else {
            let names = numbered.map(\.text).joined(separator: ", ")
            throw Failure(.usage, "run \(run.id): expected one account, got \(caseID) in several portfolios: \(names)")
        }
        return first
    }

    private func nothingFound(in run: RunRecord) -> Failure {
        Failure(.nothingFound, "run \(run.id): expected account \(caseID), got no such account")
    }
}

/// One line of DIR/disclosures.jsonl.
private struct Disclosure: Encodable {
    var at: String
    var user: String
    var run: String
    var caseID: String
    var reason: String

    init(of caseID: CaseID, in run: RunID, reason: String) {
        at = Date().formatted(.iso8601)
        user = NSUserName()
        self.run = run.text
        self.caseID = caseID.text
        self.reason = reason
    }

    func append(to file: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var line = Array(try encoder.encode(self))
        line.append(UInt8(ascii: "\n"))
        // One write under O_APPEND: two that disclose at once do not tear each other's lines.
        let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw refused(file) }
        defer { close(descriptor) }
        guard write(descriptor, line, line.count) == line.count, fsync(descriptor) == 0 else { throw refused(file) }
    }

    private func refused(_ file: String) -> Failure {
        Failure(.ledgerUnavailable, "\(file): the disclosure cannot be recorded: \(String(cString: strerror(errno)))")
    }
}
