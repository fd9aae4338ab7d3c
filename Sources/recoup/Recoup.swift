import ArgumentParser

@main
struct Recoup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "A collection dispatcher for consumer lenders.")
}
