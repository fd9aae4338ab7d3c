// Owns: what a task of stage `sms` is: a message to a person.

extension StageDescriptor {
    package static let sms = StageDescriptor(
        title: "SMS",
        effect: .atMostOnce,
        contactPoint: .phone,
        isContact: true,
        ownOutcomes: [
            .delivered: .done, .undelivered: .done, .sentUnconfirmed: .done, .rejectedByGateway: .refused,
        ],
        historyKind: .notice,
        defaultCapacity: 500)
}
