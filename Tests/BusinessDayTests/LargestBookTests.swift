// Owns: the proof that no book makes a sum that the process cannot hold.
@testable import Arrears
@testable import Ledger
import CoreBench
import Foundation
import Leasing
import LoanBook
import Testing

@testable import BusinessDay

@Suite("A book of the largest amounts")
struct LargestBookTests {
    /// 10^15 minor units, the most that one amount may be.
    private static let most = "10000000000000.00"

    @Test func `is read as long as its amounts fit together`() throws {
        let checked = try check(accounts: 2_000)
        #expect(checked.accounts == 2_000 && checked.overdue == 2_000)
        #expect(checked.buckets.flatMap(\.arrears).map(\.minorUnits) == [2_000_000_000_000_000_000])
    }

    @Test func `is refused at the line at which they do not, before anything is planned`() throws {
        let fault = #expect(throws: RunFault.self) { try check(accounts: 12_000) }
        #expect(fault?.description.hasPrefix("book file, line 2002: expected amounts of CNY that are at most") == true)
    }

    @Test func `counts instalments and payments, whatever their signs`() throws {
        let account = try account(
            instalments: [
                Instalment(number: 1, dueDate: ReadyRun.date, fees: yuan(1), interest: yuan(2), principal: yuan(3))
            ],
            payments: [Payment(date: ReadyRun.date, amount: yuan(-4)), Payment(date: ReadyRun.date, amount: yuan(5))])
        #expect(account.amountsTogether == 100 * (100 + 1 + 2 + 3 + 4 + 5))
    }

    private func yuan(_ amount: Int64) -> Money { ReadyRun.yuan(amount) }

    private func account(instalments: [Instalment], payments: [Payment]) throws -> LoanAccount {
        LoanAccount(
            id: "A", customer: "C", product: "cash", balance: yuan(100),
            basis: .schedule(RepaymentSchedule(instalments: instalments, payments: payments)))
    }

    private func check(accounts: Int) throws -> BookCheck {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("largest-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var text = "id,product,currency,balance,arrears,oldest_unpaid_due_date\n"
        for number in 0..<accounts { text += "\(number),cash,CNY,\(Self.most),\(Self.most),2026-11-10\n" }
        let file = folder.appendingPathComponent("book.csv")
        try Data(text.utf8).write(to: file)
        let policy = RunOrder.NamedText(
            source: "tests",
            text: """
                policy: tests
                version: "1"
                buckets: [{ name: late, dpd: "1.." }]
                conduct:
                  timeZone: Asia/Shanghai
                  windows: [{ rule: DAY, stages: [sms, callQueue], from: "08:00", to: "22:00" }]
                  caps: [{ rule: ONE, contactsPerDay: 1 }]
                segments: { rules: [], default: everybody }
                treatments:
                  everybody: [{ step: message, stage: sms, dpd: "1..", template: reminder }]
                """)
        let order = RunOrder(
            run: "check", asOf: ReadyRun.date, contactDate: ReadyRun.date, book: try SourceFile(pinning: file.path),
            policy: policy, rejectLimit: .count(0), institution: Institution(name: "Bank", contact: "+86"))
        return try BookCheck(order: order, policy: try Policy(policy), directory: folder.path)
    }
}
