// Owns: `recoup report`: a run's report in the form that is asked for. Reads only.
import Reporting
import Arrears
import ArgumentParser
import Foundation

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Print a run's report: for the terminal, as JSON, as CSV, or as one HTML page.",
        discussion: """
            The figures come from the ledger; a run that is still on its way is reported as it stands. Reports hold no \
            personal data.

            EXAMPLES:
              recoup report
              recoup report --format html --output today.html
              recoup report --run 2026-11-20-1 --json --without-times
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case terminal, json, csv, html }

    @OptionGroup var data: DataOption

    @OptionGroup var wanted: RunOption

    @Option(help: "The form.")
    var format: Format = .terminal

    @OptionGroup var output: JSONOption

    @Option(
        name: [.customLong("output"), .customShort("o")],
        help: ArgumentHelp("Write to a file instead of standard output.", valueName: "file"))
    var file: String?

    @Flag(help: "Leave out what depends on the clock, so that two reports can be compared.")
    var withoutTimes = false

    func run() throws {
        let directory = try data.existing()
        let ledger = try directory.store.reader()
        let whole = try RunReport(of: wanted.record(in: ledger, of: directory), reading: ledger)
        let report = withoutTimes ? whole.withoutTimings : whole
        let text: String
        switch output.json ? .json : format {
        case .terminal: text = report.terminal(width: Terminal.width(), colour: file == nil && Terminal.usesColour)
        case .json: text = try report.json()
        case .csv: text = report.csv()
        case .html: text = report.html()
        }
        if let file {
            try writeAtomically(Array(text.utf8), to: file)
            Terminal.note("Written: \(file)")
        } else {
            Terminal.result(text)
        }
    }
}
