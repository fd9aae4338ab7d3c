// Owns: what recoup.yaml says, as one validated value. Knows nothing of flags, which override it command by command.
import BusinessDay
import Arrears
import Coordinator
import DispatchCore
import Documents
import Foundation
import Leasing

/// Everything that a configuration file may say; what it leaves out has the value of `Configuration()`.
struct Configuration: Sendable {
    struct TLS: Hashable, Sendable {
        /// PEM files: this process's own certificate and key, and the authority that signed the others'.
        var certificate: String
        var key: String
        var ca: String
        /// Fingerprints of certificates that count no more.
        var revoked: String?
        /// How the workers' certificates name them.
        var workers = WorkerCertificates()
    }

    struct Gateway: Hashable, Sendable {
        /// `http://` or `https://`, without a path.
        var url: String
        /// A file with the bearer token.
        var tokenFile: String
        /// PEM file of the authority that signed the gateway's certificate; nil: the system's.
        var ca: String?
    }

    var data: String?
    var listen: Endpoint?
    var tls: TLS?
    /// Somebody meant that other machines are spoken to without TLS.
    var allowsClearText = false
    var limits = Limits()
    var policy: String?
    var templates: String?
    var institution = Institution(name: "Example Consumer Finance", contact: "+86 400 000 0000")
    var gateway: Gateway?
    var agencies: String?
    var legal: String?
    /// Tasks that one worker of the stage holds at once.
    var capacities: [Stage: Int] = [:]
    /// How portfolios share the workers; one that is not named has weight 1.
    var portfolioWeights: [PortfolioID: Int] = [:]
    var rejectLimit: RejectLimit = .percent(5)
    /// Per cent of a portfolio's accounts that may be missing since its last book.
    var maxLost = 20.0

    func capacity(of stage: Stage) -> Int { capacities[stage] ?? stage.descriptor.defaultCapacity }

    init() {}

    /// Reads a file as a whole.
    /// - Throws: `DocumentFaults` with all of its faults, `Failure` when it cannot be read.
    init(file: String) throws {
        let text = try readText(file)
        let document = try readDocument(yaml: text, source: file)
        let base = URL(fileURLWithPath: file).deletingLastPathComponent().path
        self = try DocumentReader.read(document, source: file) { Configuration(reading: $0, base: base) }
    }

    /// The file that was named, or the defaults.
    static func load(_ file: String?) throws -> Configuration {
        try file.map { try Configuration(file: $0) } ?? Configuration()
    }
}

extension Configuration {
    /// - Parameter base: the directory that relative paths start from: the file's own.
    init?(reading root: DocumentReader, base: String) {
        var configuration = Configuration()
        let read: Void? = root.mapping { keys in
            configuration.readPlaces(keys, base: base)
            configuration.readParties(keys, base: base)
            configuration.limits = keys.optional("limits").flatMap(Limits.init(reading:)) ?? Limits()
            configuration.capacities = keys.optional("workers").flatMap(readCapacities) ?? [:]
            configuration.portfolioWeights = keys.optional("portfolios").flatMap(readWeights) ?? [:]
            if let limit = keys.optional("maxRejects") { configuration.readRejectLimit(limit) }
            if let limit = keys.optional("maxLost") { configuration.readLostLimit(limit) }
            return ()
        }
        guard read != nil else { return nil }
        self = configuration
    }

    private mutating func readPlaces(_ keys: MappingReader, base: String) {
        func path(_ key: String) -> String? { keys.optional(key)?.path(in: base) }
        data = path("data")
        policy = path("policy")
        templates = path("templates")
        agencies = path("agencies")
        legal = path("legal")
        if let node = keys.optional("listen"), let text = node.text("HOST:PORT") {
            listen = Endpoint(text)
            if listen == nil { node.fault(expected: "HOST:PORT, such as 0.0.0.0:7420") }
        }
        if let node = keys.optional("clearText"), let text = node.text("allowed") {
            allowsClearText = text == "allowed"
            if !allowsClearText { node.fault(expected: "allowed, or no such key") }
        }
        tls = keys.optional("tls")?.mapping { keys in
            let certificate = keys.required("certificate")?.path(in: base)
            let key = keys.required("key")?.path(in: base)
            let ca = keys.required("ca")?.path(in: base)
            let revoked = keys.optional("revoked")?.path(in: base)
            let lender = keys.optional("lender")?.text()
            let subjects = keys.optional("workers")?.list { $0.mapping(readSubject) } ?? []
            guard let certificate, let key, let ca else { return nil }
            return TLS(
                certificate: certificate, key: key, ca: ca, revoked: revoked,
                workers: WorkerCertificates(lender: lender, subjects: subjects))
        }
    }

