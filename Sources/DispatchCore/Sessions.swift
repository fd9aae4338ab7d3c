// Owns: who is connected and in which phase. Knows nothing of sockets, tasks or the ledger.
import Arrears
import Leasing

/// One connection, numbered by the listener; never used again.
package struct SessionID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    package static func < (left: SessionID, right: SessionID) -> Bool { left.rawValue < right.rawValue }
    package var description: String { String(rawValue) }
}

/// A worker that was welcomed.
struct WorkerSession: Hashable, Sendable {
    var worker: WorkerID
    var incarnation: UInt64
    var stages: Set<Stage>
    var capacity: Int
}

/// A request for work that waits for some.
struct OpenRequest: Hashable, Sendable {
    var session: SessionID
    var requestID: UInt64
    var stage: Stage
    var credit: Int
}

/// The phase that a connection is in.
enum SessionPhase: Hashable, Sendable {
    /// No Hello yet; closed at the deadline.
    case greeting(Principal, deadline: Int64)
    /// Its Hello waits for the end of an older connection of the same worker, until the deadline.
    case waiting(WorkerSession, deadline: Int64)
    /// Silent until the deadline, which every message moves: nobody is there.
    case ready(WorkerSession, deadline: Int64)

    var deadline: Int64 {
        switch self {
        case .greeting(_, let deadline), .waiting(_, let deadline), .ready(_, let deadline): deadline
        }
    }
}

/// All connections, and the requests that wait, the oldest first.
struct Sessions: Sendable {
    private(set) var phases: [SessionID: SessionPhase] = [:]
    private(set) var requests: [OpenRequest] = []

    mutating func open(_ id: SessionID, _ principal: Principal, deadline: Int64) {
        precondition(phases[id] == nil, "session \(id) opened twice")
        phases[id] = .greeting(principal, deadline: deadline)
    }

    mutating func close(_ id: SessionID) {
        phases[id] = nil
        requests.removeAll { $0.session == id }
    }

    mutating func set(_ id: SessionID, _ phase: SessionPhase) {
        precondition(phases[id] != nil, "session \(id) is not open")
        phases[id] = phase
    }

    func phase(_ id: SessionID) -> SessionPhase? { phases[id] }

    func ready(_ id: SessionID) -> WorkerSession? {
        if case .ready(let worker, _) = phases[id] { worker } else { nil }
    }

    /// The session in which this worker is welcome already.
    func session(of worker: WorkerID) -> (id: SessionID, worker: WorkerSession)? {
        for (id, phase) in phases {
            if case .ready(let other, _) = phase, other.worker == worker { return (id, other) }
        }
        return nil
    }

    /// Sessions whose Hello waits, in order of arrival.
    var waiting: [(id: SessionID, worker: WorkerSession, deadline: Int64)] {
        phases.compactMap { id, phase in
            if case .waiting(let worker, let deadline) = phase { (id, worker, deadline) } else { nil }
        }
        .sorted { $0.id < $1.id }
    }

    var readySessions: [(id: SessionID, worker: WorkerSession)] {
        phases.compactMap { id, phase in if case .ready(let worker, _) = phase { (id, worker) } else { nil } }
            .sorted { $0.id < $1.id }
    }

    /// One request may be open per session and stage: a second one replaces the first.
    mutating func add(_ request: OpenRequest) {
        requests.removeAll { $0.session == request.session && $0.stage == request.stage }
        requests.append(request)
    }

    mutating func takeRequests() -> [OpenRequest] {
        defer { requests = [] }
        return requests
    }

    mutating func putBack(_ waiting: [OpenRequest]) { requests = waiting + requests }

    /// The next moment at which a phase ends by itself.
    var nextDeadline: Int64? { phases.values.map(\.deadline).min() }
}
