// Owns: `recoup config check`. Knows nothing of what a configuration means.
import ArgumentParser

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check a configuration file.", subcommands: [Check.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read recoup.yaml as a whole and report all of its faults with their lines.",
            discussion: """
                EXAMPLES:
                  recoup config check /etc/recoup/recoup.yaml
                """)

        @Argument(help: ArgumentHelp("The configuration.", valueName: "file"))
        var file: String

        func run() throws {
            _ = try Configuration(file: file)
            Terminal.result("\(file): in order")
        }
    }
}
