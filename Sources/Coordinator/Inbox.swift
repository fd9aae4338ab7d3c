// Owns: what waits for the loop, and waiting for it by a clock that never jumps. Knows nothing of what the inputs mean.
import DispatchCore
import Foundation

/// What waits for the loop; filled from any thread.
package final class Inbox: @unchecked Sendable {
    // Every access to `waiting` and `isStopping` holds `changed`.
    private let changed = MonotonicCondition()
    private var waiting: [Input] = []
    private var isStopping = false

    package init() {}

    func add(_ input: Input) {
        changed.held {
            waiting.append(input)
            changed.signal()
        }
    }

    func stop() {
        changed.held {
            isStopping = true
            changed.signal()
        }
    }

    /// Waits until something is there or the time is over, and takes at most `limit`.
    func take(limit: Int, waitMilliseconds: Int64) -> (inputs: [Input], isStopping: Bool) {
        changed.held {
            if waitMilliseconds > 0 {
                let end = MonotonicCondition.moment(in: waitMilliseconds)
                while waiting.isEmpty, !isStopping, changed.wait(until: end) {}
            }
            let inputs = Array(waiting.prefix(limit))
            waiting.removeFirst(inputs.count)
            return (inputs, isStopping)
        }
    }
}

/// A lock that can be waited at. Foundation's waits by the wall clock: set back, it would let the loop sleep for hours.
private final class MonotonicCondition: @unchecked Sendable {
    // Allocated once and freed at the end: POSIX wants both to stay where they are.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        var attributes = pthread_condattr_t()
        let isMade =
            pthread_mutex_init(mutex, nil) == 0 && pthread_condattr_init(&attributes) == 0
            && pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0
            && pthread_cond_init(condition, &attributes) == 0
        precondition(isMade, "the system gave no lock")
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func held<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    func signal() { pthread_cond_signal(condition) }

    /// False when the moment has come. Called while held.
    func wait(until moment: timespec) -> Bool {
        var moment = moment
        return pthread_cond_timedwait(condition, mutex, &moment) == 0
    }

    static func moment(in milliseconds: Int64) -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let nanoseconds = Int64(time.tv_nsec) + milliseconds % 1_000 * 1_000_000
        time.tv_sec += Int(milliseconds / 1_000 + nanoseconds / 1_000_000_000)
        time.tv_nsec = Int(nanoseconds % 1_000_000_000)
        return time
    }
}
