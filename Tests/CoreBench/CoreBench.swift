// Owns: a coordinator's core at a bench for tests: an in-memory ledger with a run in dispatch, and a clock that the test turns.
import Arrears
import DispatchCore
import Leasing
import Ledger

package final class CoreBench {
    package let ledger: InMemoryLedger
    package var core = CoreBench.core(incarnation: 7)
    package var now = Now(uptime: 1_000_000, wall: ReadyRun.wall)
    private var last: UInt64 = 0

    /// A run with `tasks` tasks of a stage, ready to be leased.
    /// - Parameter portfolios: given to the tasks in turn.
    package init(
        tasks: Int, stage: Stage = .sms, order: String = "{}", portfolios: [PortfolioID] = [.standard]
    ) throws {
        ledger = try ReadyRun.ledger(tasks: tasks, stage: stage, order: order, portfolios: portfolios)
        core.beginDispatch(ReadyRun.run)
    }

    package static func core(
        limits: Limits = ReadyRun.limits, weights: [PortfolioID: Int] = [:], incarnation: UInt32
    ) -> Core {
        Core(
            limits: limits, weights: weights, incarnation: incarnation, software: "recoup test",
            businessDays: BusinessDays { $0.asOf })
    }

    // MARK: What the shell would do

    /// One turn: the inputs and what time does, in one transaction.
    @discardableResult
    package func turn(_ inputs: Input...) throws -> [Directive] {
        let now = now
        return try ledger.transaction { ledger in
            var directives: [Directive] = []
            for input in inputs { directives += try core.apply(input, to: ledger, now: now) }
            return directives + (try core.tick(ledger, now: now))
        }
    }

    package func pass(milliseconds: Int64) {
        now = Now(uptime: now.uptime + milliseconds, wall: now.wall.adding(milliseconds: milliseconds))
    }

    /// A connection that has said Hello.
    package func connect(
        _ worker: WorkerID, incarnation: UInt64 = 1, stages: [String] = ["sms"], as principal: Principal = .anyone
    ) throws -> (session: SessionID, directives: [Directive]) {
        last += 1
        let session = SessionID(last)
        let hello = Message.Hello(
            worker: worker, incarnation: incarnation, stages: stages.map { StageName($0) }, capacity: 500)
        return (session, try turn(.connected(session, principal), .message(session, .hello(hello))))
    }

    package func request(_ session: SessionID, credit: Int, stage: String = "sms") throws -> Message.LeaseGranted? {
        let request = Message.LeaseRequest(id: 1, stage: StageName(stage), credit: credit)
        for case .send(session, .leaseGranted(let granted)) in try turn(.message(session, .leaseRequest(request))) {
            return granted
        }
        return nil
    }

    /// What the last turns told people of workers, once.
    package func notices() -> [WorkerNotice] { core.takeNotices() }

    package func report(_ session: SessionID, _ lease: LeaseKey, _ outcomes: [Outcome]) throws -> [TaskID: Verdict] {
        let report = Message.Report(id: 9, lease: lease, outcomes: outcomes)
        for case .send(session, .reportAck(let ack)) in try turn(.message(session, .report(report))) {
            return Dictionary(uniqueKeysWithValues: ack.verdicts.map { ($0.task, $0.verdict) })
        }
        return [:]
    }

    package func state(_ task: TaskID) throws -> TaskState? { try ledger.transaction { try $0.task(task)?.state } }
}
