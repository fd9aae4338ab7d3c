// Owns: what becomes of a worker's lease when its process is stopped or killed in the middle of it, in real processes.
@testable import Arrears
import Foundation
@testable import Leasing
@testable import Ledger
@testable import SQLiteLedger
import Testing

@Suite("A worker that stops in the middle of its lease", .serialized)
struct StoppedWorkerTests {
    private static func limits(leaseMilliseconds: Int) -> String {
        """
        limits:
          leaseMilliseconds: \(leaseMilliseconds)
          heartbeatMilliseconds: 500
          safetyMarginMilliseconds: \(min(leaseMilliseconds / 2, 5_000))
          inquiryDelayMilliseconds: 1000

        """
    }

    /// Accounts that are ten days late, whose work is all for the call queue, or three days, for messages.
    private static func book(for stage: String) -> String {
        let due = stage == "sms" ? "2026-11-17" : "2026-11-10"
        return "id,customer_id,product,currency,balance,oldest_unpaid_due_date,phone,name\n"
            + (1...40).map { "A\($0),C\($0),card,CNY,1000.00,\(due),+86138000\(10_000 + $0),Example\n" }.joined()
    }

    /// Runs a day in which the first worker takes the tasks and meets its fate, and the second ends them.
    private func day(
        _ scratch: Scratch, stage: String = "callQueue", leaseMilliseconds: Int = 3_000, isPooled: Bool = false,
        _ body: (Served, OutsideWorld, _ first: Started) throws -> Void
    ) throws {
        let served = try Served(in: scratch, configuration: Self.limits(leaseMilliseconds: leaseMilliseconds))
        let world = try OutsideWorld(in: scratch)
        try Data(Self.book(for: stage).utf8).write(to: scratch.url.appendingPathComponent("book.csv"))
        // It asks for answers so seldom, or gets none, that it holds its lease when it stops.
        if stage == "sms" { world.pause() }
        let first = try world.worker(
            stage, coordinator: served.endpoint, name: "first", isPooled: isPooled, pollMilliseconds: 60_000)
        let run = try Started(
            [
                Project.binary, "run", "--data", scratch.path("data"), "--book", scratch.path("book.csv"), "--as-of",
                "2026-11-20", "--rehearse-at", "10:00",
            ], in: scratch)
        wait(until: { count(.leased, scratch) == 40 }, orUntil: { !run.process.isRunning })
        try #require(count(.leased, scratch) == 40, "\(run.text)")
        try body(served, world, first)
        let end = run.end()
        #expect(end.code == 0, "\(end.text)")
        #expect(end.text.contains("balanced: 40 accounts"), "\(end.text)")
        try served.stop()
        try world.stop()
    }

    private func count(_ state: TaskState, _ scratch: Scratch) -> Int {
        guard let reader = try? SQLiteLedgerReader(directory: scratch.path("data")), let run = try? reader.runs().first,
            let counts = try? reader.taskCounts(of: run.id)
        else { return 0 }
        return counts.filter { $0.state == state }.reduce(0) { $0 + $1.count }
    }

    private func transitions(_ scratch: Scratch) throws -> [[TaskTransition]] {
        let reader = try SQLiteLedgerReader(directory: scratch.path("data"))
        let run = try #require(try reader.runs().first)
        return try reader.cases(of: run.id, afterLine: 0, limit: 100).compactMap(\.task).map { task in
            try reader.transitions(of: task)
        }
    }

    /// Every task's story, in one text.
    private func stories(_ scratch: Scratch) throws -> [String] {
        try transitions(scratch).map { changes in
            changes.map { "\($0.to) \($0.worker?.text ?? "")" }.joined(separator: ", ")
        }
    }

    @Test func `Killed: when its lease ends, the tasks are with another worker`() throws {
        try withScratch { scratch in
            try day(scratch) { served, world, first in
                let second = try world.worker("callQueue", coordinator: served.endpoint, name: "second")
                first.kill()
                wait(until: { count(.settled, scratch) == 40 }, orUntil: { !second.process.isRunning })
                let told = try stories(scratch)
                let expected = "ready , leased first, ready first, leased second, settled second"
                #expect(told == Array(repeating: expected, count: 40))
                second.process.terminate()
                #expect(second.end().code == 0)
            }
        }
    }

    @Test
    func `Killed with contacts: the outside is asked in the turn in which the lease ends, and only then they go on`()
        throws
    {
        try withScratch { scratch in
            try day(scratch, stage: "sms", leaseMilliseconds: 10_000) { served, world, first in
                first.kill()
                world.goOn()
                let second = try world.worker("sms", coordinator: served.endpoint, name: "second")
                wait(until: { count(.settled, scratch) == 40 }, orUntil: { !second.process.isRunning })
                for changes in try transitions(scratch) {
                    let doubt = try #require(changes.firstIndex { $0.to == .uncertain })
                    let question = changes[doubt + 1]
                    #expect(question.to == .leased && question.worker == "second")
                    #expect(question.at == changes[doubt].at, "in the same turn")
                }
                second.process.terminate()
                #expect(second.end().code == 0)
            }
            let record = try String(contentsOfFile: scratch.path("world/effects.jsonl"), encoding: .utf8)
            #expect(!record.contains(#""duplicate":true"#), "nobody got a message twice")
        }
    }

    @Test func `Killed in a pool: its neighbour settles its journal at once, although its lease lasts for an hour`()
        throws
    {
        try withScratch { scratch in
            try day(scratch, leaseMilliseconds: 3_600_000, isPooled: true) { served, world, first in
                let neighbour = try world.worker(
                    "callQueue", coordinator: served.endpoint, name: "first", isPooled: true)
                let place = scratch.path("first/first-2/worker.lock")
                // All are in the first's journal as begun, and the dialer has them.
                wait(
                    until: { world.effects == 40 && FileManager.default.fileExists(atPath: place) },
                    orUntil: { !neighbour.process.isRunning || !first.process.isRunning })
                first.kill()
                wait(until: { count(.settled, scratch) == 40 }, orUntil: { !neighbour.process.isRunning })
                let told = try stories(scratch)
                #expect(told == Array(repeating: "ready , leased first-1, settled first-1", count: 40))
                neighbour.process.terminate()
                let end = neighbour.end()
                #expect(end.code == 0, "\(end.text)")
            }
        }
    }

    @Test func `Stopped for longer than its lease: when it wakes, its late reports change nothing`() throws {
        try withScratch { scratch in
            try day(scratch) { served, world, first in
                kill(first.process.processIdentifier, SIGSTOP)
                let second = try world.worker("callQueue", coordinator: served.endpoint, name: "second")
                wait(until: { count(.settled, scratch) == 40 }, orUntil: { !second.process.isRunning })
                let before = try stories(scratch)
                kill(first.process.processIdentifier, SIGCONT)
                // Asked to drain, it says all that it has to say before it ends well.
                first.process.terminate()
                let end = first.end()
                #expect(end.code == 0, "\(end.text)")
                #expect(try stories(scratch) == before)
                second.process.terminate()
                #expect(second.end().code == 0)
            }
        }
    }
}
