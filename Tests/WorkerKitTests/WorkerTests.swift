// Owns: examples of a whole worker on a real connection: journal, link, machine and handler together.
@testable import Arrears
@testable import Leasing
import Testing
@testable import Wire

@testable import WorkerKit

@Suite("A worker on a real connection", .timeLimit(.minutes(1))) struct WorkerTests {
    /// Begins all, finishes what may start.
    private let sendsAll = FakeHandler(onWork: { tasks, lease in
        let go = try await lease.begin(tasks.map(\.id))
        try await lease.finish(tasks.filter { go.contains($0.id) }.map { made($0.id) })
    })

    @Test func `Lease, work, report, acknowledgement, more work; nothing is left in the journal`() async throws {
        let coordinator = try await FakeCoordinator()
        let directory = try Directory()
        let worker = try RunningWorker(directory, port: coordinator.port, handler: sendsAll)
        let session = await coordinator.session()
        let hello = try #require(await session.hello())
        #expect(hello.worker == "w1" && hello.incarnation == 42 && hello.stages == [StageName(.sms)])
        let request = await session.request()
        #expect(request?.credit == 4)
        session.grant(request, lease(1), sms("a", "b", "c", "d"))
        let report = await session.report()
        #expect(report?.outcomes.map(\.task) == ["a", "b", "c", "d"])
        #expect(try worker.journal.entries().count == 4)
        session.acknowledge(report)
        #expect(await session.request()?.credit == 4)
        #expect(try await worker.stop() == .drained)
        #expect(await session.receive() == .goodbye(reason: "drained"))
        let journal = try Journal(directory: directory.path)
        #expect(try journal.entries().isEmpty)
        journal.close()
    }

    @Test func `A link that breaks before the acknowledgement: the report is said again on the next`() async throws {
        let coordinator = try await FakeCoordinator()
        let directory = try Directory()
        let worker = try RunningWorker(directory, port: coordinator.port, handler: sendsAll)
        let first = await coordinator.session()
        _ = await first.hello()
        first.grant(await first.request(), lease(1), sms("a"))
        let report = try #require(await first.report())
        await first.close()
        let second = await coordinator.session()
        #expect(await second.hello()?.incarnation == 42)
        #expect(await second.report() == report)
        second.acknowledge(report)
        #expect(try await worker.stop() == .drained)
    }

    @Test func `A coordinator that is not there yet is waited for`() async throws {
        let absent = try await FakeCoordinator()
        let port = absent.port
        await absent.close()
        let directory = try Directory()
        let worker = try RunningWorker(directory, port: port, handler: sendsAll)
        let coordinator = try await FakeCoordinator(port: port)
        #expect(await coordinator.session().hello() != nil)
        #expect(try await worker.stop() == .drained)
    }

    @Test func `Under a lease that is lost nothing is begun, and the tasks are given back`() async throws {
        let coordinator = try await FakeCoordinator()
        let directory = try Directory()
        let (allowed, answer) = AsyncStream<Set<TaskID>>.makeStream()
        let handler = FakeHandler(onWork: { tasks, lease in
            while !lease.isEnding { await Task.yield() }
            answer.yield(try await lease.begin(tasks.map(\.id)))
        })
        let worker = try RunningWorker(directory, port: coordinator.port, handler: handler)
        let session = await coordinator.session()
        _ = await session.hello()
        session.grant(await session.request(), lease(0xdead), sms("a", "b"))
        #expect(await allowed.first { _ in true } == [])
        let release = await session.release()
        #expect(release?.tasks == ["a", "b"])
        session.acknowledge(release)
        #expect(try await worker.stop() == .drained)
    }

    @Test
    func `Started again with an intent and a result in its journal: the result is said again, the intent asked about`()
        async throws
    {
        let directory = try Directory()
        let before = try Journal(directory: directory.path)
        try await before.take(sms("done", "half", "gone", "new"), under: lease(3))
        try await before.begin(["done", "half", "gone"], under: lease(3))
        try await before.finish([made("done")], under: lease(3))
        before.close()

        let coordinator = try await FakeCoordinator()
        let (seen, see) = AsyncStream<[WorkTask]>.makeStream()
        let handler = FakeHandler(onWork: { tasks, lease in
            see.yield(tasks)
            #expect(try await lease.begin(tasks.map(\.id)) == [], "an intent from before a restart is only asked about")
            try await lease.finish([Outcome(task: "half", attempt: .neverSeen, code: .madeResultUnknown)])
            // A handler that cannot ask may not give back: that would have it done again.
            try await lease.release(["gone"])
        })
        let worker = try RunningWorker(directory, port: coordinator.port, handler: handler)
        let asked = await seen.first { _ in true }
        #expect(asked?.map(\.id) == ["half", "gone"])
        #expect(asked?.map(\.mode) == [.inquire, .inquire])

        let session = await coordinator.session()
        _ = await session.hello()
        var attempts: [TaskID: Attempt] = [:]
        var released: [TaskID] = []
        var requested: Message.LeaseRequest?
        while requested == nil, let message = await session.receive() {
            switch message {
            case .report(let report):
                #expect(report.lease == lease(3))
                for outcome in report.outcomes { attempts[outcome.task] = outcome.attempt }
                session.acknowledge(report)
            case .release(let release):
                released += release.tasks
                session.acknowledge(release)
            case .leaseRequest(let request): requested = request
            default: Issue.record("unexpected \(message.name)")
            }
        }
        #expect(attempts == ["done": .made, "half": .neverSeen, "gone": .unknown])
        #expect(released == ["new"])
        #expect(try await worker.stop() == .drained)
    }

    @Test func `The journal of a worker that has gone is settled in its name, without asking for work`() async throws {
        let directory = try Directory()
        let before = try Journal(directory: directory.path)
        try await before.take(sms("done", "half", "new"), under: lease(3))
        try await before.begin(["done", "half"], under: lease(3))
        try await before.finish([made("done")], under: lease(3))
        before.close()

        let coordinator = try await FakeCoordinator()
        let handler = FakeHandler(
            onWork: { tasks, lease in
                try await lease.finish(
                    tasks.map { Outcome(task: $0.id, attempt: .neverSeen, code: .madeResultUnknown) })
            }, onTend: { _ in Issue.record("there is no news to look for") })
        let configuration = WorkerConfiguration(
            host: "127.0.0.1", port: coordinator.port, name: "w1", dataDirectory: directory.path, incarnation: 43)
        let settled = Task { try await Worker.settle(configuration, logger: .silent) { _ in handler } }
        let session = await coordinator.session()
        #expect(await session.hello()?.worker == "w1")
        var attempts: [TaskID: Attempt] = [:]
        var released: [TaskID] = []
        while let message = await session.receive() {
            switch message {
            case .report(let report):
                for outcome in report.outcomes { attempts[outcome.task] = outcome.attempt }
                session.acknowledge(report)
            case .release(let release):
                #expect(release.isAfterRestart, "the delivery counts: its process died")
                released += release.tasks
                session.acknowledge(release)
            case .goodbye: break
            default: Issue.record("unexpected \(message.name)")
            }
        }
        #expect(attempts == ["done": .made, "half": .neverSeen])
        #expect(released == ["new"])
        #expect(try await settled.value, "nothing is left in the journal")
        #expect(try await Worker.settle(configuration, logger: .silent) { _ in handler }, "nor is there a second time")
    }

    @Test func `Draining finishes what was begun and gives back the rest; nothing is begun afterwards`() async throws {
        let coordinator = try await FakeCoordinator()
        let directory = try Directory()
        let (begun, didBegin) = AsyncStream<Void>.makeStream()
        let handler = FakeHandler(onWork: { tasks, lease in
            #expect(try await lease.begin(["a"]) == ["a"])
            didBegin.yield()
            while !lease.isEnding { await Task.yield() }
            #expect(try await lease.begin(["b"]) == [])
            try await lease.finish([made("a")])
        })
        let worker = try RunningWorker(directory, port: coordinator.port, capacity: 2, handler: handler)
        let session = await coordinator.session()
        _ = await session.hello()
        session.grant(await session.request(), lease(1), sms("a", "b"))
        _ = await begun.first { _ in true }
        await worker.runtime.drain()
        let release = await session.release()
        #expect(release?.tasks == ["b"])
        session.acknowledge(release)
        let report = await session.report()
        #expect(report?.outcomes == [made("a")])
        session.acknowledge(report)
        #expect(await session.receive() == .goodbye(reason: "drained"))
        #expect(try await worker.exit.value == .drained)
        worker.journal.close()
    }

    @Test func `A refusal ends the worker and says why`() async throws {
        let coordinator = try await FakeCoordinator(greet: { _ in
            .refused(Message.Refused(code: .unknownStage, message: "stage: expected call, got sms"))
        })
        let directory = try Directory()
        let worker = try RunningWorker(directory, port: coordinator.port, handler: sendsAll)
        #expect(try await worker.exit.value == .refused(.unknownStage, "stage: expected call, got sms"))
        worker.journal.close()
    }

    @Test func `A journal that cannot be written ends the worker before the world is touched`() async throws {
        let coordinator = try await FakeCoordinator()
        let directory = try Directory()
        let (opened, open) = AsyncStream<Void>.makeStream()
        let handler = FakeHandler(onWork: { tasks, lease in
            _ = await opened.first { _ in true }
            let go = try await lease.begin(tasks.map(\.id))
            Issue.record("expected the journal's error, got \(go)")
        })
        let worker = try RunningWorker(directory, port: coordinator.port, handler: handler)
        let session = await coordinator.session()
        _ = await session.hello()
        session.grant(await session.request(), lease(1), sms("a"))
        while try worker.journal.entries().isEmpty { await Task.yield() }
        worker.journal.close()
        open.yield()
        guard case .journalFailed = try await worker.exit.value else {
            Issue.record("expected the worker to end with its journal")
            return
        }
    }

    @Test func `Content that cannot be read never reaches the handler, and is reported as not done`() async throws {
        let coordinator = try await FakeCoordinator()
        let directory = try Directory()
        let worker = try RunningWorker(directory, port: coordinator.port, handler: sendsAll)
        let session = await coordinator.session()
        _ = await session.hello()
        var tasks = sms("a")
        tasks[0].content = [0xff]
        session.grant(await session.request(), lease(1), tasks)
        let report = await session.report()
        #expect(report?.outcomes.map(\.attempt) == [.notMade])
        #expect(report?.outcomes.map(\.code) == [.invalidContent])
        session.acknowledge(report)
        #expect(try await worker.stop() == .drained)
    }

    @Test func `What a handler began and left without an outcome is reported as unknown`() async throws {
        let coordinator = try await FakeCoordinator()
        let directory = try Directory()
        let handler = FakeHandler(onWork: { tasks, lease in _ = try await lease.begin(tasks.map(\.id)) })
        let worker = try RunningWorker(directory, port: coordinator.port, handler: handler)
        let session = await coordinator.session()
        _ = await session.hello()
        session.grant(await session.request(), lease(1), sms("a"))
        let report = await session.report()
        #expect(report?.outcomes.map(\.attempt) == [.unknown])
        session.acknowledge(report)
        #expect(try await worker.stop() == .drained)
    }

    @Test func `News about earlier tasks: the handler goes on when the coordinator has it`() async throws {
        let coordinator = try await FakeCoordinator()
        let directory = try Directory()
        let (known, know) = AsyncStream<Void>.makeStream()
        let event = CaseEvent(id: "file:1", task: "a", kind: .payment)
        let handler = FakeHandler(
            onWork: { _, _ in },
            onTend: { report in
                try await report([event])
                know.yield()
            })
        let worker = try RunningWorker(directory, port: coordinator.port, handler: handler)
        let session = await coordinator.session()
        _ = await session.hello()
        var news: Message.EventReport?
        while news == nil, let message = await session.receive() {
            if case .eventReport(let report) = message { news = report }
        }
        #expect(news?.events == [event])
        session.send(.eventAck(Message.EventAck(report: news?.id ?? 0)))
        _ = await known.first { _ in true }
        #expect(try await worker.stop() == .drained)
    }

    @Test func `All faults of a configuration are told together`() {
        let configuration = WorkerConfiguration(
            host: "", port: 0, name: "a b", dataDirectory: "/tmp", capacity: 0, incarnation: 1,
            tls: WorkerConfiguration.TLS(certificate: "c.pem"))
        #expect(configuration.faults.count == 5)
    }
}
