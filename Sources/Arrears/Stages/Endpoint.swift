// Owns: what an outcome tells of the number that was used. What follows from it stands in Treatment.

/// What was learnt of a number.
package enum EndpointFact: String, Hashable, Sendable, Codable, CaseIterable {
    /// The person themselves spoke there.
    case rightParty
    /// It is somebody else's.
    case wrongNumber
    /// Nobody has it.
    case notInService
    /// The network lets nothing of this kind through.
    case blocked
    /// The person asked the gateway for no more of this kind.
    case optedOut
}

extension Outcome {
    /// What it tells of the number that was used; nil: nothing.
    package var endpointFact: EndpointFact? {
        switch code {
        case .wrongNumber: .wrongNumber
        case .rightParty, .promiseToPay, .refusesToPay, .disputes, .callBack: .rightParty
        case .rejectedByGateway, .rejectedByDialer: refusedNumber
        case .delivered, .undelivered, .sentUnconfirmed, .noAnswer, .busy, .queuedUnanswered, .placed,
            .placedUnacknowledged, .rejectedByAgency, .agencyContact, .agencyPayment, .agencyReturn,
            .evidencePrepared, .refusedByGate, .invalidContent, .windowClosed, .madeResultUnknown:
            nil
        }
    }

    /// The code of a refusal (proto/gateway/openapi.yaml), where it is about the number.
    private var refusedNumber: EndpointFact? {
        switch details["reason"] {
        case "not_in_service": .notInService
        case "blocked": .blocked
        case "opted_out": .optedOut
        default: nil
        }
    }
}
