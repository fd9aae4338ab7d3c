@testable import Arrears
import Foundation
@testable import Leasing
import Synchronization
import Testing
@testable import WorkerKit

@testable import AgencyWorker

/// An exchange folder, a clock that moves only when somebody sleeps, and what the agency does meanwhile.
final class AgencyBench: Sendable {
    let folder: TemporaryFolder
    private let time = Mutex<Duration>(.zero)
    private let notes = Mutex<[String]>([])
    /// Runs at each sleep, told how long this handler has waited so far.
    private let meanwhile: @Sendable (Duration) async throws -> Void

    init(
        in folder: TemporaryFolder? = nil, meanwhile: @escaping @Sendable (Duration) async throws -> Void = { _ in }
    ) throws {
        self.folder = try folder ?? TemporaryFolder()
        self.meanwhile = meanwhile
    }

    var waited: Duration { time.withLock { $0 } }
    var noted: [String] { notes.withLock { $0 } }

    /// A worker process that starts now.
    func handler(acknowledgementWait: Duration = .seconds(60), resultWait: Duration = .seconds(60)) throws
        -> AgencyHandler
    {
        try AgencyHandler(
            configuration: AgencyConfiguration(
                root: folder.path, lender: "Example Finance", acknowledgementWait: acknowledgementWait,
                resultWait: resultWait, pollInterval: .seconds(1)),
            pace: Pace(
                now: { self.waited },
                sleep: { span in
                    let now = self.time.withLock { time in
                        time += span
                        return time
                    }
                    try await self.meanwhile(now)
                }),
            note: { text in self.notes.withLock { $0.append(text) } })
    }

    /// Works the tasks off with a new handler under a new lease.
    @discardableResult
    func work(_ tasks: [WorkTask], under lease: ScriptedLease = ScriptedLease()) async throws -> ScriptedLease {
        try await handler().work(tasks, under: lease)
        return lease
    }

    /// The only batch in a folder of the agency.
    func batch(in place: String = "outbox", of agency: String = "north") throws -> String {
        let names = folder.names("\(agency)/\(place)")
        return try #require(names.count == 1 ? names.first : nil, "expected one batch in \(place), got \(names)")
    }

    static func task(
        _ id: String, agency: String = "north", mode: TaskMode = .attempt, balance: Int64 = 500_000,
        purpose: String = "first placement"
    ) throws -> WorkTask {
        let yuan = try #require(Currency("CNY"))
        let day = try #require(CalendarDate(iso: "2026-01-05"))
        return WorkTask(
            id: TaskID(id), mode: mode, delivery: 1,
            content: .placement(
                PlacementContent(
                    agencyID: agency, placement: 1, caseRef: "A-\(id)", debtorName: "王, \"小\"明",
                    phone: "+8613800000000", arrears: Money(minorUnits: balance / 5, currency: yuan),
                    balance: Money(minorUnits: balance, currency: yuan), dpd: 70, product: "cash", region: "CN-SH",
                    businessDate: day, expiresOn: day.adding(days: 60), purpose: purpose)))
    }
}

extension AgencyBench {
    /// Answers of the agency to one batch, closed as they must be.
    static func acknowledgement(_ batch: String, _ rows: [String]) -> String {
        (["task_id,status,reason"] + rows + ["END,\(rows.count),\(batch)"]).joined(separator: "\n") + "\n"
    }

    static func results(_ batch: String, _ rows: [String], totals: [String] = []) -> String {
        (["task_id,kind,date,currency,amount,detail"] + rows + totals + ["END,\(rows.count),,,,\(batch)"])
            .joined(separator: "\n") + "\n"
    }
}
