// Owns: what progress looks like, line by line.
@testable import Arrears
@testable import Leasing
@testable import Ledger
import Testing

@testable import recoup

@Suite("Progress")
struct ProgressBoardTests {
    private func checkpoint(
        _ stage: RunStage, done: Int, total: Int? = nil, from: Int64 = 0, to: Int64 = 0, isComplete: Bool = false
    ) -> Checkpoint {
        Checkpoint(
            stage: stage, done: done, total: total, isComplete: isComplete,
            startedAt: Timestamp(milliseconds: from), updatedAt: Timestamp(milliseconds: to))
    }

    private func snapshot(_ checkpoints: [Checkpoint], _ counts: [TaskCount] = []) -> ProgressSnapshot {
        ProgressSnapshot(checkpoints: checkpoints, counts: counts, isFinished: false)
    }

    @Test func `A stage that ended is told once, with its items, time and rate`() {
        var board = ProgressBoard()
        let done = checkpoint(.ingest, done: 10_000, total: 10_000, from: 1_000, to: 3_500, isComplete: true)
        let first = board.update(snapshot([done]), now: 0)
        #expect(first.ended == ["ingest     done       10,000     2.5 s     4,000/s"])
        #expect(first.current == nil)
        #expect(board.update(snapshot([done]), now: 1).ended == [])
    }

    @Test func `A resumed stage's rate is that of this session, not of what was done before`() {
        var board = ProgressBoard()
        _ = board.update(snapshot([checkpoint(.recognise, done: 9_000, total: 10_000)]), now: 0)
        let line = board.update(snapshot([checkpoint(.recognise, done: 9_200, total: 10_000)]), now: 2_000).current
        #expect(line == "recognise              9,200 / 10,000  92 %  100/s  ETA 8.0 s")
    }

    @Test func `Dispatch counts what is final, by stage, and says what is uncertain`() {
        var board = ProgressBoard()
        let counts = [
            TaskCount(stage: .sms, state: .settled, count: 30), TaskCount(stage: .sms, state: .leased, count: 10),
            TaskCount(stage: .callQueue, state: .uncertain, count: 2),
            TaskCount(stage: .callQueue, state: .withdrawn, count: 8),
        ]
        let line = board.update(snapshot([checkpoint(.dispatch, done: 0)], counts), now: 0).current
        #expect(line == "dispatch                  38 / 50  76 %  (sms 30/40, callQueue 8/10, uncertain 2)")
    }

    @Test(
        arguments: [
            (0, "0.0 s"), (999, "0.9 s"), (59_999, "59.9 s"), (60_000, "1:00 min"), (245_000, "4:05 min"),
            (3_845_000, "1:04:05 h"),
        ] as [(Int64, String)])
    func `Durations read as people say them`(milliseconds: Int64, text: String) {
        #expect(ProgressBoard.duration(milliseconds) == text)
    }
}
