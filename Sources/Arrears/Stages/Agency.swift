// Owns: what a task of stage `agency` is: a case placed with a third party.

extension StageDescriptor {
    package static let agency = StageDescriptor(
        title: "Agency",
        effect: .atMostOnce,
        contactPoint: .phone,
        isContact: false,
        ownOutcomes: [
            .placed: .done, .placedUnacknowledged: .done, .rejectedByAgency: .givenBack, .agencyContact: .done,
            .agencyPayment: .done, .agencyReturn: .done,
        ],
        historyKind: .placement,
        defaultCapacity: 2_000)
}
