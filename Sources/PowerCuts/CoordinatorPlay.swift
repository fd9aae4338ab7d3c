// Owns: a business day of a real coordinator's loop on a real SQLite ledger, cut off from power again and again, and
// what is found of it each time. Decides nothing that the loop decides.
import DispatchCore
import Arrears
import Coordinator
import Foundation
import Leasing
import Ledger
import SQLiteLedger
import Synchronization
import SystemParts

/// One ledger from its making, through several cuts, to the end of its run or of the cuts asked for.
final class CoordinatorPlay {
    private static let run: RunID = "2026-11-20-1"
    /// So small that a day has many checkpoints.
    private static let checkpointPages = 60

    private let seed: UInt64
    private let defect: Defect?
    private let home: String
    private let disk: CrashDisk
    private let clock = PlayClock()
    private var random: SplitMix64
    private var workers: ScriptedWorkers
    private var witness = Witness()
    private var lives: UInt32 = 0
    private var cuts = 0

    /// - Parameter home: a directory of its own, made here and removed at the end.
    init(seed: UInt64, defect: Defect?, home: String) throws {
        self.seed = seed
        self.defect = defect
        self.home = home
        random = SplitMix64(seed: seed, kind: 1, index: 0)
        workers = ScriptedWorkers(seed: seed)
        disk = try CrashDisk(directory: home + "/data", seed: seed, ignoresSync: defect == .syncIgnored)
        try PlayDay(run: Self.run, accounts: random.within(20...60)).order(in: disk.directory)
    }

    private enum End { case cut, restarted, finished }

    /// - Returns: the number of cuts made, at most `limit`.
    func play(cuts limit: Int, into tally: inout Tally) throws -> Int {
        CrashVFS.mount(disk)
        defer {
            CrashVFS.unmount(disk)
            tally.add(disk.losses)
            try? FileManager.default.removeItem(atPath: home)
        }
        while cuts < limit {
            disk.arm(nextCut())
            var end = try live()
            workers.disconnect()
            // The last connection closes after the loop is gone, and writes too.
            if disk.isOff { end = .cut }
            switch end {
            case .restarted: continue
            case .finished:
                tally.runsFinished += 1
                return cuts
            case .cut:
                cuts += 1
                try lookAtWhatIsLeft(&tally)
                // After a broken promise the rest of this day would only repeat it.
                if !tally.findings.isEmpty { return cuts }
            }
        }
        return cuts
    }

    /// Often soon, within the making of a ledger or the reading of what a cut left, sometimes after hours of work.
    private func nextCut() -> CutPoint {
        let most = random.pick([6, 60, 600, 2_000])
        switch random.below(10) {
        case 0..<2: return CutPoint(.sync, random.within(1...max(2, most / 30)))
        case 2..<5: return CutPoint(.store, random.within(1...max(2, most / 10)))
        default: return CutPoint(.anything, random.within(1...most))
        }
    }

    // MARK: One life of the coordinator

    private struct PowerIsOff: Error {}

    private func live() throws -> End {
        lives += 1
        let ears = Ear { [disk = disk] in disk.isOff }
        do {
            let loop = try makeLoop(ears)
            try loop.start()
            while true {
                if random.chance(100) { return .restarted }
                clock.advance(milliseconds())
                let inputs = workers.speak()
                witness.sent(inputs)
                let end = try loop.pass(inputs)
                let heard = ears.take()
                witness.heard(heard)
                workers.hear(heard)
                if disk.isOff { return .cut }
                switch end {
                case nil: continue
                case .runFinished: return .finished
                case .stopped, .runFailed:
                    preconditionFailure("seed \(seed): the run ended: \(String(describing: end))")
                }
            }
        } catch {
            guard disk.isOff else { throw error }
            return .cut
        }
    }

    private func makeLoop(_ ears: Ear) throws -> Loop {
        let (disk, defect) = (disk, defect)
        let ledger = try HeldLedger {
            guard !disk.isOff else { throw PowerIsOff() }
            let ledger = try SQLiteLedger(directory: disk.directory, checkpointPages: Self.checkpointPages)
            return defect == .speaksBeforeCommit ? HastyLedger(ledger) : ledger
        }
        let configuration = CoordinatorConfiguration(
            dataDirectory: disk.directory, limits: Limits(), incarnation: lives, software: "power cut",
            endsWithRun: true)
        let clock = clock
        return Loop(
            ledger: ledger, inbox: Inbox(), transport: ears, configuration: configuration, observer: SilentObserver(),
            reserve: EndlessRoom(), pauseMilliseconds: 0, machine: MachineClock(uptime: { clock.now }))
    }

    /// Now and then longer than a lease.
    private func milliseconds() -> Int64 {
        random.chance(300) ? Int64(random.within(20_000...70_000)) : Int64(random.within(1...400))
    }

    // MARK: After a cut

    private func lookAtWhatIsLeft(_ tally: inout Tally) throws {
        let left = home + "/left"
        try disk.restorePower(copyingTo: left)
        tally.cuts += 1
        tally.promisesChecked += witness.outcomeCount
        tally.leasesChecked += witness.leaseCount
        var found = witness.contradictions.map { (check: Check.sameAnswer, message: $0) }
        do {
            let ledger = try SQLiteLedger(directory: left)
            found += try ledger.transaction { try witness.missing(in: $0, runs: [Self.run]) }
            try ledger.close()
        } catch let error as LedgerError {
            found.append((.opens, "expected to open what was left, got: \(error)"))
        }
        if found.allSatisfy({ $0.check != .opens }) {
            found += try SQLiteLedgerStore(directory: left).verify(isFull: true).map { (.integrity, $0) }
        }
        tally.findings += found.map { Finding(check: $0.check, seed: seed, cut: cuts, message: $0.message) }
    }
}

// MARK: - Around the loop

/// A clock that only the play turns.
private final class PlayClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_000_000)
    var now: Int64 { milliseconds.withLock { $0 } }
    func advance(_ span: Int64) { milliseconds.withLock { $0 += span } }
}
