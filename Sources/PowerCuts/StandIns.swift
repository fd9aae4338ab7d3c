// Owns: what a coordinator's loop is given where nobody listens: an observer, a reserve, and an ear for what it says.
import Coordinator
import DispatchCore
import Ledger
import Synchronization

package struct SilentObserver: CoordinatorObserver {
    package init() {}
    package func listening(host: String, port: Int) {}
    package func progressed(_ progress: RunProgress) {}
    package func workerChanged(_ notice: WorkerNotice) {}
}

package struct EndlessRoom: RoomReserve {
    package init() {}
    package func fill() -> Bool { true }
    package func drop() {}
}

/// Keeps what the loop says to workers until it is asked for.
package final class Ear: Transport {
    private let isDeaf: @Sendable () -> Bool
    private let heard = Mutex<[Directive]>([])

    /// - Parameter isDeaf: what is said meanwhile is lost.
    package init(isDeaf: @escaping @Sendable () -> Bool = { false }) { self.isDeaf = isDeaf }

    package func perform(_ directives: [Directive]) {
        if !isDeaf() { heard.withLock { $0 += directives } }
    }

    package func take() -> [Directive] {
        heard.withLock { all in
            defer { all = [] }
            return all
        }
    }
}
