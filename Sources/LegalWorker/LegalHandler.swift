// Owns: the legal tasks of a lease → refusals by a gate, or evidence folders. Knows nothing of what is in a folder.
import Arrears
import Foundation
import Leasing
import SystemParts
import WorkerKit

/// Where evidence goes.
package struct LegalConfiguration: Hashable, Sendable {
    /// The folder with one folder per case.
    package var root: String
    /// The lender's name, as it stands in the evidence.
    package var lender: String
    /// The pause after a folder could not be written, before its task may come again.
    package var faultPause: Duration

    package init(root: String, lender: String, faultPause: Duration = .seconds(5)) {
        self.root = root
        self.lender = lender
        self.faultPause = faultPause
    }
}

/// Prepares cases for counsel: checks the gates and writes the evidence. Nothing is filed with a court.
///
/// The same task makes the same folder with the same bytes, so that doing it twice is doing it once.
package struct LegalHandler: StageHandler {
    package let stage = Stage.legal

    private let configuration: LegalConfiguration
    private let pause: @Sendable (Duration) async throws -> Void
    private let note: @Sendable (String) -> Void

    private static let fileLimit = 64 * 1024 * 1024

    /// Opens the folder and removes what an earlier process left half-written.
    /// - Parameter note: told in words, without personal data, when a file operation failed.
    /// - Throws: `DurableFileFault` when the folder cannot be used.
    package init(
        configuration: LegalConfiguration,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await ContinuousClock().sleep(for: $0) },
        note: @escaping @Sendable (String) -> Void
    ) throws {
        try DurableFiles.makeFolder(configuration.root)
        var configuration = configuration
        // The lender's own folder may be a link; nothing below it may.
        configuration.root = URL(fileURLWithPath: configuration.root).resolvingSymlinksInPath().path
        self.configuration = configuration
        self.pause = pause
        self.note = note
        try locked { try dropUnfinished() }
    }

    package func work(_ tasks: [WorkTask], under lease: any HeldLease) async throws {
        var refusals: [Outcome] = []
        var free: [TaskID: (mode: TaskMode, content: LegalContent)] = [:]
        for task in tasks {
            guard case .legal(let content) = task.content else {
                refusals.append(
                    Outcome(
                        task: task.id, attempt: .notMade, code: .invalidContent,
                        details: ["why": "expected a legal task's content, got \(task.content.stage.rawValue)"]))
                continue
            }
            if let (gate, why) = LegalGate.refusal(of: content) {
                refusals.append(
                    Outcome(
                        task: task.id, attempt: .notMade, code: .refusedByGate,
                        details: ["gate": gate.rawValue, "why": why]))
            } else {
                free[task.id] = (task.mode, content)
            }
        }
        if !refusals.isEmpty { try await lease.finish(refusals) }
        try await inquire(free.filter { $0.value.mode == .inquire }, under: lease)
        try await prepare(free.filter { $0.value.mode == .attempt }, under: lease)
    }

    private func prepare(_ tasks: [TaskID: (mode: TaskMode, content: LegalContent)], under lease: any HeldLease)
        async throws
    {
        guard !tasks.isEmpty else { return }
        let begun = try await lease.begin(tasks.keys.sorted())
        var done: [Outcome] = []
        var failed: [TaskID] = []
        for (task, (_, content)) in tasks.sorted(by: { $0.key < $1.key }) where begun.contains(task) {
            do {
                done.append(try locked { try outcome(of: task, content: content) })
            } catch {
                note("legal evidence: \(error)")
                failed.append(task)
            }
        }
        if !done.isEmpty { try await lease.finish(done) }
        guard !failed.isEmpty else { return }
        // A folder is there whole or not at all, and may be written again: nothing was done that could be done twice.
        try? await pause(configuration.faultPause)
        try await lease.release(failed)
    }

    /// Answers whether the evidence of these tasks is there.
    private func inquire(_ tasks: [TaskID: (mode: TaskMode, content: LegalContent)], under lease: any HeldLease)
        async throws
    {
        for (task, (_, content)) in tasks.sorted(by: { $0.key < $1.key }) {
            let name = EvidenceFolder.name(task: task, caseRef: content.caseRef)
            if DurableFiles.exists(path(name)) {
                try await lease.finish([verified(task, name: name)])
            } else {
                try await lease.finish([Outcome(task: task, attempt: .neverSeen, code: .evidencePrepared)])
            }
        }
    }

    /// Writes the folder unless it is there; what is there is checked and never written over.
    private func outcome(of task: TaskID, content: LegalContent) throws -> Outcome {
        let evidence = try EvidenceFolder(task: task, content: content, lender: configuration.lender)
        let target = path(evidence.name)
        if DurableFiles.exists(target) { return verified(task, name: evidence.name) }
        try dropUnfinished()
        let staged = "\(staging)/\(evidence.name)"
        try DurableFiles.makeFolder(staging)
        try DurableFiles.writeFolder(evidence.files, to: staged)
        try DurableFiles.move(staged, to: target)
        return prepared(task, name: evidence.name, digest: evidence.digest)
    }

    /// Whether a folder still is what its manifest says.
    private func verified(_ task: TaskID, name: String) -> Outcome {
        do {
            guard let bytes = try read(EvidenceFolder.manifestName, in: name) else {
                throw DurableFileFault(.inputOutput, "\(name): expected \(EvidenceFolder.manifestName), got none")
            }
            let manifest = try JSONDecoder().decode(EvidenceFolder.Manifest.self, from: Data(bytes))
            for entry in manifest.files {
                guard let found = try read(entry.name, in: name), found.count == entry.bytes,
                    EvidenceFolder.sha256(found) == entry.sha256
                else {
                    throw DurableFileFault(
                        .inputOutput, "\(name)/\(entry.name): expected the bytes of the manifest, got others")
                }
            }
            return prepared(task, name: name, digest: EvidenceFolder.sha256(bytes))
        } catch {
            note("legal evidence: \(error)")
            return Outcome(
                task: task, attempt: .made, code: .madeResultUnknown, evidence: name,
                details: ["why": "the evidence folder is there, but is not what its manifest says"])
        }
    }

    private func prepared(_ task: TaskID, name: String, digest: String) -> Outcome {
        Outcome(task: task, attempt: .made, code: .evidencePrepared, evidence: "\(name) sha256:\(digest)")
    }

    private func read(_ file: String, in name: String) throws -> [UInt8]? {
        guard !file.contains("/") else { return nil }
        return try DurableFiles.read("\(path(name))/\(file)", limit: LegalHandler.fileLimit)
    }

    private func locked<Result>(_ body: () throws -> Result) throws -> Result {
        try DurableFiles.locked(configuration.root + "/.lock", body)
    }

    private func dropUnfinished() throws {
        for name in try DurableFiles.names(in: staging, hidden: true) { try DurableFiles.remove("\(staging)/\(name)") }
    }

    private var staging: String { configuration.root + "/.staging" }
    private func path(_ name: String) -> String { configuration.root + "/" + name }
}
