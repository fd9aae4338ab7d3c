// Owns: what must hold for whatever stands in a policy or a column map.
import Arrears
import Documents
import LoanBook

extension FuzzTarget {
    /// A YAML document, read as a policy and as a column map. Whatever is wrong is reported, with its line; a policy that
    /// is taken can plan.
    static let yaml = FuzzTarget("yaml", longestInput: 2_048) { input in
        let text = String(decoding: input.rest, as: UTF8.self)
        let lines = text.unicodeScalars.count { "\n\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains($0) } + 1
        let document: DocumentNode
        do throws(DocumentFaults) {
            document = try readDocument(yaml: text, source: "input")
        } catch {
            return try check(error, lines: lines)
        }
        do throws(DocumentFaults) {
            try check(try Policy(document: document, source: "input"))
        } catch {
            try check(error, lines: lines)
        }
        do throws(DocumentFaults) {
            _ = try ColumnMap(document: document, source: "input")
        } catch {
            try check(error, lines: lines)
        }
    }

    private static func check(_ faults: DocumentFaults, lines: Int) throws {
        try require(!faults.faults.isEmpty, "a document that is refused for nothing")
        for fault in faults.faults {
            // What is missing at the end is missed on the line behind it.
            try require((1...lines + 1).contains(fault.line), "line \(fault.line) of \(lines): \(fault)")
        }
    }

    private static func check(_ policy: Policy) throws(DocumentFaults) {
        guard let yuan = Currency("CNY") else { preconditionFailure("CNY is a currency") }
        let today = CalendarDate(dayNumber: 20_458)
        for dpd in [1, 30, 31, 90, 400] {
            let account = LoanAccount(
                id: "A1", customer: "C1", product: "cash", balance: Money(minorUnits: 800_000, currency: yuan),
                basis: .oldestUnpaidDueDate(today.adding(days: -dpd)), phone: "+8613800000000")
            guard case .overdue(let found) = recognise(account, asOf: today, settings: policy.recognition) else {
                continue
            }
            let overdue = OverdueCase(
                id: account.caseID, account: account, delinquency: found, bucket: policy.bucketName(dpd: found.dpd))
            let match = policy.segmentation.match(overdue, history: [])
            _ = policy.plan(
                PlanInput(
                    overdue: overdue, match: match, history: [], personHistory: [], asOf: today, contactsToday: 0))
        }
    }
}
