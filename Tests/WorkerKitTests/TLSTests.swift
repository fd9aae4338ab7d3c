// Owns: examples of a worker's link under TLS, with certificates made for the test.
import Foundation
@testable import Leasing
import NIOSSL
import Testing

@testable import WorkerKit

@Suite("A worker under TLS", .timeLimit(.minutes(1))) struct TLSTests {
    @Test func `Both sides show certificates of an authority that the other trusts`() async throws {
        let pki = try PKI()
        let coordinator = try await FakeCoordinator(tls: try pki.server())
        let directory = try Directory()
        let worker = try RunningWorker(
            directory, port: coordinator.port,
            tls: WorkerConfiguration.TLS(
                authorities: pki.file("ca.pem"), certificate: pki.file("worker.pem"), key: pki.file("worker.key")),
            handler: FakeHandler(onWork: { _, _ in }))
        #expect(await coordinator.session().hello()?.worker == "w1")
        #expect(try await worker.stop() == .drained)
    }

    @Test func `A coordinator of an unknown authority hears nothing, and is tried again`() async throws {
        let (pki, other) = (try PKI(), try PKI())
        let coordinator = try await FakeCoordinator(tls: try pki.server())
        let directory = try Directory()
        let worker = try RunningWorker(
            directory, port: coordinator.port,
            tls: WorkerConfiguration.TLS(
                authorities: other.file("ca.pem"), certificate: pki.file("worker.pem"), key: pki.file("worker.key")),
            handler: FakeHandler(onWork: { _, _ in }))
        #expect(await coordinator.session().receive() == nil)
        #expect(await coordinator.session().receive() == nil)
        #expect(try await worker.stop() == .drained)
    }

    @Test func `Files that are no certificates are a fault of the configuration`() throws {
        var configuration = WorkerConfiguration(
            host: "h", port: 1, name: "w", dataDirectory: "/tmp", incarnation: 1)
        configuration.tls = WorkerConfiguration.TLS(authorities: "/nonexistent.pem")
        #expect(throws: WorkerSetupError.self) { try configuration.tlsContext() }
    }
}

/// An authority and two certificates of it, by the openssl command.
private struct PKI {
    private let directory: Directory

    init() throws {
        directory = try Directory()
        let names = "subjectAltName=IP:127.0.0.1"
        try run("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=test-ca")
        for name in ["coordinator", "worker"] {
            try run("req -newkey rsa:2048 -nodes -keyout \(name).key -out \(name).csr -subj /CN=\(name)")
            try Data(names.utf8).write(to: URL(fileURLWithPath: file("names")))
            try run(
                "x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -out \(name).pem -days 2 "
                    + "-extfile names")
        }
    }

    func file(_ name: String) -> String { "\(directory.path)/\(name)" }

    func server() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(file("coordinator.pem")).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: file("coordinator.key"), format: .pem)))
        configuration.trustRoots = .file(file("ca.pem"))
        configuration.certificateVerification = .noHostnameVerification
        return try NIOSSLContext(configuration: configuration)
    }

    private func run(_ arguments: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl \(arguments)")
    }
}
