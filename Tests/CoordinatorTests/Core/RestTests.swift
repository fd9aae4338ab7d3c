import Arrears
import Leasing
import Testing

@testable import Coordinator

@Suite("The rest of an uncertain contact")
struct RestTests {
    /// What is left of the rest when a lease has ended: its worker began nothing within the margin.
    private let left = Desk.limits.inquiryDelayMilliseconds - Desk.limits.safetyMarginMilliseconds

    /// A contact that has just become uncertain, and a worker whose request waits.
    private func uncertain() throws -> (desk: Desk, worker: SessionID) {
        let desk = try Desk(tasks: 1)
        let (dead, _) = try desk.connect("sms-1")
        _ = try #require(try desk.request(dead, credit: 1))
        try desk.turn(.closed(dead))
        desk.pass(milliseconds: Desk.limits.leaseMilliseconds)
        try desk.turn()
        #expect(try desk.state(Desk.taskID(1)) == .uncertain)
        let (worker, _) = try desk.connect("sms-2")
        #expect(try desk.request(worker, credit: 1) == nil)
        return (desk, worker)
    }

    private func inquiries(_ actions: [Action]) -> Int {
        actions.reduce(0) { count, action in
            if case .send(_, .leaseGranted(let granted)) = action { count + granted.tasks.count } else { count }
        }
    }

    @Test("A wall clock that jumps does not cut it short, nor make it longer", arguments: [3_600_000, -3_600_000])
    func jump(by jump: Int64) throws {
        let (desk, _) = try uncertain()
        desk.now = Now(uptime: desk.now.uptime + 1_000, wall: desk.now.wall.adding(milliseconds: 1_000 + jump))
        #expect(inquiries(try desk.turn()) == 0)
        desk.pass(milliseconds: left - 1_001)
        #expect(inquiries(try desk.turn()) == 0)
        desk.pass(milliseconds: 1)
        #expect(inquiries(try desk.turn()) == 0, "it looks four times a second")
        desk.pass(milliseconds: 250)
        #expect(inquiries(try desk.turn()) == 1)
    }

    @Test("It begins anew in a coordinator that takes over rows which another one dated")
    func restart() throws {
        let (desk, _) = try uncertain()
        desk.core = Core(limits: Desk.limits, incarnation: 8, software: "recoup test")
        desk.core.dispatching = Core.Dispatching(run: Desk.run, businessDate: Desk.date)
        // A rehearsal's clock starts again at ten, which is before the row's date.
        desk.now = Now(uptime: desk.now.uptime, wall: Desk.wall.adding(milliseconds: -60_000))
        let now = desk.now
        try desk.ledger.transaction { try desk.core.recover($0, now: now) }
        let (worker, _) = try desk.connect("sms-3")
        #expect(try desk.request(worker, credit: 1) == nil)
        desk.pass(milliseconds: Desk.limits.inquiryDelayMilliseconds)
        #expect(inquiries(try desk.turn()) == 1)
    }
}
