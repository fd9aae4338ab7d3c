// Owns: what a task of stage `callQueue` is: an item in the queue of people who call.

extension StageDescriptor {
    package static let callQueue = StageDescriptor(
        title: "Calls",
        effect: .idempotent,
        contactPoint: .phone,
        isContact: true,
        ownOutcomes: [
            .noAnswer: .done, .busy: .done, .wrongNumber: .done, .rightParty: .done, .promiseToPay: .done,
            .refusesToPay: .done, .disputes: .done, .callBack: .done, .queuedUnanswered: .done,
            .rejectedByDialer: .notAttempted,
        ],
        historyKind: .contact,
        // They wait for a person at the other end and are many at once.
        defaultCapacity: 1_000)
}
