// Owns: the small book and policy that a played day works through. Nobody in it exists.
import BusinessDay
import Arrears
import Coordinator
import Foundation

struct PlayDay {
    var run: RunID
    var accounts: Int

    /// Leaves the order for the run in a coordinator's data directory.
    func order(in directory: String) throws {
        let path = directory + "/book.csv"
        try Data(book.utf8).write(to: URL(fileURLWithPath: path))
        guard let date = CalendarDate(iso: "2026-11-20") else { preconditionFailure("2026-11-20 is no date") }
        let order = RunOrder(
            run: run, asOf: date, contactDate: date, book: try SourceFile(pinning: path),
            policy: RunOrder.NamedText(source: "power-cut.yaml", text: Self.policy), rejectLimit: .count(0),
            institution: Institution(name: "Example Bank", contact: "+8610000000000"),
            simulatedClockStart: Zones.moment(date, minute: 600, zone: "Asia/Shanghai"))
        try OrderBox(dataDirectory: directory).put(order)
    }

    private var book: String {
        let rows = (1...accounts).map { number in
            // Two days late: a message; nine: a call; forty: an agency; a hundred: a file for counsel.
            let dpd = [2, 9, 40, 100][number % 4]
            return "A\(number),C\(number),card,CNY,9000.00,\(dpd),+8613800000000,Example,contract"
        }
        return "id,customer_id,product,currency,balance,dpd,phone,name,documents\n" + rows.joined(separator: "\n")
            + "\n"
    }

    private static let policy = """
        policy: power-cut
        version: "1"
        buckets: [{ name: late, dpd: 1.. }]
        conduct:
          timeZone: Asia/Shanghai
          windows: [{ rule: DAY, stages: [sms, callQueue], from: "08:00", to: "22:00" }]
          caps: [{ rule: ONE, contactsPerDay: 1 }]
        agencies: [{ id: north, name: North }]
        segments: { rules: [], default: everybody }
        treatments:
          everybody:
            - { step: message, stage: sms, dpd: 1..3, template: reminder }
            - { step: call, stage: callQueue, dpd: 4..20, script: courtesy, queue: standard, offerPlan: false }
            - step: place
              stage: agency
              dpd: 21..60
              agency: north
              placement: 1
              days: 30
              purpose: amicable collection
            - step: file
              stage: legal
              dpd: 61..
              minimumBalance: 100.00
              requiredDocuments: [contract]
              limitationYears: 3
        """
}
