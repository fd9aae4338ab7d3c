// Owns: what a worker process is told at its start. Parsed and checked once; nothing else reads the environment.
import NIOSSL
import SystemParts

/// All that a worker needs to know beside its stage's own configuration.
package struct WorkerConfiguration: Sendable {
    /// TLS towards the coordinator.
    package struct TLS: Hashable, Sendable {
        /// PEM file of the authorities that may vouch for the coordinator; nil: the system's.
        package var authorities: String?
        /// PEM files of this worker's certificate chain and key; both or none.
        package var certificate: String?
        package var key: String?
        package init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
            self.authorities = authorities
            self.certificate = certificate
            self.key = key
        }
    }

    package var host: String
    package var port: Int
    /// The operator's name for this worker: 1–64 characters of `[A-Za-z0-9._-]`, unique among its coordinator's workers.
    package var name: String
    /// The journal's directory; one worker owns it.
    package var dataDirectory: String
    /// Tasks in hands at most.
    package var capacity: Int
    /// Random, new for each process; 0 is replaced by 1.
    package var incarnation: UInt64
    package var tls: TLS?
    /// Drain when standard input ends: a supervisor that holds its other end has died.
    package var stopsAtEndOfInput: Bool
    /// How often `StageHandler.tend` is called.
    package var tendMilliseconds: Int64
    /// After its last work, a worker that is to stop waits this long for acknowledgements.
    package var drainMilliseconds: Int64
    /// Name and version, for people.
    package var software: String

    package init(
        host: String, port: Int, name: String, dataDirectory: String, capacity: Int = 500, incarnation: UInt64,
        tls: TLS? = nil, stopsAtEndOfInput: Bool = false, tendMilliseconds: Int64 = 2_000,
        drainMilliseconds: Int64 = 15_000, software: String = "recoup"
    ) {
        self.host = host
        self.port = port
        self.name = name
        self.dataDirectory = dataDirectory
        self.capacity = capacity
        self.incarnation = incarnation
        self.tls = tls
        self.stopsAtEndOfInput = stopsAtEndOfInput
        self.tendMilliseconds = tendMilliseconds
        self.drainMilliseconds = drainMilliseconds
        self.software = software
    }

    /// Every value that cannot be used, in words; empty when all can.
    package var faults: [String] {
        var faults: [String] = []
        if host.isEmpty { faults.append("host: expected a name or an address, got none") }
        if !(1...65_535).contains(port) { faults.append("port: expected 1–65535, got \(port)") }
        let isNamed = !name.isEmpty && name.utf8.count <= 64 && name.utf8.allSatisfy(WorkerConfiguration.isNameByte)
        if !isNamed { faults.append("name: expected 1–64 characters of [A-Za-z0-9._-], got \"\(name)\"") }
        if !(1...1_000_000).contains(capacity) { faults.append("capacity: expected 1–1000000, got \(capacity)") }
        if tendMilliseconds < 1 { faults.append("tendMilliseconds: expected 1 or more, got \(tendMilliseconds)") }
        if drainMilliseconds < 0 { faults.append("drainMilliseconds: expected 0 or more, got \(drainMilliseconds)") }
        if let tls, (tls.certificate == nil) != (tls.key == nil) {
            faults.append("tls: expected certificate and key or neither, got one")
        }
        return faults
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    func tlsContext() throws(WorkerSetupError) -> NIOSSLContext? {
        guard let tls else { return nil }
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv13
            if let authorities = tls.authorities { configuration.trustRoots = .file(authorities) }
            if let certificate = tls.certificate, let key = tls.key {
                try SecretFile.demandPrivate(key)
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate)
                    .map { .certificate($0) }
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            }
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw WorkerSetupError(faults: ["tls: expected readable PEM files that fit each other, got: \(error)"])
        }
    }
}

/// A worker that cannot start as it was told to, with every fault found.
package struct WorkerSetupError: Error, Hashable, Sendable, CustomStringConvertible {
    package var faults: [String]
    package var description: String { faults.joined(separator: "\n") }
}
