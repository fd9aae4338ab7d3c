// Owns: showing a run's progress on standard error, read from the ledger beside whoever writes it. Knows nothing of
// what the lines say.
import Arrears
import Ledger

/// Follows one run: on a terminal one line that is drawn again, elsewhere a line per stage that ended and at most one
/// each ten seconds between.
final class ProgressFollower {
    private let store: any LedgerStore
    private var reader: (any LedgerReading)?
    private var board = ProgressBoard()
    private var run: RunID?
    private let clock = ContinuousClock()
    private let origin = ContinuousClock().now
    private var lastLook: Int64 = -1_000_000
    private var lastLine: Int64 = 0
    private var isLineDrawn = false
    private let isLive = Terminal.isLive

    /// - Parameter run: the run to follow; nil: whichever is unfinished.
    init(_ directory: DataDirectory, run: RunID? = nil) {
        store = directory.store
        self.run = run
    }

    /// The run that is followed, once it is known.
    var followed: RunID? { run }

    /// Looks at the ledger, unless it did so less than 400 ms ago, and shows what is new. Whether the run is finished.
    @discardableResult
    func look(force: Bool = false) throws -> Bool {
        let now = milliseconds
        guard force || now - lastLook >= 400 else { return false }
        lastLook = now
        guard let snapshot = try snapshot() else { return false }
        show(board.update(snapshot, now: now), now: now)
        return snapshot.isFinished
    }

    /// Takes the live line away, so that other text may follow.
    func clear() {
        if isLineDrawn { Terminal.draw("\r\u{1b}[K") }
        isLineDrawn = false
    }

    private var milliseconds: Int64 {
        let parts = (clock.now - origin).components
        return parts.seconds * 1_000 + parts.attoseconds / 1_000_000_000_000_000
    }

    /// nil while there is no ledger or no run yet.
    private func snapshot() throws -> ProgressSnapshot? {
        if reader == nil {
            // A coordinator that has just started has not made its ledger yet.
            do {
                reader = try store.reader()
            } catch let error as LedgerError where error.code == .notFound || error.code == .schema {
                return nil
            }
        }
        guard let reader else { return nil }
        if run == nil { run = try reader.unfinishedRun()?.id }
        guard let run, let record = try reader.run(run) else { return nil }
        return ProgressSnapshot(
            checkpoints: try reader.checkpoints(of: run), counts: try reader.taskCounts(of: run),
            isFinished: record.isFinished)
    }

    private func show(_ output: ProgressBoard.Output, now: Int64) {
        if !output.ended.isEmpty {
            clear()
            for line in output.ended { Terminal.note(line.trimmingTrailingSpaces) }
            lastLine = now
        }
        guard let current = output.current else { return clear() }
        if isLive {
            let width = Terminal.width(of: 2) - 1
            Terminal.draw("\r\u{1b}[K" + current.prefix(width))
            isLineDrawn = true
        } else if now - lastLine >= 10_000 {
            Terminal.note(current)
            lastLine = now
        }
    }
}
