// Owns: in which order a set of processes is started, watched and stopped. Knows no process, file or clock.

/// The life of a set of processes, as a value: events go in, directives come out.
///
/// ```
/// starting (one after the other, each when the one before it has announced itself) ─▶ running
///     │                                                                                  │
///     └── a child ended, a signal came, time is up ──▶ stopping ◀── the lead ended ──────┘
///                                          (group by group: workers, coordinator, outside world) ─▶ ended
/// ```
struct SupervisionMachine {
    /// One process of the set.
    struct Member: Hashable {
        var name: String
        /// The next member is started when this one has announced itself.
        var announces: Bool
        /// Members of the lowest group are stopped first.
        var stopGroup: Int
        /// The set has done its work when this member ends with exit code 0.
        var isLead: Bool
    }

    enum Directive: Hashable {
        case start(String)
        /// End its standard input and ask it to terminate.
        case ask(String)
        case kill(String)
        case finish(Ending)
    }

    /// Why the set ended.
    enum Ending: Hashable {
        /// The lead ended well.
        case done
        /// The lead ended with an exit code of its own.
        case leadFailed(Int32)
        case died(String, ProcessEnd)
        case asked(signal: Int32)
        /// It did not announce itself in time.
        case silent(String)
    }

    private enum Phase: Hashable {
        case starting(index: Int, since: Int64)
        case running
        case stopping(Ending, group: Int, since: Int64, killed: Bool)
        case ended
    }

    /// A child must announce itself within this; a slow machine loading a large ledger is allowed for.
    static let announceMilliseconds: Int64 = 120_000
    /// A child that was asked to end is killed after this: longer than any drain takes.
    static let graceMilliseconds: Int64 = 20_000
    /// Signals that come together are one wish.
    static let sameWishMilliseconds: Int64 = 1_000

    private let members: [Member]
    private var phase: Phase
    private var askedAt: Int64?
    private var alive: Set<String> = []

    init(_ members: [Member]) {
        precondition(members.filter(\.isLead).count == 1, "expected one lead, got \(members)")
        self.members = members
        self.phase = .starting(index: 0, since: 0)
    }

    var isRunning: Bool { phase == .running }

    mutating func begin(now: Int64) -> [Directive] { startMember(0, now: now) }

    mutating func announced(_ name: String, now: Int64) -> [Directive] {
        guard case .starting(let index, _) = phase, members[index].name == name else { return [] }
        return startMember(index + 1, now: now)
    }

    mutating func ended(_ name: String, _ end: ProcessEnd, now: Int64) -> [Directive] {
        alive.remove(name)
        switch phase {
        case .starting, .running:
            return stop(ending(of: name, end), now: now)
        case .stopping(let ending, let group, let since, let killed):
            return advance(ending, group: group, since: since, killed: killed, now: now)
        case .ended:
            return []
        }
    }

    mutating func signalled(_ signal: Int32, now: Int64) -> [Directive] {
        switch phase {
        case .starting, .running:
            askedAt = now
            return stop(.asked(signal: signal), now: now)
        case .stopping(let ending, let group, let since, _):
            // One wish may come as two signals, such as from `timeout`, which tells the process and then its group.
            if let askedAt, now - askedAt < Self.sameWishMilliseconds { return [] }
            // The second time the person means it: all at once.
            phase = .stopping(ending, group: group, since: since, killed: true)
            return alive.sorted().map(Directive.kill)
        case .ended:
            return []
        }
    }

    mutating func tick(now: Int64) -> [Directive] {
        switch phase {
        case .starting(let index, let since) where now - since >= Self.announceMilliseconds:
            return stop(.silent(members[index].name), now: now)
        case .stopping(let ending, let group, let since, false) where now - since >= Self.graceMilliseconds:
            phase = .stopping(ending, group: group, since: since, killed: true)
            return aliveMembers(of: group).map(Directive.kill)
        case .starting, .running, .stopping, .ended:
            return []
        }
    }

    private mutating func startMember(_ first: Int, now: Int64) -> [Directive] {
        var directives: [Directive] = []
        var index = first
        while index < members.count {
            let member = members[index]
            alive.insert(member.name)
            directives.append(.start(member.name))
            if member.announces {
                phase = .starting(index: index, since: now)
                return directives
            }
            index += 1
        }
        phase = .running
        return directives
    }

    private func ending(of name: String, _ end: ProcessEnd) -> Ending {
        let isLead = members.contains { $0.name == name && $0.isLead }
        switch end {
        case .exited(0) where isLead: return .done
        case .exited(let code) where isLead: return .leadFailed(code)
        case .exited, .signalled: return .died(name, end)
        }
    }

    private mutating func stop(_ ending: Ending, now: Int64) -> [Directive] {
        let first = members.map(\.stopGroup).min() ?? 0
        return askGroup(first, ending, now: now)
    }

    private mutating func advance(
        _ ending: Ending, group: Int, since: Int64, killed: Bool, now: Int64
    ) -> [Directive] {
        if !aliveMembers(of: group).isEmpty { return [] }
        return askGroup(group + 1, ending, now: now)
    }

    /// Asks the first group at or after `first` in which somebody lives; ends the set when there is none.
    private mutating func askGroup(_ first: Int, _ ending: Ending, now: Int64) -> [Directive] {
        let groups = Set(members.map(\.stopGroup)).filter { $0 >= first }.sorted()
        for group in groups {
            let names = aliveMembers(of: group)
            if names.isEmpty { continue }
            phase = .stopping(ending, group: group, since: now, killed: false)
            return names.map(Directive.ask)
        }
        phase = .ended
        return [.finish(ending)]
    }

    private func aliveMembers(of group: Int) -> [String] {
        members.filter { $0.stopGroup == group && alive.contains($0.name) }.map(\.name)
    }
}
