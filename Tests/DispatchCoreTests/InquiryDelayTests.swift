import CoreBench
@testable import DispatchCore
@testable import Arrears
@testable import Leasing
import Testing

@Suite("The inquiry delay of an uncertain contact")
struct InquiryDelayTests {
    /// What is left of the delay when a lease has ended: its worker began nothing within the margin.
    private let left = ReadyRun.limits.inquiryDelayMilliseconds - ReadyRun.limits.safetyMarginMilliseconds

    /// A contact that has just become uncertain, and a worker whose request waits.
    private func uncertain() throws -> (bench: CoreBench, worker: SessionID) {
        let bench = try CoreBench(tasks: 1)
        let (dead, _) = try bench.connect("sms-1")
        _ = try #require(try bench.request(dead, credit: 1))
        try bench.turn(.closed(dead))
        bench.pass(milliseconds: ReadyRun.limits.leaseMilliseconds)
        try bench.turn()
        #expect(try bench.state(ReadyRun.taskID(1)) == .uncertain)
        let (worker, _) = try bench.connect("sms-2")
        #expect(try bench.request(worker, credit: 1) == nil)
        return (bench, worker)
    }

    private func inquiries(_ directives: [Directive]) -> Int {
        directives.reduce(0) { count, action in
            if case .send(_, .leaseGranted(let granted)) = action { count + granted.tasks.count } else { count }
        }
    }

    @Test(arguments: [3_600_000, -3_600_000])
    func `A wall clock that jumps does not cut it short, nor make it longer`(by jump: Int64) throws {
        let (bench, _) = try uncertain()
        bench.now = Now(uptime: bench.now.uptime + 1_000, wall: bench.now.wall.adding(milliseconds: 1_000 + jump))
        #expect(inquiries(try bench.turn()) == 0)
        bench.pass(milliseconds: left - 1_001)
        #expect(inquiries(try bench.turn()) == 0)
        bench.pass(milliseconds: 1)
        #expect(inquiries(try bench.turn()) == 0, "it looks four times a second")
        bench.pass(milliseconds: 250)
        #expect(inquiries(try bench.turn()) == 1)
    }

    @Test func `It begins anew in a coordinator that takes over rows which another one dated`() throws {
        let (bench, _) = try uncertain()
        bench.core = CoreBench.core(incarnation: 8)
        bench.core.beginDispatch(ReadyRun.run)
        // A rehearsal's clock starts again at ten, which is before the row's date.
        bench.now = Now(uptime: bench.now.uptime, wall: ReadyRun.wall.adding(milliseconds: -60_000))
        let now = bench.now
        try bench.ledger.transaction { try bench.core.recover($0, now: now) }
        let (worker, _) = try bench.connect("sms-3")
        #expect(try bench.request(worker, credit: 1) == nil)
        bench.pass(milliseconds: ReadyRun.limits.inquiryDelayMilliseconds)
        #expect(inquiries(try bench.turn()) == 1)
    }
}
