// Owns: examples of what a certificate's URI says of a worker, and of the crowd at the door.
import Arrears
import CoreBench
import Leasing
import Logging
import Testing

@testable import Coordinator
@testable import DispatchCore

@Suite("What a certificate says")
struct WorkerCertificateTests {
    @Test(
        arguments: [
            ("recoup://bank/worker/sms-1?stages=sms", "sms-1", [.sms]),
            ("recoup://bank/worker/sms-*?stages=sms%2CcallQueue", "sms-7", [.sms, .callQueue]),
            ("recoup://bank/worker/*?stages=legal,agency", "any", [.agency, .legal]),
        ] as [(String, WorkerID, Set<Stage>)])
    func `by its URI`(uri: String, worker: WorkerID, stages: Set<Stage>) throws {
        let permit = try #require(WorkerCertificates(lender: "bank").permit(uri))
        #expect(Principal(name: "", permits: [permit]).stages(as: worker) == stages)
    }

    @Test(
        arguments: [
            "recoup://other/worker/sms-1?stages=sms", "https://bank/worker/sms-1?stages=sms",
            "recoup://bank/worker/sms-1",
            "recoup://bank/worker/sms-1?stages=", "recoup://bank/worker/sms-1?stages=sms,doorstep",
            "recoup://bank/worker/sms-1?stages=sms&stages=legal", "recoup://bank/worker/sms-1?stages=sms&more=1",
            "recoup://bank/worker/a/b?stages=sms", "recoup://bank/worker/?stages=sms", "recoup://bank/sms-1?stages=sms",
            "recoup://bank/worker/sms%0A1?stages=sms", "recoup://me@bank/worker/sms-1?stages=sms",
            "recoup://bank:1/worker/sms-1?stages=sms", "recoup:///worker/sms-1?stages=sms", "", "sms-1",
        ])
    func `and nothing by another's, or by words too many or too few`(uri: String) {
        #expect(WorkerCertificates(lender: "bank").permit(uri) == nil)
    }

    @Test func `Silence takes the places of its own address only`() {
        var limits = ReadyRun.limits
        limits.connections = 7
        limits.connectionsPerAddress = 5
        limits.strangersPerAddress = 2
        let table = ConnectionTable(limits: limits, logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
        #expect(table.enter("a") == nil && table.enter("a") == nil)
        #expect(table.enter("a") == "2 connections of its address have not said who they are")
        #expect(table.enter("b") == nil)
        table.welcomed("a")
        #expect(table.enter("a") == nil)
        table.leave("a", wasWelcome: false)
        #expect(table.enter("a") == nil)
        for _ in 1...2 { table.welcomed("a") }
        #expect(table.enter("a") == nil && table.enter("a") == nil)
        #expect(table.enter("a") == "5 connections of its address are open")
        #expect(table.enter("c") == nil)
        #expect(table.enter("d") == "7 connections are open")
        table.leave("a", wasWelcome: true)
        #expect(table.enter("d") == nil)
    }
}
