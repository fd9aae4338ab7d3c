// Owns: the proof that a day killed at any moment ends alike, and that nobody is contacted twice for it.
import Foundation
import Testing

/// Each test runs real processes; one at a time, since a machine has few cores.
@Suite("A day that is interrupted", .serialized)
struct InterruptionTests {
    private static let accounts = "1500"

    private func day(in directory: String) -> [String] {
        [
            Project.binary, "demo", "--accounts", Self.accounts, "--seed", "7", "--as-of", "2026-11-20", "--data",
            directory,
        ]
    }

    private func report(_ directory: String, in scratch: Scratch) throws -> String {
        try Project.recoup("report", "--data", directory, "--json", "--without-times", in: scratch).text
    }

    /// Who is killed, and after how many settled tasks.
    private static let interruptions: [(victims: [String], settled: Int)] = [
        (["coordinator"], 1), (["sms-1"], 20), (["callQueue-1"], 40), (["agency-1"], 60), (["legal-1"], 80),
        (["sandbox"], 100), ([], 120), (["coordinator"], 140), (["callQueue-1", "sms-1"], 160), ([], 200),
    ]

    @Test
    func `Killed at ten moments and resumed, the day ends as if nothing had happened, and nobody is contacted twice`()
        throws
    {
        try withScratch { scratch in
            let whole = DataDirectory(path: scratch.path("whole"))
            let undisturbed = try Started(day(in: whole.path), in: scratch).end()
            try #require(undisturbed.code == 0, "\(undisturbed.text)")
            let expected = try report(whole.path, in: scratch)
            #expect(try whole.effects().values.allSatisfy { $0 == 1 })

            for (number, interruption) in Self.interruptions.enumerated() {
                let data = DataDirectory(path: scratch.path("day-\(number)"))
                let name = "\(interruption.victims) after \(interruption.settled) settled tasks"
                let demo = try Started(day(in: data.path), in: scratch)
                wait(until: { data.settledTasks() >= interruption.settled }, orUntil: { !demo.process.isRunning })
                let running = try data.running()
                let victims = interruption.victims.isEmpty ? Array(running.keys) : interruption.victims
                for victim in victims {
                    let pid = try #require(running[victim], "\(victim) is not running: \(running)")
                    kill(pid, SIGKILL)
                }
                #expect(demo.end().code != 0, "\(name)")

                let resumed = try Project.script("resume.sh", data.path, in: scratch)
                #expect(resumed.code == 0, "\(name): \(resumed.text)")
                #expect(try report(data.path, in: scratch) == expected, "\(name)")
                #expect(try data.effects() == whole.effects(), "\(name)")
            }
        }
    }

    @Test func `A finished run is not run again`() throws {
        try withScratch { scratch in
            let directory = scratch.path("day")
            let demo = try Project.recoup(
                "demo", "--accounts", "200", "--seed", "3", "--as-of", "2026-11-20", "--data", directory, in: scratch)
            try #require(demo.code == 0, "\(demo.text)")
            #expect(demo.text.contains("balanced: 200 accounts with a result = 200 accounts read"))
            let before = try DataDirectory(path: directory).effects()
            let resumed = try Project.script("resume.sh", directory, in: scratch)
            #expect(resumed.code == 0)
            #expect(resumed.text.contains("is finished; there is nothing to resume"))
            #expect(try DataDirectory(path: directory).effects() == before)
        }
    }
}
