// The callQueue stage against the sandbox's dialer over real HTTP/2.
@testable import Arrears
@testable import CallQueueWorker
@testable import HTTP2Client
import Testing
@testable import WorkerKit

@testable import Sandbox

private let debtors = DebtorBehaviour(seed: 7)

private func handler(
    _ service: ServiceConfiguration, _ change: (inout CallQueueConfiguration) -> Void = { _ in }
) throws -> CallQueueHandler {
    var configuration = CallQueueConfiguration(dialer: service, scriptDirectory: shipped("calls"))
    change(&configuration)
    return try CallQueueHandler(configuration, pace: givenPace())
}

@Suite struct CallQueueHandlerTests {
    @Test func `Every call is queued once and its disposition is reported`() async throws {
        try await withSandbox { sandbox in
            let handler = try handler(sandbox.service())
            let lease = TestLease()
            let tasks = (1...400).map { callTask($0) }
            try await handler.work(tasks, under: lease)
            await handler.shutdown()

            #expect(lease.finished.count == 400)
            for task in tasks {
                guard case .call(let content) = task.content else { preconditionFailure("fixture") }
                let outcome = try #require(lease.finished[task.id])
                guard !debtors.refusesCall(to: task.id) else {
                    #expect(outcome.code == .rejectedByDialer && outcome.attempt == .notMade)
                    #expect(outcome.details["reason"] == "not_in_service")
                    continue
                }
                #expect(outcome.attempt == .made)
                switch debtors.result(ofCall: task.id, arrears: content.arrears, on: content.businessDate) {
                case .noAnswer: #expect(outcome.code == .noAnswer)
                case .busy: #expect(outcome.code == .busy)
                case .wrongNumber: #expect(outcome.code == .wrongNumber)
                case .rightParty: #expect(outcome.code == .rightParty)
                case .refusesToPay: #expect(outcome.code == .refusesToPay)
                case .disputes: #expect(outcome.code == .disputes)
                case .promiseToPay(let amount, let date):
                    #expect(outcome.code == .promiseToPay && outcome.amount == amount && outcome.date == date)
                case .callBack(let date, let minute):
                    #expect(outcome.code == .callBack)
                    #expect(outcome.callBackAt == "\(date.iso)T\(LocalWindow.clock(minute)):00+08:00")
                }
            }
            let codes = Set(lease.finished.values.map(\.code))
            #expect(codes.count == 9, "400 calls meet every kind of answer, got \(codes)")
        }
    }

    /// As after a restart: the same tasks again change nothing and come to the same.
    @Test func `The same tasks again are no second effect`() async throws {
        try await withSandbox { sandbox in
            let handler = try handler(sandbox.service())
            let tasks = (1...50).map { callTask($0) }
            let (first, second) = (TestLease(), TestLease())
            try await handler.work(tasks, under: first)
            try await handler.work(tasks, under: second)
            await handler.shutdown()
            #expect(first.finished == second.finished)
            let effects = try sandbox.lines().filter(\.firstSeen)
            #expect(Set(effects.map(\.task)).count == effects.count)
            #expect(try sandbox.lines().allSatisfy { !$0.isDuplicate })
        }
    }

    @Test func `A call under a script that nobody approved is not queued`() async throws {
        try await withSandbox { sandbox in
            let handler = try handler(sandbox.service())
            let lease = TestLease()
            try await handler.work([callTask(1) { $0.scriptID = "shout" }], under: lease)
            await handler.shutdown()
            #expect(lease.finished["call-1"]?.code == .invalidContent)
            #expect(lease.begun.isEmpty)
            #expect(try sandbox.lines().isEmpty)
        }
    }

    @Test func `An inquiry only asks`() async throws {
        try await withSandbox { sandbox in
            let handler = try handler(sandbox.service())
            let first = TestLease()
            try await handler.work([callTask(1)], under: first)
            let lease = TestLease()
            try await handler.work([callTask(1, mode: .inquire), callTask(2, mode: .inquire)], under: lease)
            await handler.shutdown()
            #expect(lease.finished["call-1"] == first.finished["call-1"])
            #expect(lease.finished["call-2"]?.attempt == .neverSeen)
            #expect(try sandbox.lines().map(\.task) == ["call-1"])
        }
    }

    @Test func `Without a disposition in time the item is queued unanswered`() async throws {
        try await withSandbox {
            $0.answerMilliseconds = 1_000_000_000
        } _: { sandbox in
            let handler = try handler(sandbox.service()) { $0.work.answerWait = .seconds(60) }
            let lease = TestLease()
            try await handler.work([callTask(1)], under: lease)
            await handler.shutdown()
            #expect(lease.finished["call-1"]?.code == .queuedUnanswered)
            #expect(lease.finished["call-1"]?.attempt == .made)
            #expect(try sandbox.lines().map(\.isWithdrawn) == [false, true], "nobody is called another day")
        }
    }

    @Test func `A lease that ends is given back whole, and leaves nothing in the dialer's queue`() async throws {
        try await withSandbox {
            $0.answerMilliseconds = 1_000_000_000
        } _: { sandbox in
            let handler = try handler(sandbox.service())
            let lease = TestLease(endsAfterBegin: true)
            try await handler.work((1...10).map { callTask($0) }, under: lease)
            await handler.shutdown()
            #expect(lease.finished.values.allSatisfy { $0.code == .rejectedByDialer })
            #expect(Set(lease.released).union(lease.finished.keys) == Set((1...10).map { TaskID("call-\($0)") }))
            let lines = try sandbox.lines()
            let left = Dictionary(lines.map { ($0.task, $0.isWithdrawn) }) { _, last in last }
            #expect(!left.isEmpty && left.values.allSatisfy { $0 }, "got \(left)")
        }
    }
}
