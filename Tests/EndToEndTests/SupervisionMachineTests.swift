// Owns: the order in which a set of processes is started and stopped, without any process.
import Testing

@testable import recoup

@Suite("The order of a set of processes")
struct SupervisionMachineTests {
    /// The world, the coordinator that leads, two workers.
    private let members: [SupervisionMachine.Member] = [
        .init(name: "world", announces: true, stopGroup: 2, isLead: false),
        .init(name: "lead", announces: true, stopGroup: 1, isLead: true),
        .init(name: "a", announces: false, stopGroup: 0, isLead: false),
        .init(name: "b", announces: false, stopGroup: 0, isLead: false),
    ]

    private func running() -> SupervisionMachine {
        var machine = SupervisionMachine(members)
        _ = machine.begin(now: 0)
        _ = machine.announced("world", now: 1)
        _ = machine.announced("lead", now: 2)
        return machine
    }

    @Test func `Each is started when the one before it has announced itself`() {
        var machine = SupervisionMachine(members)
        #expect(machine.begin(now: 0) == [.start("world")])
        #expect(machine.announced("lead", now: 1) == [], "it has not been started")
        #expect(machine.announced("world", now: 1) == [.start("lead")])
        #expect(!machine.isRunning)
        #expect(machine.announced("lead", now: 2) == [.start("a"), .start("b")])
        #expect(machine.isRunning)
    }

    @Test func `When the lead ends well the workers are asked first, then the world, and the set is done`() {
        var machine = running()
        #expect(machine.ended("lead", .exited(0), now: 3) == [.ask("a"), .ask("b")])
        #expect(machine.ended("b", .exited(0), now: 4) == [])
        #expect(machine.ended("a", .exited(0), now: 5) == [.ask("world")])
        #expect(machine.ended("world", .exited(0), now: 6) == [.finish(.done)])
    }

    @Test func `When a worker dies the others are stopped in order, and the reason is kept`() {
        var machine = running()
        #expect(machine.ended("a", .signalled(9), now: 3) == [.ask("b")])
        #expect(machine.ended("b", .exited(0), now: 4) == [.ask("lead")])
        #expect(machine.ended("lead", .exited(5), now: 5) == [.ask("world")])
        #expect(machine.ended("world", .signalled(9), now: 6) == [.finish(.died("a", .signalled(9)))])
    }

    @Test func `The lead's own exit code is kept, also while the set is still starting`() {
        var machine = SupervisionMachine(members)
        _ = machine.begin(now: 0)
        _ = machine.announced("world", now: 1)
        #expect(machine.ended("lead", .exited(4), now: 2) == [.ask("world")])
        #expect(machine.ended("world", .exited(0), now: 3) == [.finish(.leadFailed(4))])
    }

    @Test func `A worker that ends by itself, even well, ends the set: its work would stay undone`() {
        var machine = running()
        _ = machine.ended("a", .exited(0), now: 3)
        _ = machine.ended("b", .exited(0), now: 4)
        _ = machine.ended("lead", .exited(5), now: 5)
        #expect(machine.ended("world", .exited(0), now: 6) == [.finish(.died("a", .exited(0)))])
    }

    @Test func `Who does not end in time is killed; a second signal kills all at once`() {
        var machine = running()
        #expect(machine.signalled(2, now: 10) == [.ask("a"), .ask("b")])
        let deadline = 10 + SupervisionMachine.graceMilliseconds
        #expect(machine.tick(now: deadline - 1) == [])
        #expect(machine.tick(now: deadline) == [.kill("a"), .kill("b")])
        #expect(machine.tick(now: deadline + 1) == [], "once is enough")
        _ = machine.ended("a", .signalled(9), now: deadline + 2)
        #expect(machine.ended("b", .signalled(9), now: deadline + 2) == [.ask("lead")])
        #expect(machine.signalled(2, now: deadline + 3) == [.kill("lead"), .kill("world")])
        _ = machine.ended("world", .signalled(9), now: deadline + 4)
        #expect(machine.ended("lead", .signalled(9), now: deadline + 4) == [.finish(.asked(signal: 2))])
    }

    @Test func `Signals that come together are one wish`() {
        var machine = running()
        #expect(machine.signalled(2, now: 10) == [.ask("a"), .ask("b")])
        #expect(machine.signalled(2, now: 10) == [])
        #expect(machine.signalled(15, now: 1_009) == [])
        #expect(machine.signalled(2, now: 1_010) == [.kill("a"), .kill("b"), .kill("lead"), .kill("world")])
    }

    @Test func `Who never announces itself ends the set`() {
        var machine = SupervisionMachine(members)
        _ = machine.begin(now: 0)
        #expect(machine.tick(now: SupervisionMachine.announceMilliseconds - 1) == [])
        #expect(machine.tick(now: SupervisionMachine.announceMilliseconds) == [.ask("world")])
        #expect(machine.ended("world", .exited(0), now: 1_000_000) == [.finish(.silent("world"))])
    }
}
