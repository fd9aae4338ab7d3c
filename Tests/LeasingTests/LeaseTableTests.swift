@testable import Arrears
@testable import Leasing
import Testing

@Suite("The table of live leases")
struct LeaseTableTests {
    private func key(_ id: UInt64, epoch: UInt64 = 1) -> LeaseKey { LeaseKey(id: LeaseID(id), epoch: Epoch(epoch)) }

    private func table(_ leases: (id: UInt64, deadline: Int64, tasks: Int?)...) -> LeaseTable {
        var table = LeaseTable()
        for lease in leases {
            table.grant(key(lease.id), worker: "sms-1", stage: .sms, deadline: lease.deadline, tasks: lease.tasks)
        }
        return table
    }

    @Test func `A lease ends at its deadline and not before, the earliest first`() {
        var table = table((1, 300, 5), (2, 100, 5), (3, 200, 5))
        let expired = [99, 200, 200].map { now in table.takeExpired(now: now).map(\.key.id) }
        #expect(expired == [[], [LeaseID(2), LeaseID(3)], []])
        #expect(table.nextDeadline == 300)
    }

    @Test func `An extended lease outlives its first deadline`() {
        var table = table((1, 100, 5))
        let isExtended = table.extend(key(1), to: 150)
        #expect(isExtended)
        let expired = [149, 150].map { now in table.takeExpired(now: now).map(\.key.id) }
        #expect(expired == [[], [LeaseID(1)]])
    }

    @Test func `An older epoch extends nothing, takes nothing and ends nothing`() {
        var table = table((1, 100, 1))
        let isExtended = table.extend(key(1, epoch: 0), to: 150)
        let isLast = table.takeTask(from: key(1, epoch: 0))
        #expect(!isExtended && !isLast)
        table.end(key(1, epoch: 0))
        #expect(table[LeaseID(1)]?.remaining == 1)
    }

    @Test func `The last task of a lease ends it; after a restart tasks are not counted`() {
        var table = table((1, 100, 2), (2, 100, nil))
        let isLast = [1, 1, 2].map { table.takeTask(from: key($0)) }
        #expect(isLast == [false, true, false])
        table.end(key(1))
        #expect(table.leases.map(\.key.id) == [LeaseID(2)])
    }

    @Test func `An ended lease does not expire`() {
        var table = table((1, 100, 1))
        table.end(key(1))
        let expired = table.takeExpired(now: 1_000)
        #expect(expired.isEmpty)
        #expect(table.count == 0)
    }
}
