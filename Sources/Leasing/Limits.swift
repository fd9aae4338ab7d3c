// Owns: every limit of the lease protocol, with its unit and reason, and the relations between them.

/// The numbers of the lease protocol.
package struct Limits: Hashable, Sendable {
    /// A frame's payload before the handshake is done: a Hello fits easily, an attacker's buffer does not.
    package var handshakeFrameBytes = 4 * 1024
    /// A frame's payload after it: 500 tasks of a long content.
    package var frameBytes = 1024 * 1024
    /// No Hello within this: the connection closes.
    package var handshakeMilliseconds: Int64 = 5_000
    /// How long a lease lasts unless extended.
    package var leaseMilliseconds: Int64 = 30_000
    /// How often a worker speaks at least, leases held or not.
    package var heartbeatMilliseconds: Int64 = 5_000
    /// A worker starts nothing when less than this is left of its lease. As long as the inquiry delay: then a contact whose worker
    /// vanished is asked about as soon as its lease ends. It costs nothing while heartbeats are answered.
    package var safetyMarginMilliseconds: Int64 = 10_000
    /// So long after the last moment at which an attempt may have begun, the outside is asked about it. What was
    /// on its way has arrived by then.
    package var inquiryDelayMilliseconds: Int64 = 10_000
    package var tasksPerLease = 500
    /// A task's content, checked when it is planned: the longest, a legal case with its history, is granted in one frame.
    package var contentBytes = 256 * 1024
    /// Leased more often than this without an outcome: set aside.
    package var deliveriesPerTask = 8
    /// The outside is asked this often about one uncertain attempt; then a person decides. The same for every store,
    /// so that a task's story never depends on where it is kept.
    /// Tasks of one lease that a heartbeat's reply names as cancelled, at most: the next names others.
    package static let cancelledPerLease = 500
    package static let inquiriesPerTask = 3
    /// Inputs that one turn of the loop takes into one transaction.
    package var inputsPerTurn = 256
    /// Messages of one connection that wait for the loop, from which on nothing more is read from it.
    package var messagesPerSession = 16
    /// Connections at once: fewer than a process has descriptors, or accepting would turn in circles.
    package var connections = 512
    package var connectionsPerAddress = 128
    /// Of them, those that have not said who they are: silence costs its own address, not the others'.
    package var strangersPerAddress = 16
    /// Bytes waiting to be read by one worker, over which it is cut off.
    package var sessionBacklogBytes = 16 * 1024 * 1024

    /// How many tasks one grant takes when the first of them was leased before without an outcome: fewer each time, so that
    /// a task at which workers die is soon alone, and those beside it are done.
    package static func batch(of credit: Int, afterDeliveries deliveries: Int) -> Int {
        max(1, credit >> min(2 * deliveries, Int.bitWidth - 2))
    }

    /// A connection on which nothing was heard for so long is closed: its peer speaks three times as often.
    package var silenceMilliseconds: Int64 { 3 * heartbeatMilliseconds }

    package init() {}

    /// The relations that do not hold, in words; empty when all do.
    package var faults: [String] {
        var faults: [String] = []
        func expect(_ holds: Bool, _ fault: String) { if !holds { faults.append(fault) } }
        expect(handshakeFrameBytes >= 1024, "handshakeFrameBytes: expected 1024 or more, got \(handshakeFrameBytes)")
        expect(
            frameBytes >= handshakeFrameBytes,
            "frameBytes: expected handshakeFrameBytes (\(handshakeFrameBytes)) or more, got \(frameBytes)")
        expect(
            contentBytes + 1024 <= frameBytes,
            "contentBytes: expected frameBytes − 1024 (\(frameBytes - 1024)) or less, got \(contentBytes)")
        expect(
            leaseMilliseconds >= 3 * heartbeatMilliseconds,
            "leaseMilliseconds: expected 3 × heartbeatMilliseconds (\(3 * heartbeatMilliseconds)) or more, got \(leaseMilliseconds)"
        )
        expect(
            safetyMarginMilliseconds * 2 <= leaseMilliseconds,
            "safetyMarginMilliseconds: expected half of leaseMilliseconds (\(leaseMilliseconds / 2)) or less, got \(safetyMarginMilliseconds)"
        )
        expect(
            heartbeatMilliseconds >= 100, "heartbeatMilliseconds: expected 100 or more, got \(heartbeatMilliseconds)")
        expect(tasksPerLease >= 1, "tasksPerLease: expected 1 or more, got \(tasksPerLease)")
        expect(deliveriesPerTask >= 1, "deliveriesPerTask: expected 1 or more, got \(deliveriesPerTask)")
        expect(messagesPerSession >= 1, "messagesPerSession: expected 1 or more, got \(messagesPerSession)")
        expect(inputsPerTurn >= 1, "inputsPerTurn: expected 1 or more, got \(inputsPerTurn)")
        return faults
    }
}