    private mutating func readParties(_ keys: MappingReader, base: String) {
        let party: Institution? = keys.optional("institution")?.mapping { keys in
            let name = keys.required("name")?.text()
            let contact = keys.required("contact")?.text()
            guard let name, let contact else { return nil }
            return Institution(name: name, contact: contact)
        }
        if let party { institution = party }
        gateway = keys.optional("gateway")?.mapping { keys in
            let url = keys.required("url")?.gatewayURL()
            let tokenFile = keys.required("tokenFile")?.path(in: base)
            let ca = keys.optional("ca")?.path(in: base)
            guard let url, let tokenFile else { return nil }
            return Gateway(url: url, tokenFile: tokenFile, ca: ca)
        }
    }

    private mutating func readRejectLimit(_ node: DocumentReader) {
        guard let text = node.text() else { return }
        if let limit = RejectLimit(argument: text) {
            rejectLimit = limit
        } else {
            node.fault(expected: "a number of rows, or a share such as 2%")
        }
    }
}

extension Configuration {
    fileprivate mutating func readLostLimit(_ node: DocumentReader) {
        guard let text = node.text() else { return }
        if case .percent(let share)? = RejectLimit(argument: text), share <= 100 {
            maxLost = share
        } else {
            node.fault(expected: "a share of a portfolio's accounts, such as 20%")
        }
    }
}

private func readSubject(_ keys: MappingReader) -> WorkerCertificates.Subject? {
    let subject = keys.required("subject")?.text("a subject such as CN=worker-7,O=Bank")
    let names = keys.required("names")
    let stages = keys.required("stages")?.oneOrMore { node -> Stage? in
        guard let text = node.text() else { return nil }
        if Stage(rawValue: text) == nil {
            node.fault(expected: "one of " + Stage.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return Stage(rawValue: text)
    }
    guard let subject, let names, let text = names.text(), let stages else { return nil }
    guard let permit = Principal.Permit(names: text, stages: Set(stages)) else {
        names.fault(expected: "a worker's name, or with * at its end the beginning of names")
        return nil
    }
    return WorkerCertificates.Subject(subject: subject, permit: permit)
}

private func readCapacities(_ node: DocumentReader) -> [Stage: Int]? {
    node.mapping { keys in
        var capacities: [Stage: Int] = [:]
        for stage in Stage.allCases {
            guard let worker = keys.optional(stage.rawValue) else { continue }
            capacities[stage] = worker.mapping { $0.required("capacity")?.integer(in: 1...100_000) }
        }
        return capacities
    }
}

private func readWeights(_ node: DocumentReader) -> [PortfolioID: Int]? {
    node.entries().map { entries in
        var weights: [PortfolioID: Int] = [:]
        for (portfolio, _, value) in entries {
            weights[PortfolioID(portfolio)] = value.mapping { $0.required("weight")?.integer(in: 1...1_000) }
        }
        return weights
    }
}

extension Limits {
    fileprivate init?(reading node: DocumentReader) {
        var limits = Limits()
        let read: Void? = node.mapping { keys in
            func set(_ key: String, _ field: WritableKeyPath<Limits, Int64>, _ range: ClosedRange<Int>) {
                if let value = keys.optional(key)?.integer(in: range) { limits[keyPath: field] = Int64(value) }
            }
            set("leaseMilliseconds", \.leaseMilliseconds, 1_000...3_600_000)
            set("heartbeatMilliseconds", \.heartbeatMilliseconds, 100...600_000)
            set("inquiryDelayMilliseconds", \.inquiryDelayMilliseconds, 0...3_600_000)
            // As long as the inquiry delay, where the lease has room for it.
            limits.safetyMarginMilliseconds = min(limits.inquiryDelayMilliseconds, limits.leaseMilliseconds / 2)
            set("safetyMarginMilliseconds", \.safetyMarginMilliseconds, 0...600_000)
            if let value = keys.optional("tasksPerLease")?.integer(in: 1...10_000) { limits.tasksPerLease = value }
            if let value = keys.optional("deliveriesPerTask")?.integer(in: 1...1_000) {
                limits.deliveriesPerTask = value
            }
            return ()
        }
        guard read != nil else { return nil }
        for fault in limits.faults { node.fault(expected: "limits that fit each other", got: fault) }
        self = limits
    }
}

extension DocumentReader {
    /// A path; a relative one starts from `base`.
    fileprivate func path(in base: String) -> String? {
        text("a path").map {
            URL(fileURLWithPath: $0, relativeTo: URL(fileURLWithPath: base + "/")).standardizedFileURL.path
        }
    }

    fileprivate func gatewayURL() -> String? {
        guard let text = text("a URL") else { return nil }
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme),
            url.host != nil, url.path.isEmpty || url.path == "/"
        else {
            fault(expected: "https://HOST[:PORT] or http://HOST[:PORT], without a path")
            return nil
        }
        return text
    }
}
