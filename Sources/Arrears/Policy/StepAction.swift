// Owns: what a step of a ladder does, stage by stage, and how that is told. Whether it may be done today stands in
// Treatment.

/// What a step does.
package enum StepAction: Hashable, Sendable {
    case sms(template: String)
    case call(script: String, queue: String, offerPlan: Bool)
    /// The agency's mandate lasts `days`; meanwhile nothing else is due.
    case placement(agency: String, placement: Int, days: Int, purpose: String)
    /// Only within the limitation period, with the documents, and from the balance on, in the account's currency.
    case legal(minimumBalance: DecimalAmount, requiredDocuments: [String], limitationYears: Int)

    package var stage: Stage {
        switch self {
        case .sms: .sms
        case .call: .callQueue
        case .placement: .agency
        case .legal: .legal
        }
    }

    /// For people.
    package var words: String {
        switch self {
        case .sms(let template): return "text \(template)"
        case .call(let script, let queue, let offerPlan):
            return "call \(script), queue \(queue)" + (offerPlan ? ", offers a plan" : "")
        case .placement(let agency, let placement, let days, let purpose):
            return "placement \(placement) with \(agency) for \(days) days: \(purpose)"
        case .legal(let minimum, let documents, let years):
            return "review from \(minimum), with \(documents.joined(separator: " ")), limitation \(years) years"
        }
    }
}
