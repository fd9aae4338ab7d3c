// Owns: running a set of children of this executable from start to end. The order of things stands in
// SupervisionMachine; what each child is for stands in EmbeddedSet.
import Foundation

/// One child to start.
struct ChildPlan {
    var member: SupervisionMachine.Member
    /// The file in which it says where it is found, for those that announce themselves.
    var announcement: String?
    /// Asked for when it is started, so that it may name what was announced before.
    var arguments: () throws -> [String]
}

/// Starts children, watches them, and stops them in order.
final class Supervisor {
    private enum Event: Sendable {
        case ended(pid: Int32, ProcessEnd)
        case signal(Int32)
        case tick
    }

    private let directory: DataDirectory
    private let plans: [ChildPlan]
    private var topology: Topology
    private var machine: SupervisionMachine
    private var children: [String: ChildProcess] = [:]
    /// Those whose standard input was ended already.
    private var asked: Set<String> = []
    private var ending: SupervisionMachine.Ending?
    private let clock = ContinuousClock()
    private let origin = ContinuousClock().now

    /// Called on every tick while all are up; shows progress.
    var whileRunning: () -> Void = {}

    init(directory: DataDirectory, topology: Topology, plans: [ChildPlan]) {
        self.directory = directory
        self.topology = topology
        self.plans = plans
        self.machine = SupervisionMachine(plans.map(\.member))
    }

    /// Returns when every child has ended.
    func run() async throws -> SupervisionMachine.Ending {
        let (events, feed) = AsyncStream.makeStream(of: Event.self)
        let signals = SignalWatch([SIGINT, SIGTERM, SIGHUP]) { feed.yield(.signal($0)) }
        let ticker = DispatchSource.makeTimerSource()
        ticker.setEventHandler { feed.yield(.tick) }
        ticker.schedule(deadline: .now(), repeating: .milliseconds(50))
        ticker.resume()
        defer {
            ticker.cancel()
            signals.end()
            for child in children.values where child.identity.isAlive { kill(child.pid, SIGKILL) }
        }
        topology.supervisor = ProcessIdentity.current
        topology.running = []
        try writeJSON(topology, to: directory.topology)
        try perform(machine.begin(now: now), feed)
        for await event in events {
            try perform(directives(for: event), feed)
            if let ending {
                topology.supervisor = nil
                topology.running = []
                try writeJSON(topology, to: directory.topology)
                return ending
            }
        }
        preconditionFailure("the supervisor's events ended before its children did: \(children.keys.sorted())")
    }

    private var now: Int64 {
        let elapsed = clock.now - origin
        return elapsed.components.seconds * 1_000 + elapsed.components.attoseconds / 1_000_000_000_000_000
    }

    private func directives(for event: Event) -> [SupervisionMachine.Directive] {
        switch event {
        case .ended(let pid, let end):
            guard let name = children.first(where: { $0.value.pid == pid })?.key else { return [] }
            if !asked.contains(name) { children[name]?.endInput() }
            children[name] = nil
            return machine.ended(name, end, now: now)
        case .signal(let number):
            return machine.signalled(number, now: now)
        case .tick:
            if machine.isRunning { whileRunning() }
            for plan in plans {
                guard let file = plan.announcement, let child = children[plan.member.name],
                    directory.announcement(at: file)?.pid == child.pid
                else { continue }
                let directives = machine.announced(plan.member.name, now: now)
                if !directives.isEmpty { return directives }
            }
            return machine.tick(now: now)
        }
    }

    private func perform(_ directives: [SupervisionMachine.Directive], _ feed: AsyncStream<Event>.Continuation) throws {
        for action in directives {
            switch action {
            case .start(let name): try start(name, feed)
            case .ask(let name):
                guard let child = children[name], asked.insert(name).inserted else { continue }
                child.endInput()
                child.identity.send(SIGTERM)
            case .kill(let name): children[name]?.identity.send(SIGKILL)
            case .finish(let reason): ending = reason
            }
        }
    }

    private func start(_ name: String, _ feed: AsyncStream<Event>.Continuation) throws {
        guard let plan = plans.first(where: { $0.member.name == name }) else {
            preconditionFailure("expected a plan for \(name), got \(plans.map(\.member.name))")
        }
        // What an earlier process announced must not be taken for this one's word.
        if let file = plan.announcement { unlink(file) }
        let child = try ChildProcess.start(arguments: plan.arguments(), log: directory.log(name)) { pid, end in
            feed.yield(.ended(pid: pid, end))
        }
        children[name] = child
        topology.running.append(Topology.Running(name: name, process: child.identity))
        try writeJSON(topology, to: directory.topology)
    }
}
