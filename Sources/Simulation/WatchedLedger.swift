// Owns: what stands between the core and the ledger: the checks on every change, and the mutants that mis-implement a verb.
// Without a mutant it passes everything on as it is.
import Arrears
import Leasing
import Ledger
import LoanBook

/// A transaction under watch.
final class WatchedLedger: LedgerTransaction {
    let base: any LedgerTransaction
    private unowned let play: Play
    private unowned let world: World
    private let fallingEpoch: () -> Epoch

    /// - Parameter fallingEpoch: the epochs of a ledger that forgets them at a restart.
    init(_ base: any LedgerTransaction, _ play: Play, _ world: World, fallingEpoch: @escaping () -> Epoch) {
        self.base = base
        (self.play, self.world) = (play, world)
        self.fallingEpoch = fallingEpoch
    }

    private func isMutant(_ mutant: Mutant) -> Bool { play.scenario.mutant == mutant }

    // MARK: The verbs that are watched

    func nextEpoch() throws -> Epoch {
        guard isMutant(.epochFallsAfterRestart) else { return try base.nextEpoch() }
        return fallingEpoch()
    }

    func lease(_ grant: Grant, uncertainBefore: Timestamp, maxDeliveries: Int) throws -> [LeasedTask] {
        let limit = isMutant(.deliveriesNotCounted) ? Int.max : maxDeliveries
        var grant = grant
        if isMutant(.sharesIgnored), let longest = try backlog(of: grant.stage, at: grant.now).first {
            grant.shares = [longest: grant.limit]
        }
        if isMutant(.batchNotSplit) { grant.limit <<= 2 * (try mostDeliveries(of: grant.stage)) }
        let delayOverByWall = grant.now.adding(milliseconds: -play.limits.inquiryDelayMilliseconds)
        let granted = try base.lease(
            grant, uncertainBefore: isMutant(.delayByWallClock) ? delayOverByWall : uncertainBefore,
            maxDeliveries: limit)
        if let fault = play.fairness[grant.stage]?.granted(granted) {
            play.violate(.portfolioNotPassedOver, "\(grant.stage.rawValue): \(fault)")
        }
        for task in granted { play.checkStory(of: task.id, try base.transitions(of: task.id)) }
        return granted
    }

    func extendIfHeld(_ lease: LeaseKey, at: Timestamp) throws -> Bool { try base.extendIfHeld(lease, at: at) }

    func settleIfHeld(_ outcome: Outcome, under lease: LeaseKey, businessDate: CalendarDate, at: Timestamp) throws
        -> Verdict
    {
        let before = try base.task(outcome.task)
        let mayBeLate = try isOpen(before, to: lease)
        let verdict = try settle(outcome, before, under: lease, businessDate: businessDate, at: at)
        switch verdict {
        case .accepted:
            if before?.lease != lease || before?.state != .leased {
                fenceBroken("settled", outcome.task, before, lease)
            }
            try checkUntouched(outcome.task)
        case .late:
            if !mayBeLate { fenceBroken("settled late", outcome.task, before, lease) }
            try checkUntouched(outcome.task)
        case .leaseLost where mayBeLate:
            play.violate(
                .lateWordCounts,
                "\(outcome.task): expected the word of its last attempt under epoch \(lease.epoch) to count, got leaseLost"
            )
        case .alreadyKnown, .leaseLost, .unknownTask:
            let after = try base.task(outcome.task)
            if after?.state != before?.state { fenceBroken("answered \(verdict)", outcome.task, before, lease) }
        }
        return verdict
    }

