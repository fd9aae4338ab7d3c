// Owns: one agency's folder: where a batch stands, and that it is handed over once. Knows nothing of tasks' modes and
// leases.
import Arrears
import SystemParts
import WorkerKit

/// Layout, below the agency's folder:
/// ```
/// outbox/<batch>/     handed over; the agency reads it          inbox/            the agency writes its answers here
/// sent/<batch>/       acknowledged                              inbox/processed/  taken
/// staging/<batch>/    being written, nobody's yet               inbox/refused/    not taken, with the reason
/// register/<date>/<batch>.json             our record of a batch that is, or is about to be, handed over
/// register/<date>/<batch>.settlement.json  which answers its cases were settled by
/// ```
/// A batch is written to `staging`, then registered, then renamed into `outbox`. So it was handed over exactly when it
/// is registered and not in `staging` — also when the agency has moved it away since, and after a crash anywhere.
/// Everything here happens under the folder's lock: several workers may serve one agency.
struct AgencyFolder: Sendable {
    let path: String

    init(root: String, agency: String) {
        precondition(BatchName.isAgency(agency), "an agency's id that is no folder name: \(agency)")
        path = root + "/" + agency
    }

    /// Largest answer or register file that is read.
    static let fileLimit = 64 * 1024 * 1024

    func make() throws(DurableFileFault) {
        for part in ["staging", "register", "outbox", "sent", "inbox/processed", "inbox/refused"] {
            try DurableFiles.makeFolder(path + "/" + part)
        }
    }

    func locked<Result>(_ body: () throws -> Result) throws -> Result {
        try DurableFiles.locked(path + "/.lock", body)
    }

    // MARK: Placing; under the lock

    /// Removes what a process left that ended while it wrote: batches that were never handed over.
    func dropUnfinished() throws(DurableFileFault) {
        for text in try DurableFiles.names(in: path + "/staging", hidden: true) {
            // The register first: registered and not in staging would mean handed over.
            if let name = BatchName(text) { try DurableFiles.remove(registerPath(name)) }
            try DurableFiles.remove(path + "/staging/" + text)
        }
    }

    /// Hands a batch over. When this throws a `DurableFileFault`, it was not handed over, or `isPlaced` says that it was.
    func place(_ batch: PlacementBatch, lender: String) throws -> PlacedBatch {
        let sequence = try nextSequence()
        let csv = batch.casesCSV
        let manifest = batch.manifest(sequence: sequence, lender: lender, casesCSV: csv)
        let placed = PlacedBatch(batch, manifest: manifest)
        let staged = path + "/staging/" + batch.name.description
        try DurableFiles.writeFolder(
            [
                .init(name: manifest.cases.file, bytes: csv),
                .init(name: "manifest.json", bytes: try ExchangeJSON.bytes(manifest)),
            ], to: staged)
        try DurableFiles.write(
            try ExchangeJSON.bytes(Sequence(last: sequence, batch: batch.name.description)), to: sequencePath)
        try DurableFiles.makeFolder(registerFolder(batch.name.businessDate))
        try DurableFiles.write(try ExchangeJSON.bytes(placed), to: registerPath(batch.name))
        try DurableFiles.move(staged, to: path + "/outbox/" + batch.name.description)
        return placed
    }

    func isPlaced(_ name: BatchName) -> Bool {
        DurableFiles.exists(registerPath(name)) && !DurableFiles.exists("\(path)/staging/\(name)")
    }

    /// The batches of a business day that are in the register, in order of name.
    func registeredNames(on date: CalendarDate) throws(DurableFileFault) -> [BatchName] {
        try DurableFiles.names(in: registerFolder(date))
            .filter { $0.hasSuffix(".json") && !$0.hasSuffix(AgencyFolder.settlementSuffix) }
            .compactMap { BatchName($0.dropLast(5)) }
    }

    /// Our record of a batch; nil: it was never handed over.
    func placed(_ name: BatchName) throws -> PlacedBatch? {
        guard isPlaced(name),
            let bytes = try DurableFiles.read(registerPath(name), limit: AgencyFolder.fileLimit)
        else { return nil }
        return try ExchangeJSON.value(PlacedBatch.self, from: bytes)
    }

    private struct Sequence: Codable {
        /// The number given out last, and to which batch.
        var last: Int
        var batch: String
    }

