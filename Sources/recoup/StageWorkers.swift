// Owns: what the command line knows of each stage: its worker's handler, and where a worker of an embedded run finds its
// outside. Knows nothing of how the work is done.
import AgencyWorker
import Arrears
import CallQueueWorker
import Foundation
import HTTP2Client
import LegalWorker
import Logging
import SMSWorker
import SystemParts
import WorkerKit

extension WorkerCommand {
    /// Who does the stage's work.
    func makeHandler(_ settings: Configuration, _ logger: Logger) throws -> any StageHandler {
        let note: @Sendable (String) -> Void = { logger.warning("\($0)") }
        switch stage {
        case .sms:
            var sms = SMSConfiguration(
                gateway: try service(settings), templateDirectory: try templates(settings, "sms"))
            sms.work.pollInterval = poll ?? sms.work.pollInterval
            sms.work.inquiryDelay = .milliseconds(settings.limits.inquiryDelayMilliseconds)
            return try SMSHandler(sms, note: note)
        case .callQueue:
            var calls = CallQueueConfiguration(
                dialer: try service(settings), scriptDirectory: try templates(settings, "calls"))
            calls.work.pollInterval = poll ?? calls.work.pollInterval
            return try CallQueueHandler(calls, note: note)
        case .agency:
            let root = try required(agencies ?? settings.agencies, "--agencies", "agencies")
            var agency = AgencyConfiguration(root: root, lender: settings.institution.name)
            agency.pollInterval = poll ?? agency.pollInterval
            return try AgencyHandler(configuration: agency, note: note)
        case .legal:
            let root = try required(legal ?? settings.legal, "--legal", "legal")
            return try LegalHandler(
                configuration: LegalConfiguration(root: root, lender: settings.institution.name), note: note)
        }
    }

    private var poll: Duration? { pollMilliseconds.map { .milliseconds($0) } }

    private func service(_ settings: Configuration) throws -> ServiceConfiguration {
        let url = try required(gateway ?? settings.gateway?.url, "--gateway", "gateway.url")
        let token = try required(tokenFile ?? settings.gateway?.tokenFile, "--token-file", "gateway.tokenFile")
        guard let origin = HTTP2Origin(url) else {
            throw Failure(.usage, "--gateway: expected https://HOST[:PORT] or http://HOST[:PORT], got \(url)")
        }
        if !Loopback.contains(origin.host) { try SecretFile.demandPrivate(token) }
        try settings.demandPrivacy(towards: origin.host, isPrivate: origin.scheme == .https, "--gateway")
        return ServiceConfiguration(
            http: HTTP2ClientConfiguration(origin: origin, certificateAuthorityFile: settings.gateway?.ca),
            tokenFile: token)
    }

    private func templates(_ settings: Configuration, _ kind: String) throws -> String {
        try "\(templates ?? settings.templates ?? Shipped.path("templates"))/\(kind)"
    }

    private func required(_ value: String?, _ flag: String, _ key: String) throws -> String {
        if let value { return value }
        throw Failure(
            .usage, "\(flag): expected it, or \(key) in a --config, for a \(stage.rawValue) worker; got neither")
    }
}

extension EmbeddedSet {
    /// Where a worker of the set finds what its stage works on.
    func outside(of stage: Stage) throws -> [String] {
        switch stage {
        case .sms, .callQueue:
            guard settings.sandbox else { return [] }
            let gateway = try announced(directory.sandboxAddress)
            return ["--gateway", "http://\(gateway.endpoint)", "--token-file", directory.token]
        case .agency: return ["--agencies", directory.agencies]
        case .legal: return ["--legal", directory.legal]
        }
    }
}