    private func settle(
        _ outcome: Outcome, _ before: TaskRecord?, under lease: LeaseKey, businessDate: CalendarDate, at: Timestamp
    ) throws -> Verdict {
        func base(_ outcome: Outcome, _ lease: LeaseKey) throws -> Verdict {
            try self.base.settleIfHeld(outcome, under: lease, businessDate: businessDate, at: at)
        }
        switch play.scenario.mutant {
        case .settleIgnoresEpoch: return try base(outcome, before?.lease ?? lease)
        case .neverSeenSettles where outcome.attempt == .neverSeen:
            return try base(Outcome(task: outcome.task, attempt: .made, code: .madeResultUnknown), lease)
        case .unknownTakenAsNeverSeen where outcome.attempt == .unknown:
            return try base(Outcome(task: outcome.task, attempt: .neverSeen, code: .madeResultUnknown), lease)
        case .expiryDropsLateReport where before?.state == .uncertain && before?.lease == lease:
            return .late
        case .lateWordLost where before?.state == .leased && before?.lease != lease: return .leaseLost
        case .secondAnswerDiffers:
            let verdict = try base(outcome, lease)
            return verdict == .alreadyKnown ? .leaseLost : verdict
        default: return try base(outcome, lease)
        }
    }

    func releaseIfHeld(_ task: TaskID, under lease: LeaseKey, isCounted: Bool, at: Timestamp) throws -> Verdict {
        let before = try base.task(task)
        let mayBeLate = try isOpen(before, to: lease)
        let named = isMutant(.releaseIgnoresEpoch) ? before?.lease ?? lease : lease
        let verdict = try base.releaseIfHeld(
            task, under: named, isCounted: isCounted && !isMutant(.deathsNotCounted), at: at)
        if verdict == .accepted, before?.lease != lease || before?.state != .leased {
            fenceBroken("released", task, before, lease)
        }
        if verdict == .late, !mayBeLate { fenceBroken("released late", task, before, lease) }
        if verdict == .accepted || verdict == .late { try checkUntouched(task) }
        return verdict
    }

    /// Whoever said that a contact was not attempted must have been right.
    private func checkUntouched(_ task: TaskID) throws {
        guard let record = try base.task(task), record.state == .ready,
            record.task.stage.descriptor.effect == .atMostOnce,
            world.isTouched(by: task)
        else { return }
        play.violate(
            .readyAgainOnlyUntouched,
            "\(task): expected it untouched when it became ready again, got \(world.count(task)) attempts at "
                + "the world and perhaps one under way")
    }

    /// Whether a lease that ended was the task's last, or the last to attempt it, and nobody knows better. Read from the
    /// task's story, not from what the store keeps for it.
    private func isOpen(_ record: TaskRecord?, to lease: LeaseKey) throws -> Bool {
        guard let record else { return false }
        let grants = try base.transitions(of: record.task.id).filter { $0.to == .leased }
        let attempt = grants.last { $0.note == TransitionNote.attempt }?.lease
        switch record.state {
        case .uncertain: return record.lease == lease || attempt == lease
        case .leased: return attempt == lease && grants.last?.note == TransitionNote.inquiry
        case .planned, .ready, .settled, .withdrawn, .deadLetter: return false
        }
    }

    func expireIfHeld(_ lease: LeaseKey, at: Timestamp, lastPossibleAttempt: Timestamp) throws -> Int {
        guard isMutant(.uncertainMadeReady) else {
            return try base.expireIfHeld(lease, at: at, lastPossibleAttempt: lastPossibleAttempt)
        }
        let held = try play.tasks.filter {
            let record = try base.task($0)
            return record?.state == .leased && record?.lease == lease
        }
        let count = try base.expireIfHeld(lease, at: at, lastPossibleAttempt: lastPossibleAttempt)
        for task in held {
            let ready = Outcome(task: task, attempt: .neverSeen, code: .madeResultUnknown)
            _ = try base.settleIfHeld(ready, under: lease, businessDate: Play.date, at: at)
        }
        return count
    }

    /// The portfolios with the longest backlog first.
    private func backlog(of stage: Stage, at: Timestamp) throws -> [PortfolioID] {
        try base.waiting(stage, at: at, upTo: Int.max).sorted { (-$0.value, $0.key) < (-$1.value, $1.key) }.map(\.key)
    }

    /// The most deliveries of a ready task: a limit larger by what the ledger divides by for them undoes the division.
    private func mostDeliveries(of stage: Stage) throws -> Int {
        let ready = try play.tasks.compactMap { try base.task($0) }.filter {
            $0.state == .ready && $0.task.stage == stage && $0.deliveries < play.limits.deliveriesPerTask
        }
        return ready.map(\.deliveries).max() ?? 0
    }

