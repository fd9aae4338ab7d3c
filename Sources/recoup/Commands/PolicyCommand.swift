// Owns: `recoup policy`: checking a policy and printing what it says. Knows nothing of how a policy is read.
import Arrears
import ArgumentParser
import BusinessDay
import Coordinator

struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Check a policy, or print what it says.",
        subcommands: [Check.self, Show.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report all faults of policies, with their lines.",
            discussion: """
                EXAMPLES:
                  recoup policy check policies/cn-consumer.yaml
                  recoup policy check policies/*.yaml --json
                """)

        @Argument(help: ArgumentHelp("The policies.", valueName: "file"))
        var files: [String]

        @OptionGroup var output: JSONOption

        private struct Found: Encodable {
            var file: String
            var faults: [Fault]
        }

        private struct Fault: Encodable {
            var line: Int
            var path: String
            var expected: String
            var got: String
        }

        func run() throws {
            var found: [Found] = []
            var messages: [String] = []
            for file in files {
                do {
                    let policy = try Policy(RunOrder.NamedText(file: file))
                    found.append(Found(file: file, faults: []))
                    messages.append("\(file): in order (\(policy.name), version \(policy.version))")
                } catch let faults as DocumentFaults {
                    messages.append(faults.description)
                    found.append(
                        Found(
                            file: file,
                            faults: faults.faults.map {
                                Fault(line: $0.line, path: $0.path, expected: $0.expected, got: $0.got)
                            }))
                }
            }
            try output.show(found, as: messages.joined(separator: "\n"))
            let bad = found.filter { !$0.faults.isEmpty }.map(\.file)
            if !bad.isEmpty { throw Failure(.usage, "not in order: \(bad.joined(separator: ", "))") }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a policy's segments and ladders as tables.",
            discussion: """
                EXAMPLES:
                  recoup policy show policies/cn-consumer.yaml
                """)

        @Argument(help: ArgumentHelp("The policy.", valueName: "file"))
        var file: String

        @OptionGroup var output: JSONOption

        func run() throws {
            let shown = PolicyTables(try Policy(RunOrder.NamedText(file: file)))
            try output.show(shown, as: shown.text)
        }
    }
}

/// A policy in words, for people and as JSON.
struct PolicyTables: Encodable {
    struct Rule: Encodable {
        var rule: String
        var when: String
        var segment: String
    }

    struct Step: Encodable {
        var step: String
        var dpd: String
        var stage: String
        var what: String
        var often: String
    }

    struct Ladder: Encodable {
        var segment: String
        var steps: [Step]
    }

    struct ConductLine: Encodable {
        var rule: String
        var says: String
    }

    var name: String
    var version: String
    var buckets: [String]
    var conduct: [ConductLine]
    var segments: [Rule]
    var ladders: [Ladder]

    init(_ policy: Policy) {
        name = policy.name
        version = policy.version
        buckets = policy.buckets.map { "\($0.name) \($0.from)..\($0.through.map(String.init) ?? "")" }
        conduct =
            policy.conduct.windows.map { rule in
                let stages = rule.stages.sorted().map(\.rawValue).joined(separator: ", ")
                let from = LocalWindow.clock(rule.window.fromMinute)
                return ConductLine(
                    rule: rule.rule,
                    says: "\(stages): from \(from) to \(LocalWindow.clock(rule.window.toMinute)), local time")
            }
            + policy.conduct.caps.map {
                ConductLine(rule: $0.rule, says: "at most \($0.contactsPerDay) a day for a customer")
            }
        segments =
            policy.segmentation.rules.map { rule in
                Rule(
                    rule: rule.name, when: rule.conditions.map(\.words).joined(separator: ", "), segment: rule.segment)
            } + [Rule(rule: Segmentation.defaultRule, when: "otherwise", segment: policy.segmentation.defaultSegment)]
        ladders = policy.treatments.map { treatment in
            Ladder(segment: treatment.segment, steps: treatment.steps.map(Step.init))
        }
    }

    var text: String {
        var parts = ["Policy \(name), version \(version)", "Buckets: " + buckets.joined(separator: ", "), ""]
        var conductTable = TextTable([("conduct rule", .left), ("says", .left)])
        for line in conduct { conductTable.add([line.rule, line.says]) }
        var rules = TextTable([("rule (first match)", .left), ("when", .left), ("segment", .left)])
        for rule in segments { rules.add([rule.rule, rule.when, rule.segment]) }
        parts += [conductTable.text, "", rules.text]
        for ladder in ladders {
            var table = TextTable([
                ("step", .left), ("DPD", .left), ("stage", .left), ("what", .left), ("how often", .left),
            ])
            for step in ladder.steps { table.add([step.step, step.dpd, step.stage, step.what, step.often]) }
            parts += ["", "Ladder of segment \(ladder.segment)", table.text]
        }
        return parts.joined(separator: "\n")
    }
}

extension PolicyTables.Step {
    init(_ step: TreatmentStep) {
        self.init(
            step: step.id, dpd: "\(step.dpd)", stage: step.stage.rawValue, what: step.action.words,
            often: step.cadence.words)
    }
}

extension Cadence {
    fileprivate var words: String {
        if times == 1 { return "once" }
        let most = times.map { ", \($0) times at most" } ?? ""
        return (everyDays == 1 ? "daily" : "every \(everyDays) days") + most
    }
}

extension SegmentCondition {
    fileprivate var words: String {
        func all(_ comparisons: [AmountComparison]) -> String {
            comparisons.map(\.description).joined(separator: " and ")
        }
        switch self {
        case .dpd(let range): return "DPD \(range)"
        case .cycles(let range): return "cycles \(range)"
        case .riskScore(let range): return "risk score \(range)"
        case .balance(let comparisons): return "balance \(all(comparisons))"
        case .arrears(let comparisons): return "arrears \(all(comparisons))"
        case .product(let names): return "product \(names.joined(separator: " | "))"
        case .region(let names): return "region \(names.joined(separator: " | "))"
        case .currency(let currencies): return "currency \(currencies.map(\.code).joined(separator: " | "))"
        case .portfolio(let portfolios): return "portfolio \(portfolios.map(\.text).joined(separator: " | "))"
        case .previousOutcome(let codes): return "earlier outcome \(codes.joined(separator: " | "))"
        case .firstTime(let expected): return expected ? "late for the first time" : "late before"
        }
    }
}
