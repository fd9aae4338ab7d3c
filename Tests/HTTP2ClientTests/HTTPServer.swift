// Owns: a real HTTP/2 server for the tests, and certificates made for them.
import Foundation
@testable import HTTP2Client
import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOSSL
@testable import Sandbox
import ServiceLifecycle

/// Runs a server on a free loopback port while `use` runs.
func withServer(
    _ builder: HTTPServerBuilder = .plaintextHTTP2(), router: Router<BasicRequestContext>,
    _ use: @escaping @Sendable (Int) async throws -> Void
) async throws {
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    var logger = Logger(label: "test-server")
    logger.logLevel = .critical
    let application = Application(
        router: router, server: builder, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { channel in port.yield(channel.localAddress?.port ?? 0) }, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { port.finish() }
            try await application.serve(stopsOnSignals: false)
        }
        for await port in ports.prefix(1) { try await use(port) }
        group.cancelAll()
        try await group.waitForAll()
    }
}

/// A router whose paths show what the client can do.
func testRouter() -> Router<BasicRequestContext> {
    let router = Router()
    router.get("/numbers/:n") { _, context in
        let text = context.parameters.get("n") ?? ""
        return Response(
            status: .accepted, headers: [.contentType: "text/plain"], body: .init(byteBuffer: ByteBuffer(string: text)))
    }
    router.post("/echo") { request, _ in
        let body = try await request.body.collect(upTo: 64 << 20)
        return Response(status: .ok, body: .init(byteBuffer: body))
    }
    router.get("/silence") { _, _ -> Response in
        // Silent until the server is asked to stop.
        try await gracefulShutdown()
        return Response(status: .ok)
    }
    return router
}

func client(port: Int, _ change: (inout HTTP2ClientConfiguration) -> Void = { _ in }) -> HTTP2Client {
    var configuration = HTTP2ClientConfiguration(
        origin: HTTP2Origin(scheme: .http, host: "127.0.0.1", port: port))
    change(&configuration)
    return HTTP2Client(configuration)
}

/// A self-signed certificate for `localhost`, made with the openssl command.
struct TestCertificate {
    let certificate: String
    let key: String

    init() async throws {
        let directory = NSTemporaryDirectory() + "recoup-tls-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        certificate = directory + "/certificate.pem"
        key = directory + "/key.pem"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out",
            certificate,
        ]
        process.standardError = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        precondition(status == 0, "openssl: expected exit 0, got \(status)")
    }

    func remove() { try? FileManager.default.removeItem(atPath: (certificate as NSString).deletingLastPathComponent) }

    func serverConfiguration() throws -> TLSConfiguration {
        TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
    }
}

extension Result where Success == HTTP2Response, Failure == HTTP2Failure {
    var status: Int? { try? get().status }
    var failure: HTTP2Failure? {
        guard case .failure(let failure) = self else { return nil }
        return failure
    }
}

extension HTTP2Client {
    func result(_ request: HTTP2Request) async -> Result<HTTP2Response, HTTP2Failure> {
        do throws(HTTP2Failure) {
            return .success(try await self.request(request))
        } catch {
            return .failure(error)
        }
    }
}
