// Owns: the bounds of every field, and the checks that hold them. Knows nothing of what a field is for.
import Arrears
import Leasing

/// Bounds of fields: bytes of UTF-8 or counts. Generous for honest peers, small enough that a frame is never surprising.
enum Bounds {
    static let workerIDBytes = 64
    static let taskIDBytes = 128
    static let stageNameBytes = 64
    static let stages = 64
    static let softwareBytes = 256
    /// Tasks that a worker may hold, or ask for.
    static let credit = 1_000_000
    static let messageBytes = 2_048
    static let evidenceBytes = 4_096
    static let details = 64
    static let detailNameBytes = 64
    static let detailBytes = 1_024
    static let eventIDBytes = 512
    static let timeBytes = 64
    /// Any text of a task's content.
    static let contentTextBytes = 8_192
    static let contentItems = 10_000
}

enum Check {
    static func text(_ value: String, upTo limit: Int, _ name: String) throws(WireError) -> String {
        guard value.utf8.count <= limit else {
            throw .field(name, expected: "at most \(limit) bytes", got: "\(value.utf8.count) bytes")
        }
        return value
    }

    static func nonEmpty(_ value: String, upTo limit: Int, _ name: String) throws(WireError) -> String {
        guard !value.isEmpty else { throw .field(name, expected: "1–\(limit) bytes", got: "none") }
        return try text(value, upTo: limit, name)
    }

    /// A name that may stand in a log or a path: visible ASCII.
    static func visible(_ value: String, upTo limit: Int, _ name: String) throws(WireError) -> String {
        let value = try nonEmpty(value, upTo: limit, name)
        guard value.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw .field(name, expected: "visible ASCII characters", got: "others")
        }
        return value
    }

    static func number<Value: BinaryInteger>(
        _ value: Value, in range: ClosedRange<Int64>, _ name: String
    ) throws(WireError) -> Int64 {
        guard let exact = Int64(exactly: value), range.contains(exact) else {
            throw .field(name, expected: "\(range.lowerBound)–\(range.upperBound)", got: "\(value)")
        }
        return exact
    }

    static func worker(_ value: String) throws(WireError) -> WorkerID {
        let name = "worker_id"
        let value = try nonEmpty(value, upTo: Bounds.workerIDBytes, name)
        let isAllowed = value.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isAllowed else { throw .field(name, expected: "characters of [A-Za-z0-9._-]", got: "others") }
        return WorkerID(value)
    }

    static func task(_ value: String, _ name: String = "task_id") throws(WireError) -> TaskID {
        TaskID(try visible(value, upTo: Bounds.taskIDBytes, name))
    }

    static func tasks(_ values: [String], _ name: String) throws(WireError) -> [TaskID] {
        var tasks: [TaskID] = []
        tasks.reserveCapacity(values.count)
        for value in values { tasks.append(try task(value, name)) }
        return tasks
    }

    static func stageName(_ value: String) throws(WireError) -> StageName {
        StageName(try visible(value, upTo: Bounds.stageNameBytes, "stage"))
    }

    static func lease(_ id: UInt64, _ name: String = "lease_id") throws(WireError) -> LeaseID {
        guard id != 0 else { throw .field(name, expected: "not 0", got: 0) }
        return LeaseID(id)
    }

    static func leaseKey(_ id: UInt64, _ epoch: UInt64) throws(WireError) -> LeaseKey {
        guard epoch != 0 else { throw .field("epoch", expected: "not 0", got: 0) }
        return LeaseKey(id: try lease(id), epoch: Epoch(epoch))
    }

    /// Empty is nil.
    static func optionalDate(_ value: String, _ name: String) throws(WireError) -> CalendarDate? {
        value.isEmpty ? nil : try date(value, name)
    }

    static func date(_ value: String, _ name: String) throws(WireError) -> CalendarDate {
        guard let date = CalendarDate(iso: value) else {
            throw .field(name, expected: "YYYY-MM-DD", got: "\(value.utf8.count) bytes that are no date")
        }
        return date
    }

    static func money(_ value: Recoup_V1_Money, _ name: String) throws(WireError) -> Money {
        guard let currency = Currency(value.currency) else {
            throw .field(name, expected: "an ISO 4217 currency", got: "another \(value.currency.utf8.count) bytes")
        }
        return try amount(Money(minorUnits: value.minorUnits, currency: currency), name)
    }

    /// Whoever adds amounts up relies on their bound.
    static func amount(_ value: Money, _ name: String) throws(WireError) -> Money {
        guard value.minorUnits.magnitude <= Money.largestMinorUnits.magnitude else {
            throw .field(name, expected: "at most ±10^15 minor units", got: "more")
        }
        return value
    }
}
