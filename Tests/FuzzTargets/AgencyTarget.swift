// Owns: what must hold for whatever an agency puts into its inbox.
import AgencyWorker
import Arrears
import Foundation
import Leasing
import Tables
import Wire

extension FuzzTarget {
    /// An answer to a batch of three cases. It is refused as a whole or taken as a whole; what is taken pays no more than
    /// is owed at a time, and what is reported of it fits the wire.
    ///
    /// Input: the file's name (a line), the file.
    static let agency = FuzzTarget("agency", longestInput: 2_048) { input in
        var input = input
        let file = input.line()
        let name = AnswerName(file: file)
        if let name { try requireEqual(name.file, file, "a file name that was read") }
        let batch = Placed.batch
        let bytes = Array(input.rest)
        let acknowledgement: Acknowledgement?
        let results: AgencyResults?
        do throws(AnswerFault) {
            if name?.kind == .acknowledgement {
                acknowledgement = try Acknowledgement(bytes, for: batch)
                results = nil
            } else {
                acknowledgement = nil
                results = try AgencyResults(bytes, for: batch)
            }
        } catch {
            try require(error.description.unicodeScalars.count <= 400, "a reason of \(error.description.count)")
            return
        }
        let late = name ?? AnswerName(batch: batch.name, kind: .results(2))
        if let acknowledgement {
            try require(acknowledgement.rejected.keys.allSatisfy { batch.balances[$0] != nil }, "another's case")
            try checkEvents(AgencyOutcomes.events(in: acknowledgement, of: late))
        }
        if let results {
            let records = CSVReader.rows(of: bytes).count
            // The header, the closing row, and a total for each currency that was paid in.
            let totals = Set(results.rows.compactMap { $0.amount?.currency }).count
            try requireEqual(results.rows.count, records - 2 - totals, "rows taken and rows sent")
            for row in results.rows {
                guard let balance = batch.balances[row.task] else { throw Violation("another's case: \(row.task)") }
                guard let amount = row.amount else { continue }
                let isPayable = amount.isPositive && amount.minorUnits <= balance.minorUnits
                try require(isPayable && amount.currency == balance.currency, "\(amount) towards \(balance)")
            }
            try checkEvents(AgencyOutcomes.events(in: results, of: late))
        }
        let outcomes = batch.balances.keys.sorted().map { task in
            AgencyOutcomes.outcome(of: task, in: batch, acknowledgement: acknowledgement, results: results)
        }
        try checkOutcomes(outcomes)
    }

    private static func checkEvents(_ events: [CaseEvent]) throws {
        try requireEqual(Set(events.map(\.id)).count, events.count, "ids and events")
        let message = Message.eventReport(Message.EventReport(id: 1, events: events))
        try requireEqual(try Message(envelope: message.envelope()), message, "events on the wire")
    }
}

/// What a worker says of its tasks must reach the coordinator: an outcome that is refused there would be sent for ever.
func checkOutcomes(_ outcomes: [Outcome]) throws {
    let cut = outcomes.map { $0.cutToFit() }
    let message = Message.report(
        Message.Report(id: 1, lease: LeaseKey(id: LeaseID(1), epoch: Epoch(1)), outcomes: cut))
    try requireEqual(try Message(envelope: message.envelope()), message, "outcomes on the wire")
}

private enum Placed {
    static let batch: PlacedBatch = {
        let text = """
            {"batch": "north.2026-01-05.0123456789abcdef01234567", "sequence": 7, "sha256": "00", "balances": {
             "t-1": {"minorUnits": 500000, "currency": "CNY"}, "t-2": {"minorUnits": 1000, "currency": "CNY"},
             "t-3": {"minorUnits": 300, "currency": "JPY"}}}
            """
        do {
            return try JSONDecoder().decode(PlacedBatch.self, from: Data(text.utf8))
        } catch {
            preconditionFailure("the batch of the fuzz target: \(error)")
        }
    }()
}
