// Owns: what a task of stage `legal` is: evidence prepared for counsel.

extension StageDescriptor {
    package static let legal = StageDescriptor(
        title: "Legal",
        effect: .idempotent,
        contactPoint: .none,
        isContact: false,
        ownOutcomes: [
            .evidencePrepared: .done, .refusedByGate: .notAttempted,
        ],
        historyKind: .legal,
        // Folders are written one by one.
        defaultCapacity: 200)
}
