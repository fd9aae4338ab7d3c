// Owns: connections between workers and the coordinator: order within one direction, delay, loss, partition. Knows nothing
// of what is said.
import DispatchCore
import Leasing
import SystemParts

/// One connection. Each end learns of the other's end late, or much later when it is half open.
final class Connection {
    let session: SessionID
    let worker: Int
    var isOpenAtWorker = true
    var isOpenAtCoordinator = true
    /// What is under way is lost.
    var isCut = false
    fileprivate var lastToWorker: Int64 = 0
    fileprivate var lastToCoordinator: Int64 = 0

    init(session: SessionID, worker: Int) {
        self.session = session
        self.worker = worker
    }
}

/// The worker's end of its connections.
protocol WorkerEnd: AnyObject {
    func read(_ message: Message, from connection: Connection)
    func closed(_ connection: Connection)
}

/// The coordinator's end of all connections.
protocol CoordinatorEnd: AnyObject {
    var isUp: Bool { get }
    func accept(_ connection: Connection)
    func receive(_ input: Input)
    func closed(_ connection: Connection)
}

final class Network {
    /// Set before the first connection is made.
    weak var coordinator: (any CoordinatorEnd)?
    var workers: [any WorkerEnd] = []
    private unowned let play: Play
    private var random: SplitMix64
    private var sessions: UInt64 = 0
    private var connections: [Connection] = []
    /// Until when a worker's host is cut off; what is sent meanwhile arrives after.
    private var partitioned: [Int: Int64] = [:]

    init(_ play: Play) {
        self.play = play
        random = SplitMix64(seed: play.scenario.seed, kind: 2, index: 0)
    }

    func partition(_ worker: Int, for milliseconds: Int64) {
        partitioned[worker] = max(partitioned[worker] ?? 0, play.now + milliseconds)
    }

    private func delay(_ worker: Int) -> Int64 {
        let healed = max(0, (partitioned[worker] ?? 0) - play.now)
        let way = random.chance(300) ? random.within(100...2_000) : random.within(1...30)
        return healed + Int64(way)
    }

    /// How late an end of a connection is noticed.
    private func noticeDelay() -> Int64 {
        Int64(random.chance(2_500) ? random.within(3_000...15_000) : random.within(1...200))
    }

    /// nil when nobody can be reached.
    func connect(_ worker: Int) -> Connection? {
        guard let coordinator, coordinator.isUp, (partitioned[worker] ?? 0) <= play.now else { return nil }
        sessions += 1
        let connection = Connection(session: SessionID(sessions), worker: worker)
        connections.removeAll { !$0.isOpenAtWorker && !$0.isOpenAtCoordinator }
        connections.append(connection)
        coordinator.accept(connection)
        return connection
    }

    func toCoordinator(_ message: Message, on connection: Connection) {
        guard connection.isOpenAtWorker else { return }
        deliver(connection, \.lastToCoordinator) { [self] in
            guard connection.isOpenAtCoordinator, !connection.isCut else { return }
            coordinator?.receive(.message(connection.session, message))
        }
    }

    func toWorker(_ message: Message, on connection: Connection) {
        guard connection.isOpenAtCoordinator else { return }
        deliver(connection, \.lastToWorker) { [self] in
            guard connection.isOpenAtWorker, !connection.isCut else { return }
            workers[connection.worker].read(message, from: connection)
        }
    }

    private func deliver(
        _ connection: Connection, _ last: ReferenceWritableKeyPath<Connection, Int64>, after extra: Int64 = 0,
        _ body: @escaping () -> Void
    ) {
        let at = max(connection[keyPath: last], play.now + delay(connection.worker) + extra)
        connection[keyPath: last] = at
        play.after(at - play.now, body)
    }

    func closeAtWorker(_ connection: Connection) {
        guard connection.isOpenAtWorker else { return }
        connection.isOpenAtWorker = false
        deliver(connection, \.lastToCoordinator, after: noticeDelay()) { [self] in
            coordinator?.closed(connection)
        }
    }

    func closeAtCoordinator(_ connection: Connection) {
        guard connection.isOpenAtCoordinator else { return }
        connection.isOpenAtCoordinator = false
        deliver(connection, \.lastToWorker, after: noticeDelay()) { [self] in
            workers[connection.worker].closed(connection)
        }
    }

    /// The worker's host is gone without a word: only silence tells the coordinator.
    func vanish(_ connection: Connection) {
        connection.isCut = true
        connection.isOpenAtWorker = false
    }

    /// Connections that seem to live at the coordinator and have nobody at the other end, the oldest first.
    var silent: [SessionID] {
        connections.filter { $0.isCut && $0.isOpenAtCoordinator && !$0.isOpenAtWorker }.map(\.session)
    }

    /// Loses a connection of the worker with all that is under way; each end notices in its own time.
    func cut(_ worker: Int) {
        for connection in connections
        where connection.worker == worker && connection.isOpenAtWorker && connection.isOpenAtCoordinator {
            connection.isCut = true
            play.after(noticeDelay()) { [self] in coordinator?.closed(connection) }
            play.after(noticeDelay()) { [self] in workers[worker].closed(connection) }
        }
    }
}
