// Owns: what is due now: heartbeats, reports, releases, requests, and the end. Every input ends in `advance`, which may be
// called at any time and does nothing twice.
import Arrears
import Collections

extension WorkerMachine {
    mutating func advance(now: Int64) -> [Directive] {
        guard !hasExited else { return [] }
        for key in batches.keys where batches[key]?.isDone == true { batches[key] = nil }
        var directives = drainLeases(now: now)
        switch phase {
        case .away: break
        case .greeting(let since):
            if now >= since + settings.answerMilliseconds {
                directives += dropLink("no answer to Hello within \(settings.answerMilliseconds) ms")
            }
        case .serving(var serving):
            // Three heartbeats without an answer: nobody is there.
            if let oldest = serving.heartbeats.first,
                now >= oldest.sentAt + 3 * serving.welcome.heartbeatMilliseconds
            {
                directives += dropLink("no answer to heartbeats for \(now - oldest.sentAt) ms")
                break
            }
            // Before the heartbeat, so that a lease is not extended for tasks that are finished.
            directives += reportOutcomes(now: now)
            directives += heartbeat(&serving, now: now)
            directives += request(&serving, now: now)
            phase = .serving(serving)
        }
        return directives + endIfDone(now: now)
    }

    /// When `tick` is needed next, if nothing else happens; nil: never.
    package func nextDeadline() -> Int64? {
        guard !hasExited else { return nil }
        var moments: [Int64] = []
        for batch in batches.values where mayNeedDraining(batch) { moments.append(batch.deadline - margin) }
        switch phase {
        case .away: break
        case .greeting(let since): moments.append(since + settings.answerMilliseconds)
        case .serving(let serving):
            moments.append(serving.heartbeatAt)
            if let oldest = serving.heartbeats.first {
                moments.append(oldest.sentAt + 3 * serving.welcome.heartbeatMilliseconds)
            }
            if wantedCredit(serving) > 0 { moments.append(serving.requestNotBefore) }
            let sent =
                batches.values.flatMap { [$0.report?.sentAt, $0.release?.sentAt] } + events.values.map(\.sentAt)
            moments += sent.compactMap { $0 }.map { $0 + settings.answerMilliseconds }
        }
        if let idleSince { moments.append(idleSince + settings.drainMilliseconds) }
        return moments.min()
    }

    private func mayNeedDraining(_ batch: WorkerBatch) -> Bool {
        batch.isRunning && !batch.isDraining && !batch.isRecovered
    }

    private mutating func drainLeases(now: Int64) -> [Directive] {
        var directives: [Directive] = []
        for (key, batch) in batches where batch.isRunning && !batch.isDraining {
            // Inquiries from before a restart have no time of their own: only the worker's end ends them.
            let isOver = !batch.isRecovered && (batch.isLost || now >= batch.deadline - margin)
            guard isOver || ending == .releaseRest else { continue }
            batches[key]?.isDraining = true
            directives.append(.drain(key))
        }
        return directives
    }

    private mutating func heartbeat(_ serving: inout Serving, now: Int64) -> [Directive] {
        guard now >= serving.heartbeatAt else { return [] }
        let sequence = newID()
        serving.heartbeats.append((sequence, now))
        serving.heartbeatAt = now + serving.welcome.heartbeatMilliseconds
        let held = batches.values.filter { $0.isRunning || !$0.tasks.isEmpty }.map(\.key)
        return [.send(.heartbeat(Message.Heartbeat(sequence: sequence, leases: held)))]
    }

    private mutating func request(_ serving: inout Serving, now: Int64) -> [Directive] {
        let credit = wantedCredit(serving)
        guard credit > 0, now >= serving.requestNotBefore else { return [] }
        let id = newID()
        serving.request = Open(id: id, content: credit, sentAt: now)
        let request = Message.LeaseRequest(id: id, stage: StageName(settings.stage), credit: credit)
        return [.send(.leaseRequest(request))]
    }

    /// Reports, releases and events that were not said on this connection, or not answered in time.
    private mutating func reportOutcomes(now: Int64) -> [Directive] {
        var directives: [Directive] = []
        func isDue(_ sentAt: Int64?) -> Bool { sentAt.map { now >= $0 + settings.answerMilliseconds } ?? true }
        for key in batches.keys {
            guard var batch = batches[key] else { continue }
            if batch.report == nil, !batch.outcomes.isEmpty {
                let count = Outcome.countThatFits(batch.outcomes)
                batch.report = Open(id: newID(), content: Array(batch.outcomes.prefix(count)))
                batch.outcomes.removeFirst(count)
            }
            if let open = batch.report, isDue(open.sentAt) {
                batch.report?.sentAt = now
                directives.append(.send(.report(Message.Report(id: open.id, lease: key, outcomes: open.content))))
            }
            if batch.release == nil, !batch.givenBack.isEmpty {
                let count = min(batch.givenBack.count, Self.releaseTasks)
                batch.release = Open(id: newID(), content: Array(batch.givenBack.prefix(count)))
                batch.givenBack.removeFirst(count)
            }
            if let open = batch.release, isDue(open.sentAt) {
                batch.release?.sentAt = now
                let release = Message.Release(
                    id: open.id, lease: key, tasks: open.content, isAfterRestart: batch.isRecovered)
                directives.append(.send(.release(release)))
            }
            batches[key] = batch
        }
        for (id, open) in events where isDue(open.sentAt) {
            events[id]?.sentAt = now
            directives.append(.send(.eventReport(Message.EventReport(id: id, events: open.content))))
        }
        return directives
    }

    /// A Release of this many ids of at most 128 bytes is far below a frame's limit.
    private static let releaseTasks = 2_000

    private mutating func endIfDone(now: Int64) -> [Directive] {
        guard ending != nil, !hasExited, !batches.values.contains(where: \.isRunning) else { return [] }
        let since = idleSince ?? now
        idleSince = since
        let isSaid = batches.isEmpty && events.isEmpty
        guard isSaid || now >= since + settings.drainMilliseconds else { return [] }
        var directives: [Directive] = []
        if isServing { directives.append(.send(.goodbye(reason: "drained"))) }
        leave()
        return directives + [.disconnect(reason: "drained")] + exit(.drained)
    }
}

extension Outcome {
    /// At most this many bytes of a Report; the parts that are not text come to less than 256.
    var wireBytes: Int {
        var bytes = 256 + task.text.utf8.count + evidence.utf8.count + (callBackAt?.utf8.count ?? 0)
        for (name, value) in details { bytes += name.utf8.count + value.utf8.count + 16 }
        return bytes
    }

    /// How many of the first outcomes go into one report: half of the smallest frame limit, never none.
    static func countThatFits(_ outcomes: [Outcome]) -> Int {
        var left = 512 * 1024
        for (index, outcome) in outcomes.enumerated() {
            left -= outcome.wireBytes
            if left < 0 { return max(1, index) }
        }
        return outcomes.count
    }
}
