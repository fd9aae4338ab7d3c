// Owns: who is let in by a real coordinator under TLS, with certificates of the script that makes them.
import Foundation
import Testing

@Suite("A coordinator under TLS", .serialized)
struct CertificateProcessTests {
    @Test func `Workers do what their certificates permit, until these are revoked`() throws {
        try withScratch { scratch in
            let pki = try Authority(in: scratch)
            let fingerprint = try pki.worker("all-*", "sms,callQueue,agency,legal")
            try pki.worker("calls", "callQueue")
            let revoked = scratch.url.appendingPathComponent("revoked.txt")
            try Data("# none yet\n".utf8).write(to: revoked)
            let served = try Served(
                in: scratch, configuration: pki.configuration("coordinator", "revoked: revoked.txt, lender: bank"))

            func worker(_ stage: String, _ id: String, _ certificate: String) throws -> Started {
                let config = scratch.url.appendingPathComponent("\(id)-\(stage).yaml")
                try Data(pki.configuration(certificate).utf8).write(to: config)
                return try Started(
                    [
                        Project.binary, "worker", "--stage", stage, "--id", id, "--data", scratch.path("work-\(id)"),
                        "--coordinator", served.endpoint, "--config", config.path, "--legal", scratch.path("legal"),
                        "--agencies", scratch.path("agencies"), "--gateway", "http://127.0.0.1:9", "--token-file",
                        scratch.path("token"),
                    ], in: scratch)
            }
            try Data("token".utf8).write(to: scratch.url.appendingPathComponent("token"))
            let refusals = [
                ("legal", "all-1x", "calls", "worker_id: expected a name that the certificate of CN=calls permits"),
                (
                    "sms", "calls", "calls",
                    "stages: expected of callQueue, which the certificate of CN=calls permits, got sms"
                ),
                ("sms", "other-1", "all", "worker_id: expected a name that the certificate of CN=all permits"),
            ]
            for (stage, id, certificate, reason) in refusals {
                let end = try worker(stage, id, certificate).end()
                #expect(end.code == 6 && end.text.contains(reason), "\(id): \(end.text)")
                #expect(served.coordinator.text.contains(reason))
            }

            let welcome = try worker("legal", "all-1", "all")
            wait(until: { served.coordinator.text.contains("worker=all-1") }, orUntil: { !welcome.process.isRunning })
            #expect(served.coordinator.text.contains("worker joined"), "\(served.coordinator.text)")
            welcome.process.terminate()
            #expect(welcome.end().code == 0)

            try Data("# lost with a laptop\n\(fingerprint)\n".utf8).write(to: revoked)
            let lost = try worker("legal", "all-2", "all")
            let reason = "the certificate of CN=all is revoked"
            wait(until: { served.coordinator.text.contains(reason) }, orUntil: { !lost.process.isRunning })
            #expect(served.coordinator.text.contains(reason), "\(served.coordinator.text)")
            lost.kill()
            try served.stop()
        }
    }

    @Test func `Without TLS no other machine is listened to or spoken to, unless somebody says so`() throws {
        try withScratch { scratch in
            let open = try Project.recoup(
                "coordinator", "--data", scratch.path("data"), "--listen", "0.0.0.0:0", in: scratch)
            #expect(open.code != 0 && open.text.contains("clearText: allowed"), "\(open.text)")
            let worker = try Project.recoup(
                "worker", "--stage", "legal", "--id", "legal-1", "--data", scratch.path("work"), "--legal",
                scratch.path("legal"), "--coordinator", "192.0.2.1:7420", in: scratch)
            #expect(worker.code == 2 && worker.text.contains("expected TLS towards another machine"), "\(worker.text)")
            let sms = try Project.recoup(
                "worker", "--stage", "sms", "--id", "sms-1", "--data", scratch.path("work"), "--coordinator",
                "127.0.0.1:1", "--gateway", "http://gateway.example:80", "--token-file", scratch.path("token"),
                in: scratch)
            #expect(sms.code == 2 && sms.text.contains("--gateway: expected TLS"), "\(sms.text)")

            try Data("clearText: allowed\n".utf8).write(to: scratch.url.appendingPathComponent("open.yaml"))
            let coordinator = try Started(
                [
                    Project.binary, "coordinator", "--data", scratch.path("data"), "--listen", "0.0.0.0:0", "--config",
                    scratch.path("open.yaml"),
                ], in: scratch)
            _ = try announced(scratch.path("data/coordinator.json"), by: coordinator)
            coordinator.process.terminate()
            #expect(coordinator.end().code == 0)
        }
    }

    @Test func `A peer that speaks the other way is told so, on both sides`() throws {
        try withScratch { scratch in
            let pki = try Authority(in: scratch)
            try pki.worker("all-*", "legal")
            let served = try Served(in: scratch, configuration: pki.configuration("coordinator"))
            let clear = try Started(
                [
                    Project.binary, "worker", "--stage", "legal", "--id", "all-1", "--data", scratch.path("work"),
                    "--legal",
                    scratch.path("legal"), "--coordinator", served.endpoint,
                ], in: scratch)
            let words = "the beginning of TLS: only one side is configured to speak it"
            wait(until: { clear.text.contains(words) }, orUntil: { !clear.process.isRunning })
            #expect(clear.text.contains(words), "\(clear.text)")
            #expect(served.coordinator.text.contains("connection refused"), "\(served.coordinator.text)")
            clear.kill()
            try served.stop()
        }
    }
}

/// An authority, made by the script that the documentation names.
private struct Authority {
    private let scratch: Scratch
    private var folder: String { scratch.path("pki") }

    init(in scratch: Scratch) throws {
        self.scratch = scratch
        _ = try make("coordinator", "127.0.0.1")
    }

    /// - Returns: the certificate's fingerprint.
    @discardableResult
    func worker(_ name: String, _ stages: String) throws -> String {
        let said = try make("worker", name, stages)
        return String(said.split(separator: " ").last ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What a recoup.yaml says of the certificate of this name.
    func configuration(_ name: String, _ more: String = "") -> String {
        let files = "certificate: pki/\(name).pem, key: pki/\(name).key, ca: pki/ca.pem"
        return "tls: { \(files)\(more.isEmpty ? "" : ", " + more) }\n"
    }

    private func make(_ arguments: String...) throws -> String {
        let script = Project.root.appendingPathComponent("scripts/certificates.sh").path
        let end = try Started(
            ["/usr/bin/env", "bash", script, folder] + arguments, in: scratch, environment: ["LENDER": "bank"]
        ).end()
        try #require(end.code == 0, "\(end.text)")
        return end.text
    }
}
