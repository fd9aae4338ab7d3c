import Arrears
import Leasing
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

    @Test("A lease ends at its deadline and not before, the earliest first")
    func expires() {
        var table = table((1, 300, 5), (2, 100, 5), (3, 200, 5))
        #expect(table.takeExpired(now: 99).isEmpty)
        #expect(table.takeExpired(now: 200).map(\.key.id) == [LeaseID(2), LeaseID(3)])
        #expect(table.takeExpired(now: 200).isEmpty)
        #expect(table.nextDeadline == 300)
    }

    @Test("An extended lease outlives its first deadline")
    func extends() {
        var table = table((1, 100, 5))
        #expect(table.extend(key(1), to: 150))
        #expect(table.takeExpired(now: 149).isEmpty)
        #expect(table.takeExpired(now: 150).map(\.key.id) == [LeaseID(1)])
    }

    @Test("An older epoch extends nothing, takes nothing and ends nothing")
    func fences() {
        var table = table((1, 100, 1))
        #expect(!table.extend(key(1, epoch: 0), to: 150))
        #expect(!table.takeTask(from: key(1, epoch: 0)))
        table.end(key(1, epoch: 0))
        #expect(table[LeaseID(1)]?.remaining == 1)
    }

    @Test("The last task of a lease ends it; after a restart tasks are not counted")
    func counts() {
        var table = table((1, 100, 2), (2, 100, nil))
        #expect(!table.takeTask(from: key(1)))
        #expect(table.takeTask(from: key(1)))
        #expect(!table.takeTask(from: key(2)))
        table.end(key(1))
        #expect(table.leases.map(\.key.id) == [LeaseID(2)])
    }

    @Test("An ended lease does not expire")
    func endsOnce() {
        var table = table((1, 100, 1))
        table.end(key(1))
        #expect(table.takeExpired(now: 1_000).isEmpty)
        #expect(table.count == 0)
    }
}
