// Owns: the verbs on runs and their stages, on plain values.
import Arrears
import Leasing
import LoanBook

extension InMemoryTransaction {
    func insertRun(_ run: RunRecord) throws {
        precondition(state.runs[run.id] == nil, "inserting run \(run.id) twice")
        state.runs[run.id] = run
    }

    func finishRun(_ id: RunID, at: Timestamp) throws {
        var run = try state.existingRun(id, "finishRun")
        run.isFinished = true
        run.finishedAt = at
        state.runs[id] = run
    }

    func setCheckpoint(_ checkpoint: Checkpoint, of run: RunID) throws {
        _ = try state.existingRun(run, "setCheckpoint")
        state.checkpoints[run, default: [:]][checkpoint.stage] = checkpoint
    }

    func insertAccounts(_ accounts: [StoredAccount], into run: RunID) throws -> [Int] {
        _ = try state.existingRun(run, "insertAccounts")
        var shelf = state.accounts.removeValue(forKey: run) ?? InMemoryState.AccountShelf()
        var duplicates: [Int] = []
        for stored in accounts {
            guard shelf.lines[stored.account.caseID] == nil else {
                duplicates.append(stored.line)
                continue
            }
            precondition(shelf.byLine[stored.line] == nil, "storing line \(stored.line) of run \(run) twice")
            shelf.lines[stored.account.caseID] = stored.line
            shelf.byLine[stored.line] = stored
        }
        state.accounts[run] = shelf
        return duplicates
    }

    func insertRejects(_ rejects: [Reject], into run: RunID) throws {
        _ = try state.existingRun(run, "insertRejects")
        for reject in rejects { state.rejects[run, default: [:]][reject.kind, default: 0] += 1 }
    }

    func recordRecognitions(_ marks: [(line: Int, mark: RecognitionMark)], cases: [CaseRecord], in run: RunID) throws {
        _ = try state.existingRun(run, "recordRecognitions")
        let known = state.accounts[run]?.byLine ?? [:]
        for line in marks.map(\.line) + cases.map(\.line) where known[line] == nil {
            throw LedgerError(.notFound, "recordRecognitions: expected a stored line of run \(run), got \(line)")
        }
        for (line, mark) in marks { state.accounts[run]?.marks[line] = mark }
        var shelf = state.cases.removeValue(forKey: run) ?? InMemoryState.CaseShelf()
        for record in cases {
            precondition(
                shelf.byLine[record.line] == nil && shelf.lines[record.overdue.id] == nil,
                "storing the case of line \(record.line) of run \(run) twice")
            shelf.byLine[record.line] = record
            shelf.lines[record.overdue.id] = record.line
        }
        state.cases[run] = shelf
    }

    func recordBook(_ book: PortfolioBook, of portfolio: PortfolioID) throws {
        if let last = state.books[portfolio], last.asOf > book.asOf { return }
        state.books[portfolio] = book
    }

    func keepEpisode(of caseID: CaseID, start: CalendarDate, on date: CalendarDate) throws -> Episode {
        state.episodes[caseID, default: []].keep(start: start, on: date)
    }

    func endEpisode(of caseID: CaseID, on date: CalendarDate) throws {
        state.episodes[caseID, default: []].end(on: date)
    }

    func recordSegments(_ matches: [(caseID: CaseID, match: SegmentMatch)], in run: RunID) throws {
        for (caseID, match) in matches {
            let line = try existingLine(caseID, in: run, "recordSegments")
            state.cases[run]?.byLine[line]?.match = match
        }
    }

    func recordPlans(_ plans: [PlannedCase], in run: RunID) throws {
        let started = try state.existingRun(run, "recordPlans").startedAt
        for plan in plans {
            let line = try existingLine(plan.caseID, in: run, "recordPlans")
            guard var record = state.cases[run]?.byLine[line] else { continue }
            switch plan.decision {
            case .none(let reason, let detail):
                record.reason = reason
                record.reasonDetail = detail
                record.task = nil
            case .task(let task):
                precondition(
                    task.caseID == plan.caseID && task.run == run,
                    "task \(task.id) of case \(task.caseID), run \(task.run), planned for \(plan.caseID), \(run)")
                record.reason = nil
                record.reasonDetail = ""
                record.task = task.id
                if let earlier = state.tasks[task.id]?.record {
                    takeOver(task, from: earlier, at: started)
                } else {
                    let fresh = TaskRecord(
                        task: task, state: .planned, lease: nil, worker: nil, deliveries: 0, outcome: nil,
                        changedAt: started)
                    state.insert(fresh)
                }
            }
            state.cases[run]?.byLine[line] = record
            state.cases[run]?.planDetails[plan.caseID] = plan.detail
        }
    }

    /// A task of an earlier run that nothing came of is taken into this run; any other is kept as it is. So is one that
    /// was perhaps attempted by another stage than this run's policy names: only that stage can be asked.
    private func takeOver(_ task: StageTask, from earlier: TaskRecord, at: Timestamp) {
        let isOpen = earlier.state == .withdrawn || (earlier.state == .uncertain && earlier.task.stage == task.stage)
        guard earlier.task.run != task.run, isOpen else { return }
        state.change(task.id, at: at, note: TransitionNote.takenOver) {
            $0.record.task = task
            $0.record.task.endpoint = earlier.endpointAfterTakeOver(by: task)
            if earlier.state == .withdrawn { $0.record.state = .planned }
            $0.inquiries = 0
            $0.stop = nil
        }
    }

    private func existingLine(_ caseID: CaseID, in run: RunID, _ verb: String) throws -> Int {
        guard let line = state.cases[run]?.lines[caseID] else {
            throw LedgerError(.notFound, "\(verb): expected a case of run \(run), got \"\(caseID)\"")
        }
        return line
    }
}