    /// The decision as a ledger with a defect takes it.
    private func believed(_ hand: ByHand, _ record: TaskRecord?) -> ByHand {
        guard isMutant(.handIgnoresLease), let lease = record?.lease else { return hand }
        var hand = hand
        hand.lease = lease
        return hand
    }

    private func fenceBroken(_ verb: String, _ task: TaskID, _ record: TaskRecord?, _ lease: LeaseKey) {
        let holder = record.flatMap(\.lease).map { "lease \($0.id) epoch \($0.epoch)" } ?? "no lease"
        play.violate(
            .noChangeUnderOldEpoch,
            "\(task): expected no change under lease \(lease.id) epoch \(lease.epoch), got \(verb) while "
                + "\(record?.state.rawValue ?? "unknown") under \(holder)")
    }

    func withdrawClosed(_ run: RunID, now: Timestamp) throws -> Int { try base.withdrawClosed(run, now: now) }
    func makeReady(_ run: RunID, at: Timestamp) throws -> Int { try base.makeReady(run, at: at) }
    func insertRegisterEvent(_ event: RegisterEvent, at: Timestamp) throws -> Bool {
        try base.insertRegisterEvent(event, at: at)
    }
    func stop(_ task: TaskID, why: String, at: Timestamp) throws { try base.stop(task, why: why, at: at) }
    func recordEvent(_ event: CaseEvent, businessDate: CalendarDate, at: Timestamp) throws -> Bool? {
        try base.recordEvent(event, businessDate: businessDate, at: at)
    }
}

// MARK: - Passed on as they are

extension WatchedLedger {
    func insertRun(_ run: RunRecord) throws { try base.insertRun(run) }
    func finishRun(_ id: RunID, at: Timestamp) throws { try base.finishRun(id, at: at) }
    func setCheckpoint(_ checkpoint: Checkpoint, of run: RunID) throws { try base.setCheckpoint(checkpoint, of: run) }
    func insertAccounts(_ accounts: [StoredAccount], into run: RunID) throws -> [Int] {
        try base.insertAccounts(accounts, into: run)
    }
    func insertRejects(_ rejects: [Reject], into run: RunID) throws { try base.insertRejects(rejects, into: run) }
    func recordRecognitions(_ marks: [(line: Int, mark: RecognitionMark)], cases: [CaseRecord], in run: RunID) throws {
        try base.recordRecognitions(marks, cases: cases, in: run)
    }
    func recordBook(_ book: PortfolioBook, of portfolio: PortfolioID) throws {
        try base.recordBook(book, of: portfolio)
    }
    func keepEpisode(of caseID: CaseID, start: CalendarDate, on date: CalendarDate) throws -> Episode {
        try base.keepEpisode(of: caseID, start: start, on: date)
    }
    func endEpisode(of caseID: CaseID, on date: CalendarDate) throws { try base.endEpisode(of: caseID, on: date) }
    func recordSegments(_ matches: [(caseID: CaseID, match: SegmentMatch)], in run: RunID) throws {
        try base.recordSegments(matches, in: run)
    }
    func recordPlans(_ plans: [PlannedCase], in run: RunID) throws { try base.recordPlans(plans, in: run) }
    func settleUncertain(
        _ outcome: Outcome, by hand: ByHand, businessDate: CalendarDate, at: Timestamp
    ) throws -> Verdict {
        play.promises.settledByHand.insert(outcome.task)
        let before = try base.task(outcome.task)
        let verdict = try base.settleUncertain(
            outcome, by: believed(hand, before), businessDate: businessDate, at: at)
        if verdict == .accepted, before?.lease != hand.lease {
            fenceBroken("settled by hand", outcome.task, before, hand.lease)
        }
        return verdict
    }
    func releaseUncertain(_ task: TaskID, by hand: ByHand, at: Timestamp) throws -> Verdict {
        let before = try base.task(task)
        let verdict = try base.releaseUncertain(task, by: believed(hand, before), at: at)
        if verdict == .accepted, before?.lease != hand.lease {
            fenceBroken("released by hand", task, before, hand.lease)
        }
        if verdict == .accepted { try checkUntouched(task) }
        return verdict
    }

