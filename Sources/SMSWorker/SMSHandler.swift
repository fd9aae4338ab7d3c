// Owns: the sms stage as WorkerKit runs it. What is sent stands in MessageTemplate and GatewayService, that it is sent
// at most once in WorkerKit's SubmitAndPoll.
import Arrears
import HTTP2Client
import WorkerKit

package struct SMSConfiguration: Hashable, Sendable {
    package var gateway: ServiceConfiguration
    /// Directory of `<id>.<lang>.txt`.
    package var templateDirectory: String
    /// For those whose language there is no text in.
    package var defaultLanguage = "zh-Hans"
    /// `answerWait` is how long a final receipt is waited for; without one the outcome is `sentUnconfirmed`.
    package var work = SubmitAndPollSettings()

    package init(gateway: ServiceConfiguration, templateDirectory: String) {
        self.gateway = gateway
        self.templateDirectory = templateDirectory
    }
}

/// Sends approved texts through a gateway and waits for their receipts.
package struct SMSHandler: StageHandler {
    package var stage: Stage { .sms }
    private let service: ServiceClient
    private let loop: SubmitAndPoll<GatewayService>

    /// - Throws: `TemplateFaults` or `ServiceSettingsError`.
    /// - Parameter note: told in words when the gateway begins to refuse, and when it serves again.
    package init(
        _ configuration: SMSConfiguration, pace: Pace = .real, note: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        let templates = try TemplateLibrary(
            directory: configuration.templateDirectory, defaultLanguage: configuration.defaultLanguage)
        service = try ServiceClient(configuration.gateway, note: note)
        loop = SubmitAndPoll(
            GatewayService(service: service, templates: templates), settings: configuration.work, pace: pace)
    }

    package func work(_ tasks: [WorkTask], under lease: any HeldLease) async throws {
        try await loop.work(tasks, under: lease)
    }

    package func shutdown() async { await service.close() }
}
