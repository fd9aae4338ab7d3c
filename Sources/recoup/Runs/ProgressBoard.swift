// Owns: what progress looks like, as text. Knows no clock, ledger or terminal: snapshots and moments are arguments.
import Arrears
import Leasing
import Ledger

/// How far a run is.
struct ProgressSnapshot: Sendable {
    var checkpoints: [Checkpoint]
    var counts: [TaskCount]
    var isFinished: Bool
}

/// Turns snapshots into lines: one for each stage that ended, and one for the stage that is on its way.
struct ProgressBoard {
    struct Output: Hashable {
        /// Stages that ended since the last snapshot.
        var ended: [String] = []
        /// The stage that is on its way; nil when none is.
        var current: String?
    }

    /// Where a stage stood when it was first seen, so that a resumed run's rate is that of this session.
    private struct Start {
        var done: Int
        var at: Int64
    }

    private var told: Set<RunStage> = []
    private var starts: [RunStage: Start] = [:]

    /// - Parameter now: milliseconds of any clock that only grows.
    mutating func update(_ snapshot: ProgressSnapshot, now: Int64) -> Output {
        var output = Output()
        for stage in RunStage.allCases {
            guard let checkpoint = snapshot.checkpoints.first(where: { $0.stage == stage }) else { continue }
            if checkpoint.isComplete {
                if told.insert(stage).inserted { output.ended.append(endLine(checkpoint)) }
            } else {
                output.current = currentLine(checkpoint, counts: snapshot.counts, now: now)
            }
        }
        return output
    }

    private func endLine(_ checkpoint: Checkpoint) -> String {
        let milliseconds = checkpoint.updatedAt.milliseconds - checkpoint.startedAt.milliseconds
        return label(checkpoint.stage) + "done  " + padded(grouped(checkpoint.done), 11)
            + padded(ProgressBoard.duration(milliseconds), 10)
            + padded(ProgressBoard.rate(checkpoint.done, in: milliseconds), 12)
    }

    private mutating func currentLine(_ checkpoint: Checkpoint, counts: [TaskCount], now: Int64) -> String {
        let dispatched = checkpoint.stage == .dispatch ? Dispatch(counts) : nil
        let done = dispatched?.done ?? checkpoint.done
        let total = dispatched?.total ?? checkpoint.total
        let start = starts[checkpoint.stage] ?? Start(done: done, at: now)
        starts[checkpoint.stage] = start

        var text = label(checkpoint.stage) + "      " + padded(grouped(done), 11)
        if let total, total > 0 {
            text += " / \(grouped(total))  \(done * 100 / total) %"
        }
        let elapsed = now - start.at
        let progress = done - start.done
        if elapsed >= 1_000, progress > 0 {
            text += "  " + ProgressBoard.rate(progress, in: elapsed)
            if let total, total > done {
                let left = Double(total - done) * Double(elapsed) / Double(progress)
                text += "  ETA " + ProgressBoard.duration(Int64(left))
            }
        }
        if let dispatched { text += "  (" + dispatched.text + ")" }
        return text
    }

    /// Tasks by stage: how many are done of how many.
    private struct Dispatch {
        var done = 0
        var total = 0
        var text = ""

        init(_ counts: [TaskCount]) {
            var parts: [String] = []
            for stage in Stage.allCases {
                let ofStage = counts.filter { $0.stage == stage }
                let all = ofStage.reduce(0) { $0 + $1.count }
                if all == 0 { continue }
                let final = ofStage.filter { $0.state.isFinal }.reduce(0) { $0 + $1.count }
                done += final
                total += all
                parts.append("\(stage.rawValue) \(grouped(final))/\(grouped(all))")
            }
            let uncertain = counts.filter { $0.state == .uncertain }.reduce(0) { $0 + $1.count }
            if uncertain > 0 { parts.append("uncertain \(grouped(uncertain))") }
            text = parts.joined(separator: ", ")
        }
    }

    private func label(_ stage: RunStage) -> String {
        stage.rawValue + String(repeating: " ", count: max(1, 11 - stage.rawValue.count))
    }

    private func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// `0.8 s`, `12.3 s`, `4:05 min`, `1:04:05 h`.
    static func duration(_ milliseconds: Int64) -> String {
        let value = max(0, milliseconds)
        if value < 60_000 { return "\(value / 1_000).\(value % 1_000 / 100) s" }
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let seconds = value / 1_000
        if seconds < 3_600 { return "\(seconds / 60):\(two(seconds % 60)) min" }
        return "\(seconds / 3_600):\(two(seconds / 60 % 60)):\(two(seconds % 60)) h"
    }

    /// `830/s`; empty when there is nothing to measure.
    static func rate(_ count: Int, in milliseconds: Int64) -> String {
        guard count > 0, milliseconds > 0 else { return "" }
        let perSecond = Double(count) * 1_000 / Double(milliseconds)
        return perSecond >= 10 ? grouped(Int(perSecond)) + "/s" : "\((perSecond * 10).rounded() / 10)/s"
    }
}