    func run(_ id: RunID) throws -> RunRecord? { try base.run(id) }
    func runs() throws -> [RunRecord] { try base.runs() }
    func unfinishedRun() throws -> RunRecord? { try base.unfinishedRun() }
    func checkpoints(of run: RunID) throws -> [Checkpoint] { try base.checkpoints(of: run) }
    func rejectCounts(of run: RunID) throws -> [RejectKind: Int] { try base.rejectCounts(of: run) }
    func accounts(of run: RunID, afterLine line: Int, limit: Int) throws -> [StoredAccount] {
        try base.accounts(of: run, afterLine: line, limit: limit)
    }
    func accountCount(of run: RunID) throws -> Int { try base.accountCount(of: run) }
    func cases(of run: RunID, afterLine line: Int, limit: Int) throws -> [CaseRecord] {
        try base.cases(of: run, afterLine: line, limit: limit)
    }
    func casesByCustomer(of run: RunID, after customer: CustomerID?, limit: Int) throws -> [CaseRecord] {
        try base.casesByCustomer(of: run, after: customer, limit: limit)
    }
    func tasks(of customer: CustomerID, in run: RunID) throws -> [TaskRecord] {
        try base.tasks(of: customer, in: run)
    }
    func caseRecord(_ id: CaseID, in run: RunID) throws -> CaseRecord? { try base.caseRecord(id, in: run) }
    func accountMark(_ id: CaseID, in run: RunID) throws -> (stored: StoredAccount, mark: RecognitionMark?)? {
        try base.accountMark(id, in: run)
    }
    func planDetail(of caseID: CaseID, in run: RunID) throws -> String? { try base.planDetail(of: caseID, in: run) }
    func accountsNumbered(_ number: AccountID, in run: RunID) throws -> [CaseID] {
        try base.accountsNumbered(number, in: run)
    }
    func history(of caseID: CaseID) throws -> [CaseHistoryEntry] { try base.history(of: caseID) }
    func history(ofCustomer customer: CustomerID) throws -> [CaseHistoryEntry] {
        try base.history(ofCustomer: customer)
    }
    func lastBook(of portfolio: PortfolioID) throws -> PortfolioBook? { try base.lastBook(of: portfolio) }
    func accounts(
        of run: RunID, keptIn other: RunID, after: CaseID?, limit: Int
    ) throws -> [(caseID: CaseID, isKept: Bool)] {
        try base.accounts(of: run, keptIn: other, after: after, limit: limit)
    }
    func episodes(of caseID: CaseID) throws -> [Episode] { try base.episodes(of: caseID) }
    func task(_ id: TaskID) throws -> TaskRecord? { try base.task(id) }
    func transitions(of task: TaskID) throws -> [TaskTransition] { try base.transitions(of: task) }
    func taskCounts(of run: RunID) throws -> [TaskCount] { try base.taskCounts(of: run) }
    func uncertainTasks(of run: RunID, limit: Int) throws -> [TaskRecord] {
        try base.uncertainTasks(of: run, limit: limit)
    }
    func waiting(_ stage: Stage, at: Timestamp, upTo limit: Int) throws -> [PortfolioID: Int] {
        let waiting = try base.waiting(stage, at: at, upTo: limit)
        play.fairness[stage, default: FairnessWatch(weights: play.weights)].looked(waiting)
        return waiting
    }
    func registerEvents(of customer: CustomerID, accounts: [CaseID]) throws -> [RegisterEvent] {
        try base.registerEvents(of: customer, accounts: accounts)
    }
    func registerEvent(_ id: String, of source: String) throws -> RegisterEvent? {
        try base.registerEvent(id, of: source)
    }
    func closedTasks(under lease: LeaseKey, at: Timestamp, limit: Int) throws -> [TaskID] {
        try base.closedTasks(under: lease, at: at, limit: limit)
    }
    func liveLeases() throws -> [LiveLease] { try base.liveLeases() }
    func holder(of lease: LeaseKey) throws -> WorkerID? { try base.holder(of: lease) }
    func events(of run: RunID) throws -> [CaseEvent] { try base.events(of: run) }
    func reportCells(of run: RunID) throws -> [ReportCell] { try base.reportCells(of: run) }
}
