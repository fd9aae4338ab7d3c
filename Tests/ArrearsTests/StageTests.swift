// Owns: what the compiler cannot check of the stages' descriptors.
import Testing

@testable import Arrears

@Suite("A stage's descriptor")
struct StageTests {
    @Test func `has an outcome code for everything that came of a task, and each code belongs to a stage`() {
        for code in OutcomeCode.allCases {
            #expect(Stage.allCases.contains { $0.mayReport(code) }, "\(code)")
        }
        for stage in Stage.allCases {
            #expect(stage.descriptor.ownOutcomes.values.contains(.done), "\(stage) can never be done")
        }
    }

    @Test func `gives a code the same meaning as any other stage that reports it`() {
        for stage in Stage.allCases {
            for (code, meaning) in stage.descriptor.ownOutcomes { #expect(code.meaning == meaning, "\(stage) \(code)") }
            #expect(stage.descriptor.ownOutcomes.keys.allSatisfy { StageDescriptor.commonOutcomes[$0] == nil })
        }
    }

    @Test func `leaves a step undone, or unattempted, as its outcome says`() {
        let undone = OutcomeCode.allCases.filter(\.meaning.leavesStepUndone)
        #expect(undone == [.rejectedByDialer, .rejectedByAgency, .refusedByGate, .invalidContent, .windowClosed])
        let unattempted = OutcomeCode.allCases.filter(\.meaning.isWithoutAttempt)
        #expect(
            unattempted == [.rejectedByGateway, .rejectedByDialer, .refusedByGate, .invalidContent, .windowClosed])
    }

    @Test func `has a title and a history of its own, and room for work`() {
        #expect(Set(Stage.allCases.map(\.descriptor.title)).count == Stage.allCases.count)
        #expect(Set(Stage.allCases.map(\.descriptor.historyKind)).count == Stage.allCases.count)
        #expect(Stage.allCases.allSatisfy { $0.descriptor.defaultCapacity > 0 })
        #expect(Stage.contacts == [.sms, .callQueue])
    }
}
