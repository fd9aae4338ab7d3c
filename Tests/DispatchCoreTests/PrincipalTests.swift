// Owns: the table of who may be which worker. One row a refusal.
import Arrears
import CoreBench
import DispatchCore
import Leasing
import Testing

@Suite("A certificate's holder")
struct PrincipalTests {
    private static let permits: [(String, Set<Stage>)] = [
        ("sms-1", [.sms]), ("pool-*", [.sms, .callQueue]), ("pool-9", [.legal]),
    ]

    private static let holder = Principal(
        name: "CN=a", permits: permits.compactMap { Principal.Permit(names: $0.0, stages: $0.1) })

    @Test(
        arguments: [
            ("sms-1", ["sms"]), ("pool-1", ["sms", "callQueue"]), ("pool-", ["sms"]), ("pool-9", ["legal", "sms"]),
        ] as [(WorkerID, [String])])
    func `is welcome under the names and with the stages that it permits`(worker: WorkerID, stages: [String]) throws {
        let bench = try CoreBench(tasks: 1)
        let (_, directives) = try bench.connect(worker, stages: stages, as: Self.holder)
        guard case .send(_, .welcome)? = directives.first else {
            Issue.record("expected Welcome, got \(directives)")
            return
        }
    }

    private static let name = "worker_id: expected a name that the certificate of CN=a permits, got "
    private static let refusals: [(WorkerID, [String], String)] = [
        ("sms-2", ["sms"], name + "sms-2"),
        ("sms-", ["sms"], name + "sms-"),
        ("sms-11", ["sms"], name + "sms-11"),
        ("Sms-1", ["sms"], name + "Sms-1"),
        ("poo", ["sms"], name + "poo"),
        ("sms-1", ["legal"], "stages: expected of sms, which the certificate of CN=a permits, got legal"),
        ("sms-1", ["sms", "agency"], "stages: expected of sms, which the certificate of CN=a permits, got agency"),
        ("pool-1", ["legal"], "stages: expected of sms, callQueue, which the certificate of CN=a permits, got legal"),
    ]

    @Test(arguments: refusals.indices)
    func `is refused under others`(index: Int) throws {
        let (worker, stages, reason) = Self.refusals[index]
        let bench = try CoreBench(tasks: 1)
        let (session, directives) = try bench.connect(worker, stages: stages, as: Self.holder)
        guard case .send(_, .refused(let refused))? = directives.first, case .close? = directives.last else {
            Issue.record("expected Refused and a close, got \(directives)")
            return
        }
        #expect(refused.message == reason)
        #expect(try bench.request(session, credit: 1) == nil, "nothing is leased to it")
        #expect(bench.notices().map(\.detail) == [reason])
    }

    @Test func `who permits nothing is nobody`() throws {
        let bench = try CoreBench(tasks: 1)
        let (_, directives) = try bench.connect("sms-1", as: Principal(name: "CN=b", permits: []))
        guard case .send(_, .refused)? = directives.first else {
            Issue.record("expected Refused, got \(directives)")
            return
        }
    }

    @Test(arguments: ["", "a b", "a*b", "**", "a/b", "é", String(repeating: "a", count: 65)])
    func `names are names`(names: String) {
        #expect(Principal.Permit(names: names, stages: [.sms]) == nil)
        #expect(Principal.Permit(names: "*", stages: [.sms]) != nil)
        #expect(Principal.Permit(names: "a", stages: []) == nil)
    }
}
