// Owns: examples of task content as bytes, and of grants that must fit into a frame.
@testable import Arrears
@testable import Leasing
import Testing

@testable import Wire

@Suite struct ContentTests {
    static let contents: [StageContent] = [
        .sms(
            SMSContent(
                to: "+8613800000000", templateID: "gentle-reminder", fields: ["amount": "1200.50", "due_date": "1 月"],
                language: "zh-Hans")),
        .call(
            CallContent(
                phone: "+8613800000000", scriptID: "standard-call", priority: 3, queue: "senior", displayName: "王*",
                localHoursFrom: "08:00", localHoursTo: "22:00", timeZone: "Asia/Shanghai", offerPlan: true,
                arrears: MessageTests.yuan(120_050), dpd: 34, businessDate: day("2025-03-01"))),
        .placement(
            PlacementContent(
                agencyID: "north", placement: 2, caseRef: "c-9", debtorName: "王芳", phone: "+8613800000000",
                arrears: MessageTests.yuan(1), balance: MessageTests.yuan(Money.largestMinorUnits), dpd: 95,
                product: "card",
                region: "CN-SH", businessDate: day("2025-03-01"), expiresOn: day("2025-05-30"),
                purpose: "collection of the debt")),
        .legal(
            LegalContent(
                caseRef: "c-9", debtorName: "王芳", product: "cash", balance: MessageTests.yuan(9_000_000),
                arrears: MessageTests.yuan(9_000_000), minimumBalance: MessageTests.yuan(500_000), dpd: 200,
                businessDate: day("2025-03-01"), oldestUnpaidDueDate: day("2024-08-13"), limitationEndsOn: nil,
                requiredDocuments: ["contract"], presentDocuments: ["contract", "identity"],
                hasHardshipEvidence: false, approvedBy: nil,
                history: [
                    CaseHistoryEntry(
                        date: day("2025-01-01"), kind: .promise, stage: .callQueue, step: "call-1",
                        outcome: .promiseToPay, amount: MessageTests.yuan(5), due: day("2025-01-09"), evidence: "e")
                ])),
    ]

    static func day(_ text: String) -> CalendarDate {
        guard let date = CalendarDate(iso: text) else { preconditionFailure("\(text) is a day") }
        return date
    }

    @Test(arguments: contents) func `Content comes back as it was`(content: StageContent) throws {
        #expect(try StageContent(encoded: content.encoded()) == content)
    }

    @Test func `The same content has the same bytes whatever the order of its fields`() {
        let names = (0..<40).map { "field\($0)" }
        func content(_ names: [String]) -> StageContent {
            var fields: [String: String] = [:]
            for name in names { fields[name] = name }
            return .sms(SMSContent(to: "+1", templateID: "t", fields: fields, language: "en"))
        }
        #expect(content(names).encoded() == content(names.reversed()).encoded())
    }

    @Test func `Content of no known stage is undecodable`() {
        for bytes in [[], [0xff], [0xa2, 0x06, 0x00]] as [[UInt8]] {
            let error = #expect(throws: WireError.self) { try StageContent(encoded: bytes) }
            #expect(error?.code == .undecodable)
        }
    }

    @Test func `A fault in content never repeats the content`() throws {
        var content = Recoup_V1_TaskContent()
        content.placement = Recoup_V1_PlacementContent()
        content.placement.debtorName = "王芳"
        content.placement.phone = "+8613800000000"
        content.placement.businessDate = "+8613800000000"
        content.placement.arrears = MessageTests.yuan(1).proto
        content.placement.balance = MessageTests.yuan(1).proto
        let error = try #require(
            #expect(throws: WireError.self) { try StageContent(encoded: content.bytes()) })
        #expect(error.message == "business_date: expected YYYY-MM-DD, got 14 bytes that are no date")
    }

    @Test func `The tasks that fit into a frame do fit and one more may not`() {
        let tasks = (0..<40).map { number in
            GrantedTask(
                id: TaskID("task-\(number)"), mode: .attempt, startWithinMilliseconds: .init(UInt32.max),
                delivery: 3, content: Array(repeating: 1, count: 300 * number))
        }
        for frameBytes in [100, 4_096, 65_536, 1_048_576] {
            let count = Message.LeaseGranted.tasksThatFit(tasks, frameBytes: frameBytes)
            let grant = Message.leaseGranted(
                Message.LeaseGranted(
                    request: .max, lease: LeaseKey(id: LeaseID(.max), epoch: Epoch(.max)),
                    durationMilliseconds: 30_000, tasks: Array(tasks.prefix(count))))
            #expect(grant.fits(frameBytes))
            guard count < tasks.count else { continue }
            // The rule is not wasteful: the next task would have come within 5 % of the limit, or over it.
            let next = grant.envelope().count + tasks[count].wireBytes
            #expect(next + 64 + 40 * count > frameBytes)
        }
        #expect(Message.LeaseGranted.tasksThatFit(tasks, frameBytes: 1_048_576) == 40)
        #expect(Message.LeaseGranted.tasksThatFit(tasks, frameBytes: 100) == 0)
    }

    @Test func `The longest content that may be planned fits into a grant alone`() {
        let limits = Limits()
        #expect(limits.faults == [])
        let task = GrantedTask(
            id: TaskID(String(repeating: "x", count: 128)), mode: .attempt, startWithinMilliseconds: 1, delivery: 1,
            content: Array(repeating: 1, count: limits.contentBytes))
        #expect(Message.LeaseGranted.tasksThatFit([task], frameBytes: limits.frameBytes) == 1)
    }

    @Test func `A task is told as a span and never as a negative one`() {
        let leased = LeasedTask(
            id: "t", portfolio: .standard, mode: .attempt, notAfter: Timestamp(milliseconds: 10_000), delivery: 1,
            content: [])
        #expect(GrantedTask(leased, at: Timestamp(milliseconds: 4_000)).startWithinMilliseconds == 6_000)
        #expect(GrantedTask(leased, at: Timestamp(milliseconds: 11_000)).startWithinMilliseconds == 0)
    }
}
