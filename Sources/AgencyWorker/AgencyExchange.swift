// Owns: what the worker asks of the agencies' folders, each question whole under the folder's lock. Knows nothing of
// leases and of time.
import Arrears
import Synchronization
import SystemParts
import WorkerKit

final class AgencyExchange: Sendable {
    /// What is known of a batch's answers.
    enum Answers {
        /// Settled, now or before, by these answers.
        case settled(Acknowledgement?, AgencyResults?)
        /// Not settled; whether the acknowledgement is there.
        case open(isAcknowledged: Bool)
    }

    /// When a batch is settled by what is there.
    enum Patience {
        /// Only when the results are there, or nothing more can come.
        case forResults
        /// When it is acknowledged.
        case forAcknowledgement
        /// By whatever is there, be it nothing.
        case none
    }

    /// Where the tasks of one agency's business day are.
    private struct Index {
        var names: Set<BatchName> = []
        var batchOfTask: [TaskID: PlacedBatch] = [:]
    }

    private struct Day: Hashable {
        var agency: String
        var date: CalendarDate
    }

    /// Days kept in memory: a run works on one, and the one before may still be settled.
    private static let daysKept = 64

    let root: String
    private let lender: String
    private let indexes = Mutex<[Day: Index]>([:])

    /// Opens the exchange and removes what an earlier process left half-written.
    init(root: String, lender: String) throws {
        self.root = root
        self.lender = lender
        try DurableFiles.makeFolder(root)
        for agency in try agencies() {
            let folder = AgencyFolder(root: root, agency: agency)
            try folder.make()
            try folder.locked { try folder.dropUnfinished() }
        }
    }

    func agencies() throws(DurableFileFault) -> [String] {
        try DurableFiles.names(in: root).filter { BatchName.isAgency($0) && DurableFiles.isFolder(root + "/" + $0) }
    }

    /// The batches that hold these tasks; a task without one was never handed over.
    func find(_ tasks: some Swift.Sequence<TaskID>, agency: String, on date: CalendarDate) throws
        -> [TaskID: PlacedBatch]
    {
        try inFolder(agency) { folder in
            let index = try refreshed(folder, Day(agency: agency, date: date))
            return tasks.reduce(into: [:]) { $0[$1] = index.batchOfTask[$1] }
        }
    }

    /// Hands the cases over, but for those that a batch holds already.
    /// - Throws: then ask `find` which cases were handed over.
    func place(_ cases: [(task: TaskID, content: PlacementContent)], terms: PlacementTerms) throws
        -> [TaskID: PlacedBatch]
    {
        try inFolder(terms.agency) { folder in
            let index = try refreshed(folder, Day(agency: terms.agency, date: terms.businessDate))
            let missing = cases.filter { index.batchOfTask[$0.task] == nil }
            var found = cases.reduce(into: [:]) { $0[$1.task] = index.batchOfTask[$1.task] }
            guard !missing.isEmpty else { return found }
            let placed = try folder.place(PlacementBatch(terms: terms, cases: missing), lender: lender)
            for (task, _) in missing { found[task] = placed }
            return found
        }
    }

    /// Looks at a batch's answers, refuses those that are wrong, and settles the batch when it is time.
    func answers(to batch: PlacedBatch, patience: Patience) throws -> Answers {
        try inFolder(batch.name.agency) { folder in
            if let settlement = try folder.settlement(of: batch.name) {
                try folder.fileAway(batch.name, settlement)
                return .settled(
                    settlement.acknowledgement ? try read(.acknowledgement, of: batch, in: folder) : nil,
                    settlement.results ? try readResults(of: batch, in: folder) : nil)
            }
            let acknowledgement = try taken(.acknowledgement, of: batch, in: folder, Acknowledgement.init)
            let results = try taken(.results(1), of: batch, in: folder, AgencyResults.init)
            let nothingMoreComes = acknowledgement.map { $0.rejected.count == batch.balances.count } ?? false
            let isTime =
                switch patience {
                case .forResults: results != nil || nothingMoreComes
                case .forAcknowledgement: results != nil || acknowledgement != nil
                case .none: true
                }
            guard isTime else { return .open(isAcknowledged: acknowledgement != nil) }
            try folder.settle(
                batch.name, by: .init(acknowledgement: acknowledgement != nil, results: results != nil))
            return .settled(acknowledgement, results)
        }
    }

    func inFolder<Result>(_ agency: String, _ body: (AgencyFolder) throws -> Result) throws -> Result {
        let folder = AgencyFolder(root: root, agency: agency)
        try folder.make()
        return try folder.locked {
            try folder.dropUnfinished()
            return try body(folder)
        }
    }

    /// The day's index with the batches that this or another worker placed since.
    private func refreshed(_ folder: AgencyFolder, _ day: Day) throws -> Index {
        try indexes.withLock { indexes in
            let known = indexes[day]?.names ?? []
            for name in try folder.registeredNames(on: day.date) where !known.contains(name) {
                guard let batch = try folder.placed(name) else { continue }
                indexes[day, default: Index()].names.insert(name)
                for task in batch.balances.keys { indexes[day, default: Index()].batchOfTask[task] = batch }
            }
            if indexes.count > AgencyExchange.daysKept, let oldest = indexes.keys.min(by: { $0.date < $1.date }) {
                indexes[oldest] = nil
            }
            return indexes[day] ?? Index()
        }
    }

    /// An answer in the inbox, read; a wrong one is refused and counts as not there.
    private func taken<Answer>(
        _ kind: AnswerName.Kind, of batch: PlacedBatch, in folder: AgencyFolder,
        _ read: ([UInt8], PlacedBatch) throws(AnswerFault) -> Answer
    ) throws -> Answer? {
        let name = AnswerName(batch: batch.name, kind: kind)
        do throws(DurableFileFault) {
            guard let bytes = try folder.waiting(name) else { return nil }
            do throws(AnswerFault) {
                return try read(bytes, batch)
            } catch {
                try folder.refuse(file: name.file, because: error.description)
                return nil
            }
        } catch {
            guard error.code == .notRegular || error.code == .tooLarge else { throw error }
            try folder.refuse(file: name.file, because: error.description)
            return nil
        }
    }

    private func read(_ kind: AnswerName.Kind, of batch: PlacedBatch, in folder: AgencyFolder) throws
        -> Acknowledgement
    {
        try Acknowledgement(try bytes(kind, of: batch, in: folder), for: batch)
    }

    private func readResults(of batch: PlacedBatch, in folder: AgencyFolder) throws -> AgencyResults {
        try AgencyResults(try bytes(.results(1), of: batch, in: folder), for: batch)
    }

    private func bytes(_ kind: AnswerName.Kind, of batch: PlacedBatch, in folder: AgencyFolder) throws -> [UInt8] {
        let name = AnswerName(batch: batch.name, kind: kind)
        guard let bytes = try folder.processed(name) else {
            throw DurableFileFault(
                .inputOutput,
                "\(folder.inbox)/processed/\(name.file): expected the file that settled the batch, got none"
            )
        }
        return bytes
    }
}
