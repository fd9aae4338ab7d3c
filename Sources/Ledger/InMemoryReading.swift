// Owns: the answers to `LedgerReading` from plain values.
import Arrears
import Leasing
import LoanBook

/// What has the state: the ledger itself, or a transaction on it.
protocol InMemoryReading: LedgerReading {
    var state: InMemoryState { get }
}

extension InMemoryReading {
    package func run(_ id: RunID) throws -> RunRecord? { state.runs[id] }

    package func runs() throws -> [RunRecord] {
        state.runs.values.sorted { ($0.startedAt, $0.id) > ($1.startedAt, $1.id) }
    }

    package func unfinishedRun() throws -> RunRecord? { try runs().first { !$0.isFinished } }

    package func checkpoints(of run: RunID) throws -> [Checkpoint] {
        (state.checkpoints[run] ?? [:]).values.inStageOrder()
    }

    package func rejectCounts(of run: RunID) throws -> [RejectKind: Int] { state.rejects[run] ?? [:] }

    package func accounts(of run: RunID, afterLine line: Int, limit: Int) throws -> [StoredAccount] {
        guard let shelf = state.accounts[run] else { return [] }
        return shelf.byLine.keys.filter { $0 > line }.sorted().prefix(limit).compactMap { shelf.byLine[$0] }
    }

    package func accountCount(of run: RunID) throws -> Int { state.accounts[run]?.byLine.count ?? 0 }

    package func cases(of run: RunID, afterLine line: Int, limit: Int) throws -> [CaseRecord] {
        guard let shelf = state.cases[run] else { return [] }
        return shelf.byLine.keys.filter { $0 > line }.sorted().prefix(limit).compactMap { shelf.byLine[$0] }
    }

    package func casesByCustomer(of run: RunID, after customer: CustomerID?, limit: Int) throws -> [CaseRecord] {
        guard let shelf = state.cases[run] else { return [] }
        let later = shelf.byLine.values.filter { record in customer.map { record.customer > $0 } ?? true }
        let chosen = Set(Set(later.map(\.customer)).sorted().prefix(limit))
        return later.filter { chosen.contains($0.customer) }
            .sorted { ($0.customer, $0.line) < ($1.customer, $1.line) }
    }

    package func caseRecord(_ id: CaseID, in run: RunID) throws -> CaseRecord? {
        guard let shelf = state.cases[run] else { return nil }
        return shelf.lines[id].flatMap { shelf.byLine[$0] }
    }

    package func accountMark(_ id: CaseID, in run: RunID) throws -> (stored: StoredAccount, mark: RecognitionMark?)? {
        guard let shelf = state.accounts[run], let line = shelf.lines[id], let stored = shelf.byLine[line] else {
            return nil
        }
        return (stored, shelf.marks[line])
    }

    package func accountsNumbered(_ number: AccountID, in run: RunID) throws -> [CaseID] {
        (state.accounts[run]?.byLine ?? [:]).sorted { $0.key < $1.key }.map(\.value.account)
            .filter { $0.id == number }.map(\.caseID)
    }

    package func planDetail(of caseID: CaseID, in run: RunID) throws -> String? {
        state.cases[run]?.planDetails[caseID]
    }

    package func history(of caseID: CaseID) throws -> [CaseHistoryEntry] {
        inOrder(state.history[caseID] ?? [])
    }

    package func history(ofCustomer customer: CustomerID) throws -> [CaseHistoryEntry] {
        inOrder(state.customerHistory[customer] ?? [])
    }

    /// In order of arrival within a day: the sort must be stable, so the place breaks ties.
    private func inOrder(_ entries: [CaseHistoryEntry]) -> [CaseHistoryEntry] {
        entries.enumerated().sorted { ($0.element.date, $0.offset) < ($1.element.date, $1.offset) }.map(\.element)
    }

    package func registerEvents(of customer: CustomerID, accounts: [CaseID]) throws -> [RegisterEvent] {
        let subjects = Set(accounts.map(RegisterEvent.Subject.account)).union([.customer(customer)])
        return subjects.flatMap { state.registerEvents[$0] ?? [] }.sorted { $0.number < $1.number }.map(\.event)
    }

    package func registerEvent(_ id: String, of source: String) throws -> RegisterEvent? {
        state.registerEventIDs[[source, id]]
    }

    package func lastBook(of portfolio: PortfolioID) throws -> PortfolioBook? { state.books[portfolio] }

    package func accounts(
        of run: RunID, keptIn other: RunID, after: CaseID?, limit: Int
    ) throws -> [(caseID: CaseID, isKept: Bool)] {
        (state.accounts[run]?.lines ?? [:]).keys.filter { name in after.map { $0 < name } ?? true }.sorted().prefix(
            limit
        )
        .map { ($0, state.accounts[other]?.lines[$0] != nil) }
    }

    package func episodes(of caseID: CaseID) throws -> [Episode] { state.episodes[caseID] ?? [] }

    package func task(_ id: TaskID) throws -> TaskRecord? { state.tasks[id]?.record }

    package func tasks(of customer: CustomerID, in run: RunID) throws -> [TaskRecord] {
        (state.cases[run]?.byLine.values ?? [:].values).filter { $0.customer == customer }
            .sorted { $0.line < $1.line }
            .compactMap { record in record.task.flatMap { state.tasks[$0]?.record } }
    }

