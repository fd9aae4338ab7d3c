// Owns: a long-running coordinator as a process: one per data directory, orders, workers that are refused, an orderly end.
import Foundation
import Testing

@Suite("A coordinator process", .serialized)
struct CoordinatorProcessTests {
    @Test func `A second one on its data directory is refused with exit 4 and told who has it; the first goes on`()
        throws
    {
        try withScratch { scratch in
            let data = scratch.path("data")
            let first = try Served(in: scratch)

            let second = try Project.recoup("coordinator", "--data", data, "--listen", "127.0.0.1:0", in: scratch)

            #expect(second.code == 4)
            let pid = first.coordinator.process.processIdentifier
            #expect(second.text.contains("\(pid)"), "it names the process that has it; got: \(second.text)")
            let status = try Project.recoup("status", "--data", data, "--require-coordinator", in: scratch)
            #expect(status.code == 0, "\(status.text)")
            try first.stop()
            #expect(try Project.recoup("status", "--data", data, "--require-coordinator", in: scratch).code == 7)
        }
    }

    @Test func `recoup run hands its order to a live coordinator, day after day, and shows the report`() throws {
        try withScratch { scratch in
            let served = try Served(in: scratch)
            let book = scratch.path("book.csv")
            let made = try Project.recoup(
                "book", "generate", "--accounts", "150", "--as-of", "2026-11-20", "--output", book, in: scratch)
            try #require(made.code == 0, "\(made.text)")
            let world = try OutsideWorld(in: scratch)
            let workers = try ["sms", "callQueue", "agency", "legal"].map {
                try world.worker($0, coordinator: served.endpoint)
            }

            for day in ["2026-11-20", "2026-11-21"] {
                let run = try Project.recoup(
                    "run", "--data", scratch.path("data"), "--book", book, "--as-of", day, "--rehearse-at", "10:00",
                    in: scratch)
                #expect(run.code == 0, "\(run.text)")
                #expect(run.text.contains("run \(day)-1"), "got: \(run.text)")
                #expect(run.text.contains("balanced: 150 accounts"), "got: \(run.text)")
            }

            for worker in workers {
                worker.process.terminate()
                let end = worker.end()
                #expect(end.code == 0, "who is asked to drain ends well; got: \(end.text)")
            }
            try world.stop()
            try served.stop()
        }
    }

    @Test func `A book that cannot be used ends its run; the coordinator goes on with the next`() throws {
        try withScratch { scratch in
            let served = try Served(in: scratch)
            func run(_ book: String) throws -> (code: Int32, text: String) {
                try Data(book.utf8).write(to: scratch.url.appendingPathComponent("book.csv"))
                return try Project.recoup(
                    "run", "--data", scratch.path("data"), "--book", scratch.path("book.csv"), "--as-of", "2026-11-20",
                    "--rehearse-at", "10:00", "--max-rejects", "1", in: scratch)
            }
            let columns = "id,customer_id,product,currency,balance,oldest_unpaid_due_date\n"
            let unreadable = try run("number,owner\nA1,C1\n")
            #expect(unreadable.code == 2)
            #expect(unreadable.text.contains("header: expected the columns"), "\(unreadable.text)")
            let rejected = try run(columns + "A1,C1,cash,CNY,x,\nA2,C2,cash,CNY,y,\n")
            #expect(rejected.code == 3)
            #expect(rejected.text.contains("2 of 2 rows were rejected"), "\(rejected.text)")
            let good = try run(columns + "A1,C1,cash,CNY,9.00,\n")
            #expect(good.code == 0, "\(good.text)")
            try served.stop()
        }
    }

    @Test func `A worker of an unknown stage, or under a name that is taken, ends with a word; the others go on`()
        throws
    {
        try withScratch { scratch in
            let served = try Served(in: scratch)
            let world = try OutsideWorld(in: scratch)
            let unknown = try Project.recoup(
                "worker", "--stage", "email", "--id", "w", "--coordinator", served.endpoint, "--data",
                scratch.path("w"), in: scratch)
            #expect(unknown.code == 2)

            let first = try world.worker("legal", coordinator: served.endpoint, name: "counsel")
            wait(until: { served.coordinator.text.contains("worker=counsel") }, orUntil: { !first.process.isRunning })
            let second = try world.worker("legal", coordinator: served.endpoint, name: "counsel", data: "other").end()
            #expect(second.code == 6, "\(second.text)")
            #expect(second.text.contains("counsel"), "it says which name; got: \(second.text)")

            #expect(first.process.isRunning)
            first.process.terminate()
            #expect(first.end().code == 0)
            try world.stop()
            try served.stop()
        }
    }

    @Test func `Two orders at one moment are two runs, each with its own book and its own report`() throws {
        try withScratch { scratch in
            let served = try Served(in: scratch)
            let columns = "id,customer_id,product,currency,balance,oldest_unpaid_due_date\n"
            for name in ["A", "B"] {
                try Data((columns + "\(name)1,C\(name),cash,CNY,9.00,\n").utf8)
                    .write(to: scratch.url.appendingPathComponent("\(name).csv"))
            }
            for day in 10..<14 {
                let runs = try ["A", "B"].map { name in
                    try Started(
                        [
                            Project.binary,
                            "run", "--data", scratch.path("data"), "--book", scratch.path("\(name).csv"), "--as-of",
                            "2026-11-\(day)", "--rehearse-at", "10:00", "--json",
                        ], in: scratch)
                }
                for (name, run) in zip(["A", "B"], runs) {
                    let end = run.end()
                    #expect(end.code == 0, "\(end.text)")
                    #expect(end.text.contains("\(name).csv"), "expected the report of its own book, got: \(end.text)")
                }
            }
            try served.stop()
        }
    }
}