    /// The number after the last that was handed over. One that was given out to a batch that never was is given out
    /// again, so that the agency sees no gap.
    private func nextSequence() throws -> Int {
        guard let bytes = try DurableFiles.read(sequencePath, limit: 4096) else { return 1 }
        let sequence = try ExchangeJSON.value(Sequence.self, from: bytes)
        guard let name = BatchName(sequence.batch) else { return sequence.last + 1 }
        return isPlaced(name) ? sequence.last + 1 : sequence.last
    }

    // MARK: Settling; under the lock

    /// Which answers the cases of a batch were settled by. Written before any of them is finished, and never changed:
    /// whoever finishes the others, later or elsewhere, goes by the same; what comes after is news.
    struct Settlement: Hashable, Codable, Sendable {
        /// By `<batch>.ack.csv`.
        var acknowledgement: Bool
        /// By `<batch>.results.csv`.
        var results: Bool

        func covers(_ kind: AnswerName.Kind) -> Bool {
            switch kind {
            case .acknowledgement: acknowledgement
            case .results(let number): number == 1 && results
            }
        }
    }

    func settlement(of name: BatchName) throws -> Settlement? {
        try DurableFiles.read(settlementPath(name), limit: 4096)
            .map { try ExchangeJSON.value(Settlement.self, from: $0) }
    }

    /// Settles the batch by these answers and files them away.
    func settle(_ name: BatchName, by settlement: Settlement) throws {
        let before = try self.settlement(of: name)
        precondition(before == nil, "batch \(name) is settled already, by \(String(describing: before))")
        try DurableFiles.write(try ExchangeJSON.bytes(settlement), to: settlementPath(name))
        try fileAway(name, settlement)
    }

    /// Moves the answers that a batch was settled by to `processed`, and an answered batch to `sent`.
    func fileAway(_ name: BatchName, _ settlement: Settlement) throws(DurableFileFault) {
        for kind in [AnswerName.Kind.acknowledgement, .results(1)] where settlement.covers(kind) {
            try process(AnswerName(batch: name, kind: kind))
        }
        if settlement.acknowledgement || settlement.results { try moveToSent(name) }
    }

    func moveToSent(_ name: BatchName) throws(DurableFileFault) {
        let from = "\(path)/outbox/\(name)"
        if DurableFiles.exists(from) { try DurableFiles.move(from, to: "\(path)/sent/\(name)") }
    }

    // MARK: Answers; under the lock

    /// The bytes of an answer that is waiting in the inbox.
    func waiting(_ answer: AnswerName) throws(DurableFileFault) -> [UInt8]? {
        try DurableFiles.read("\(inbox)/\(answer.file)", limit: AgencyFolder.fileLimit)
    }

    func processed(_ answer: AnswerName) throws(DurableFileFault) -> [UInt8]? {
        try DurableFiles.read("\(inbox)/processed/\(answer.file)", limit: AgencyFolder.fileLimit)
    }

    func isProcessed(_ answer: AnswerName) -> Bool { DurableFiles.exists("\(inbox)/processed/\(answer.file)") }

    func process(_ answer: AnswerName) throws(DurableFileFault) {
        let from = "\(inbox)/\(answer.file)"
        if DurableFiles.exists(from) { try DurableFiles.move(from, to: "\(inbox)/processed/\(answer.file)") }
    }

    /// Puts a file aside with the reason beside it, under a name that is free.
    func refuse(file: String, because reason: String) throws(DurableFileFault) {
        var target = file
        var copies = 1
        while DurableFiles.exists("\(inbox)/refused/\(target)") {
            copies += 1
            target = "\(file).\(copies)"
        }
        let text = "\(file) was not taken, nor any row of it.\n\(reason)\nPlease mend it and send it again.\n"
        try DurableFiles.write(Array(text.utf8), to: "\(inbox)/refused/\(target).reason.txt")
        try DurableFiles.move("\(inbox)/\(file)", to: "\(inbox)/refused/\(target)")
    }

    var inbox: String { path + "/inbox" }

    private static let settlementSuffix = ".settlement.json"

    private var sequencePath: String { path + "/register/sequence.json" }
    private func registerFolder(_ date: CalendarDate) -> String { "\(path)/register/\(date)" }
    private func registerPath(_ name: BatchName) -> String { "\(registerFolder(name.businessDate))/\(name).json" }
    private func settlementPath(_ name: BatchName) -> String {
        "\(registerFolder(name.businessDate))/\(name)\(AgencyFolder.settlementSuffix)"
    }
}