    package func holder(of lease: LeaseKey) throws -> WorkerID? {
        state.leases[lease.id].flatMap { $0.lease == lease ? $0.worker : nil }
    }

    package func transitions(of task: TaskID) throws -> [TaskTransition] { state.transitions[task] ?? [] }

    package func taskCounts(of run: RunID) throws -> [TaskCount] {
        var counts: [TaskState: [Stage: Int]] = [:]
        for row in state.tasks.values where row.record.task.run == run {
            counts[row.record.state, default: [:]][row.record.task.stage, default: 0] += 1
        }
        return counts.flatMap { state, stages in
            stages.map { TaskCount(stage: $0.key, state: state, count: $0.value) }
        }.inTaskOrder()
    }

    package func uncertainTasks(of run: RunID, limit: Int) throws -> [TaskRecord] {
        let uncertain = state.tasks(.uncertain).map(\.record).filter { $0.task.run == run }
        return Array(uncertain.sorted { ($0.changedAt, $0.task.id) < ($1.changedAt, $1.task.id) }.prefix(limit))
    }

    package func waiting(_ stage: Stage, at: Timestamp, upTo limit: Int) throws -> [PortfolioID: Int] {
        openTasks(of: stage, at: at).filter { $0.record.deliveries == 0 }
            .reduce(into: [:]) { $0[$1.record.task.portfolio, default: 0] += 1 }
            .mapValues { min($0, limit) }
    }

    /// Ready tasks of unfinished runs whose window is open.
    func openTasks(of stage: Stage, at: Timestamp) -> [InMemoryState.TaskRow] {
        state.tasks(.ready).filter { row in
            row.record.task.stage == stage && row.record.task.notBefore <= at && at < row.record.task.notAfter
                && state.runs[row.record.task.run]?.isFinished == false
        }
    }

    package func closedTasks(under lease: LeaseKey, at: Timestamp, limit: Int) throws -> [TaskID] {
        let closed = state.tasks(.leased).filter {
            $0.record.lease == lease && ($0.record.task.notAfter <= at || $0.stop != nil)
        }
        return Array(closed.map(\.record.task.id).sorted().prefix(limit))
    }

    package func liveLeases() throws -> [LiveLease] {
        let held = Set(state.tasks(.leased).compactMap(\.record.lease?.id))
        return held.compactMap { state.leases[$0] }.sorted { $0.lease.epoch < $1.lease.epoch }
    }

    package func events(of run: RunID) throws -> [CaseEvent] { state.events[run] ?? [] }

    package func reportCells(of run: RunID) throws -> [ReportCell] {
        var cells: [CellKey: ReportCell] = [:]
        func count(_ key: CellKey, arrears: Int64, balance: Int64, outcome: Int64) {
            var cell = cells[key] ?? key.emptyCell
            cell.accounts += 1
            cell.arrearsMinorUnits += arrears
            cell.balanceMinorUnits += balance
            cell.outcomeMinorUnits += outcome
            cells[key] = cell
        }
        if let shelf = state.accounts[run] {
            for (line, mark) in shelf.marks where mark != .overdue {
                guard let balance = shelf.byLine[line]?.account.balance else { continue }
                let key = CellKey(
                    bucket: "", segment: "", stage: nil, result: mark.rawValue, kind: .notACase,
                    currency: balance.currency)
                count(key, arrears: 0, balance: balance.minorUnits, outcome: 0)
            }
        }
        for record in state.cases[run]?.byLine.values ?? [:].values {
            let task = record.task.flatMap { state.tasks[$0]?.record }
            let balance = record.overdue.account.balance
            let amount = task?.outcome?.amount
            count(
                CellKey(record, task), arrears: record.overdue.delinquency.arrears.minorUnits,
                balance: balance.minorUnits, outcome: amount?.currency == balance.currency ? amount?.minorUnits ?? 0 : 0
            )
        }
        return cells.values.inReportOrder()
    }
}

extension CaseRecord {
    var customer: CustomerID { overdue.account.customer }
}

/// The words that the accounts of one cell share.
private struct CellKey: Hashable {
    var bucket: String
    var segment: String
    var stage: Stage?
    var result: String
    var kind: ReportCell.Kind
    var currency: Currency

    init(bucket: String, segment: String, stage: Stage?, result: String, kind: ReportCell.Kind, currency: Currency) {
        self.bucket = bucket
        self.segment = segment
        self.stage = stage
        self.result = result
        self.kind = kind
        self.currency = currency
    }

    init(_ record: CaseRecord, _ task: TaskRecord?) {
        self.init(
            bucket: record.overdue.bucket, segment: record.match?.segment ?? "", stage: task?.task.stage,
            result: ReportCell.undecided, kind: .open, currency: record.overdue.account.balance.currency)
        if let reason = record.reason {
            result = reason.rawValue
            kind = .reason
        } else if let task {
            result = task.outcome?.code.rawValue ?? task.state.rawValue
            kind = task.outcome == nil ? .open : .outcome
        }
    }

    var emptyCell: ReportCell {
        ReportCell(
            bucket: bucket, segment: segment, stage: stage, result: result, kind: kind, currency: currency,
            accounts: 0, arrearsMinorUnits: 0, balanceMinorUnits: 0, outcomeMinorUnits: 0)
    }
}
