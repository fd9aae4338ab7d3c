// Owns: the root of the command line and the way out of it: every error becomes one message and one exit code.
//
// The rooms below, each of which names only types of those before it:
// Support, Configuration, Supervision, Runs, Commands.
import ArgumentParser
import Foundation

struct Recoup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recoup",
        abstract: "A collection dispatcher for consumer lenders.",
        discussion: """
            A coordinator recognises and segments overdue accounts and leases work to sms, callQueue, agency and legal \
            workers. Every step is kept in a ledger, so that an interrupted run resumes.

            EXAMPLES:
              recoup demo                      a day on a made-up book, nobody contacted
              recoup book check book.csv --as-of 2026-11-20
              recoup run --book book.csv --as-of 2026-11-20 --embedded --sandbox
              recoup resume                    after an interruption
              recoup explain A-1001            why somebody was, or was not, contacted

            \(Exit.table)
            """,
        version: Software.version,
        subcommands: [
            DemoCommand.self, RunCommand.self, ResumeCommand.self, StopCommand.self, StatusCommand.self,
            ReportCommand.self, ExplainCommand.self, UncertainCommand.self, EventCommand.self, LedgerCommand.self,
            BookCommand.self, PolicyCommand.self,
            ConfigCommand.self,
            CoordinatorCommand.self, WorkerCommand.self, SandboxCommand.self,
        ])
}

@main
enum Main {
    static func main() async {
        // A reader that goes away (`recoup report | head`) is not an error of ours.
        signal(SIGPIPE, SIG_IGN)
        // What a process of ours writes holds debtors' data: it is its user's alone, but where a folder is shared on purpose.
        umask(0o077)
        do {
            var command = try Recoup.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    private static func end(with error: any Error) -> Never {
        switch Recoup.exitCode(for: error) {
        case .success:
            // `--help`, `--version`: asked for, so it is a result.
            Terminal.result(Recoup.fullMessage(for: error))
            exit(Exit.ok.rawValue)
        case .validationFailure:
            Terminal.note(Recoup.fullMessage(for: error))
            exit(Exit.usage.rawValue)
        default:
            let failure = Failure(error)
            Terminal.note("recoup: \(failure.message)")
            exit(failure.exit.rawValue)
        }
    }
}
