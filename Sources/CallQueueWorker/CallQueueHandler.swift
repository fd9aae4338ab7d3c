// Owns: the callQueue stage as WorkerKit runs it. What is queued stands in DialerMessages and DialerService, the loop in
// WorkerKit's SubmitAndPoll.
import Arrears
import HTTP2Client
import WorkerKit

package struct CallQueueConfiguration: Hashable, Sendable {
    package var dialer: ServiceConfiguration
    /// Directory of `<id>.<lang>.md`.
    package var scriptDirectory: String
    /// `answerWait` is how long a disposition is waited for; without one the outcome is `queuedUnanswered`.
    package var work: SubmitAndPollSettings

    package init(dialer: ServiceConfiguration, scriptDirectory: String) {
        self.dialer = dialer
        self.scriptDirectory = scriptDirectory
        work = SubmitAndPollSettings()
        // Collectors work through a queue in hours.
        work.answerWait = .seconds(4 * 3600)
        work.pollInterval = .seconds(2)
    }
}

/// Puts call items into a dialer's queues and waits for what came of them. When the worker is asked to stop, items that
/// nobody has dialled yet are taken back before their tasks are given back: a task that is withdrawn later leaves nothing in a
/// queue. Whoever gets them next puts the same items under the same ids, which changes nothing where one was left.
package struct CallQueueHandler: StageHandler {
    package var stage: Stage { .callQueue }
    private let service: ServiceClient
    private let loop: SubmitAndPoll<DialerService>

    /// - Throws: `ScriptLibraryError` or `ServiceSettingsError`.
    /// - Parameter note: told in words when the dialer begins to refuse, and when it serves again.
    package init(
        _ configuration: CallQueueConfiguration, pace: Pace = .real,
        note: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        let scripts = try ScriptLibrary(directory: configuration.scriptDirectory)
        service = try ServiceClient(configuration.dialer, note: note)
        loop = SubmitAndPoll(
            DialerService(service: service, scripts: scripts), settings: configuration.work, pace: pace)
    }

    package func work(_ tasks: [WorkTask], under lease: any HeldLease) async throws {
        try await loop.work(tasks, under: lease)
    }

    package func shutdown() async { await service.close() }
}
