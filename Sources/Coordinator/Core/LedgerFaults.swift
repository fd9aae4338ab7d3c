// Owns: what a coordinator keeps beside its ledger to live through the ledger's faults: the means to open it anew, what was
// promised on its word, how many faults are borne, and room held in reserve. Knows nothing of workers or runs' stages.
import Arrears
import Foundation
import Leasing
import Ledger

/// The ledger in the loop's hands, with the means to open it anew. Confined to the loop's thread.
package final class HeldLedger {
    private let open: () throws -> any Ledger
    private var ledger: (any Ledger)?

    package init(open: @escaping () throws -> any Ledger) throws {
        self.open = open
        ledger = try open()
    }

    func transaction<Result>(_ body: (any LedgerTransaction) throws -> Result) throws -> Result {
        guard let ledger else { preconditionFailure("the ledger is asked while it is not open") }
        return try ledger.transaction(body)
    }

    /// Lets go of the ledger, and of its lock, before it is opened again.
    func reopen() throws {
        ledger = nil
        ledger = try open()
    }
}

/// What others were told on the ledger's word, to be found again in a ledger that was opened anew.
struct Promises {
    private var epoch = Epoch(0)
    private var runs: Set<RunID> = []
    /// The last report that was acknowledged: these tasks are out of this lease.
    private var reported: (lease: LeaseID, tasks: [TaskID])?

    /// What a turn promised, once it is committed.
    mutating func note(_ directives: [Directive], run: RunID?) {
        if let run { runs.insert(run) }
        for case .send(_, let message) in directives {
            switch message {
            case .leaseGranted(let granted): epoch = max(epoch, granted.lease.epoch)
            case .reportAck(let ack):
                reported = (ack.lease, ack.verdicts.filter { $0.verdict == .accepted }.map(\.task))
            default: break
            }
        }
    }

    /// - Throws: `LedgerError.corrupt` when something promised is not there.
    func demand(of ledger: any LedgerReading, nextEpoch: Epoch) throws {
        guard nextEpoch > epoch else {
            throw missing("expected epochs to go on after \(epoch), got \(nextEpoch) as the next")
        }
        for run in runs.sorted() where try ledger.run(run) == nil { throw missing("expected run \(run), got none") }
        guard let reported else { return }
        for task in reported.tasks {
            let record = try ledger.task(task)
            if record?.state == .leased, record?.lease?.id == reported.lease {
                throw missing("expected the outcome of task \(task), got a task that is still leased")
            }
        }
    }

    private func missing(_ what: String) -> LedgerError {
        LedgerError(
            .corrupt,
            "the ledger, opened anew: \(what). What was acknowledged is lost: keep the files, and run `recoup ledger verify --full`"
        )
    }
}

extension Core {
    /// A core that knows nobody yet, in place of this one; every connection of this one is to be closed.
    func renewed() -> Core {
        var fresh = Core(limits: limits, weights: weights, incarnation: incarnation, software: software)
        fresh.grants = grants
        return fresh
    }
}

/// How many faults of the ledger are borne in how long.
struct FaultAllowance {
    static let faults = 5
    static let withinMilliseconds: Int64 = 600_000
    private var at: [Int64] = []

    /// How many faults there were lately, this one included; nil when it is one too many.
    mutating func take(at uptime: Int64) -> Int? {
        at.removeAll { $0 <= uptime - Self.withinMilliseconds }
        at.append(uptime)
        return at.count <= Self.faults ? at.count : nil
    }
}

/// Room on the ledger's disk that is kept for the time when there is no other.
package protocol RoomReserve {
    /// Takes the reserve, or keeps the one that is there. False: the disk has not that much room.
    func fill() -> Bool
    /// Gives its room to the ledger.
    func drop()
}

/// `DIR/ledger.reserve`, a file that holds nothing but its place.
struct DiskReserve: RoomReserve {
    static let bytes: UInt = 8 * 1024 * 1024
    private let directory: String
    private var path: String { "\(directory)/ledger.reserve" }

    init(dataDirectory: String) { directory = dataDirectory }

    /// A new reserve is taken only where as much again stays free: what was just given to the ledger is not room.
    func fill() -> Bool {
        if access(path, F_OK) == 0 { return true }
        var disk = statvfs()
        guard statvfs(directory, &disk) == 0, disk.f_bavail * disk.f_frsize >= 2 * Self.bytes else { return false }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard posix_fallocate(descriptor, 0, Int(Self.bytes)) == 0 else {
            unlink(path)
            return false
        }
        return true
    }

    func drop() { unlink(path) }
}

/// Why a coordinator does less than it could, for `recoup status`.
package struct CoordinatorCondition: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable {
        /// Nothing new is leased; reports are taken while the reserve lasts.
        case diskFull
        /// The ledger failed and is being opened anew; nobody is served.
        case ledgerFault
    }
    package var kind: Kind
    /// Milliseconds since 1970.
    package var since: Int64
    package var detail: String

    package static func file(in dataDirectory: String) -> String { "\(dataDirectory)/coordinator-condition.json" }

    /// nil: the coordinator works as it should, or none has said otherwise.
    package init?(in dataDirectory: String) {
        guard let data = FileManager.default.contents(atPath: Self.file(in: dataDirectory)),
            let found = try? JSONDecoder().decode(CoordinatorCondition.self, from: data)
        else { return nil }
        self = found
    }

    init(_ kind: Kind, _ fault: LedgerError) {
        self.kind = kind
        since = MachineClock.system.wall().milliseconds
        detail = fault.message
    }

    /// Best effort: on a full disk the file may not be writable, and the observer was told before.
    static func show(_ condition: CoordinatorCondition?, in dataDirectory: String) {
        let path = file(in: dataDirectory)
        guard let condition, let data = try? JSONEncoder().encode(condition) else {
            unlink(path)
            return
        }
        try? data.write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
