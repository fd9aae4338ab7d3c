@testable import Arrears
import Foundation
import Synchronization
import Testing
@testable import WorkerKit

@testable import AgencyWorker
@testable import Sandbox

@Suite struct SandboxAgencyTests {
    /// A bench whose agencies are the sandbox's.
    private func bench(seed: UInt64 = 7) throws -> (bench: AgencyBench, record: EffectRecord) {
        let folder = try TemporaryFolder()
        let record = try EffectRecord(path: folder.path + "/effects.jsonl")
        let agencies = SandboxAgencies(root: folder.path, debtors: DebtorBehaviour(seed: seed), record: record)
        let bench = try AgencyBench(in: folder) { _ in
            var answered: Set<String> = []
            try await agencies.answerWaiting(&answered)
        }
        return (bench, record)
    }

    private func tasks(_ range: Range<Int>, asked: Bool = false) throws -> [WorkTask] {
        try range.map {
            try AgencyBench.task("t\($0)", agency: $0 % 3 == 0 ? "south" : "north", mode: asked ? .inquire : .attempt)
        }
    }

    @Test func `An interrupted run ends as an uninterrupted one and nobody is placed twice`() async throws {
        let (whole, _) = try bench()
        let expected = try await whole.work(tasks(0..<300)).outcomes

        let (broken, _) = try bench()
        // Some in another batch, some left while they waited, and some killed before their result was durable.
        var outcomes = try await broken.work(tasks(0..<100)).outcomes
        let ended = ScriptedLease()
        ended.end()
        try await broken.work(tasks(100..<150), under: ended)
        await #expect(throws: ScriptedLease.Broken.self) {
            try await broken.work(tasks(150..<300), under: ScriptedLease(breaksAt: .finish))
        }
        let asked = try await broken.work(tasks(100..<300, asked: true))
        let never = asked.outcomes.values.filter { $0.attempt == .neverSeen }.map(\.task)
        for (task, outcome) in asked.outcomes where outcome.attempt == .made { outcomes[task] = outcome }
        let again = try await broken.work(tasks(100..<150).filter { never.contains($0.id) })
        outcomes.merge(again.outcomes) { first, _ in first }

        #expect(outcomes.mapValues(\.code) == expected.mapValues(\.code))
        #expect(outcomes.mapValues(\.amount) == expected.mapValues(\.amount))
        #expect(Set(expected.values.map(\.code)).count == 5)
        let lines = try EffectRecord.lines(path: broken.folder.path + "/effects.jsonl")
        #expect(Set(lines.filter(\.firstSeen).map(\.task)).count == 300)
        #expect(lines.filter(\.isDuplicate) == [])
    }

    @Test func `An agency that was killed between its two files goes on`() async throws {
        let (bench, record) = try bench()
        try await bench.handler(acknowledgementWait: .zero, resultWait: .zero)
            .work(tasks(0..<20), under: ScriptedLease())
        let agencies = SandboxAgencies(root: bench.folder.path, debtors: DebtorBehaviour(seed: 7), record: record)
        var answered: Set<String> = []
        try await agencies.answerWaiting(&answered)
        let name = try bench.batch()
        let before = try bench.folder.text("north/inbox/\(name).results.csv")
        try FileManager.default.removeItem(atPath: "\(bench.folder.path)/north/inbox/\(name).results.csv")

        answered = []
        try await agencies.answerWaiting(&answered)
        #expect(try bench.folder.text("north/inbox/\(name).results.csv") == before)
        let lines = try EffectRecord.lines(path: bench.folder.path + "/effects.jsonl")
        #expect(lines.filter(\.firstSeen).count == 20)
        #expect(lines.filter(\.isDuplicate) == [])

        // A batch that is answered is not looked at again, not even by an agency that remembers nothing.
        answered = []
        try await agencies.answerWaiting(&answered)
        #expect(try EffectRecord.lines(path: bench.folder.path + "/effects.jsonl").count == lines.count)
    }

    @Test func `Behaviour is a function of seed and task in the shares stated`() {
        let behaviour = DebtorBehaviour(seed: 3)
        let tasks = (0..<20_000).map { TaskID("task-\($0)") }
        var counts = [0, 0, 0, 0, 0]
        for task in tasks {
            switch behaviour.agencyAnswer(to: task) {
            case .rejects: counts[0] += 1
            case .contacts: counts[1] += 1
            case .collects(let perMille):
                counts[2] += 1
                #expect((100..<600).contains(perMille))
            case .returns: counts[3] += 1
            case .worksOn: counts[4] += 1
            }
        }
        for (count, perMille) in zip(counts, [30, 350, 120, 50, 450]) {
            #expect(abs(count - perMille * 20) < 250, "\(counts)")
        }
        #expect(tasks.allSatisfy { behaviour.agencyAnswer(to: $0) == DebtorBehaviour(seed: 3).agencyAnswer(to: $0) })
        #expect(tasks.contains { behaviour.agencyAnswer(to: $0) != DebtorBehaviour(seed: 4).agencyAnswer(to: $0) })
    }
}
