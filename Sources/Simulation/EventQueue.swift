// Owns: virtual time: what happens next, ordered by moment and then by the order in which it was planned.
import Collections

/// The one queue of a simulation. Moments are milliseconds of virtual time.
struct EventQueue {
    private struct Event: Comparable {
        var at: Int64
        var sequence: UInt64
        var body: () -> Void
        static func < (left: Event, right: Event) -> Bool {
            left.at != right.at ? left.at < right.at : left.sequence < right.sequence
        }
        static func == (left: Event, right: Event) -> Bool { left.sequence == right.sequence }
    }

    private var heap = Heap<Event>()
    private var last: UInt64 = 0
    private(set) var now: Int64 = 0
    private(set) var count = 0

    mutating func add(after delay: Int64, _ body: @escaping () -> Void) {
        precondition(delay >= 0, "an event \(-delay) ms ago")
        last += 1
        heap.insert(Event(at: now + delay, sequence: last, body: body))
    }

    mutating func removeAll() { heap = Heap() }

    /// Moves time to the next event and takes it.
    mutating func next() -> (() -> Void)? {
        guard let event = heap.popMin() else { return nil }
        now = event.at
        count += 1
        return event.body
    }
}
