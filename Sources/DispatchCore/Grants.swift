// Owns: which waiting request gets which tasks, and when it is worth looking.
import Arrears
import Leasing
import Ledger
import Wire

extension Core {
    /// Time and changes by other hands (the run's own stages) may have made work ready.
    package mutating func lookEverywhere() { lookAgain = Set(Stage.allCases) }

    mutating func fillRequests(_ ledger: any LedgerTransaction, now: Now) throws -> [Directive] {
        guard dispatching != nil, !isEnding, !holdsGrants else { return [] }
        if now.uptime >= nextLook {
            lookEverywhere()
            nextLook = now.uptime + 250
        }
        guard !lookAgain.isEmpty, !sessions.requests.isEmpty else { return [] }
        var directives: [Directive] = []
        var waiting: [OpenRequest] = []
        for request in sessions.takeRequests() {
            guard lookAgain.contains(request.stage), let worker = sessions.ready(request.session),
                let granted = try grant(request, to: worker, ledger, now: now)
            else {
                waiting.append(request)
                continue
            }
            directives.append(.send(request.session, .leaseGranted(granted)))
        }
        sessions.putBack(waiting)
        return directives
    }

    private mutating func grant(
        _ request: OpenRequest, to worker: WorkerSession, _ ledger: any LedgerTransaction, now: Now
    ) throws -> Message.LeaseGranted? {
        let key = LeaseKey(
            id: LeaseID(UInt64(incarnation) << 32 | UInt64(grants + 1)), epoch: try ledger.nextEpoch())
        let limit = min(request.credit, limits.tasksPerLease, worker.capacity)
        let waiting = try ledger.waiting(request.stage, at: now.wall, upTo: limit)
        let shares = fairShares[request.stage, default: FairShare()].divide(limit, among: waiting, weights: weights)
        let tasks = try ledger.lease(
            Grant(
                lease: key, worker: worker.worker, incarnation: worker.incarnation, stage: request.stage, limit: limit,
                shares: shares, now: now.wall),
            uncertainBefore: inquiryDelay.over(limits.inquiryDelayMilliseconds, now: now),
            maxDeliveries: limits.deliveriesPerTask)
        guard !tasks.isEmpty else {
            lookAgain.remove(request.stage)
            return nil
        }
        precondition(tasks.count <= limit, "lease \(key.id): \(tasks.count) tasks granted, \(limit) asked for")
        grants += 1
        var granted = tasks.map { GrantedTask($0, at: now.wall) }
        let fitting = Message.LeaseGranted.tasksThatFit(granted, frameBytes: limits.frameBytes)
        precondition(fitting > 0, "task \(granted[0].id): \(granted[0].content.count) bytes of content fit no frame")
        for task in granted[fitting...] { _ = try ledger.releaseIfHeld(task.id, under: key, at: now.wall) }
        granted.removeSubrange(fitting...)
        for (portfolio, tasks) in Dictionary(grouping: tasks.prefix(fitting), by: \.portfolio) {
            fairShares[request.stage, default: FairShare()].charge(portfolio, tasks: tasks.count, weights: weights)
        }
        leases.grant(
            key, worker: worker.worker, stage: request.stage, deadline: now.uptime + limits.leaseMilliseconds,
            tasks: granted.count)
        return Message.LeaseGranted(
            request: request.requestID, lease: key, durationMilliseconds: limits.leaseMilliseconds,
            tasks: granted)
    }
}
