// Owns: the proof that a change of the house changes nothing that others see. A change that is meant to do so says it by
// the digests that it changes here.
import Testing

@Suite("Ten seeded days")
struct TenDaysTests {
    @Test func `leave the same frames, reports and ledger, byte for byte`() throws {
        let days = try TenDays()
        #expect(days.outcomes > 350, "days without outcomes prove nothing")
        for (name, digest) in days.digests.sorted(by: { $0.key < $1.key }) {
            #expect(digest == Self.expected[name], "\(name): \(digest)")
        }
        #expect(Set(days.digests.keys) == Set(Self.expected.keys))
    }

    private static let expected = [
        "frames": "513d318ff648a1f330898e7b130850ea6101f7ac7d8e1c019af807e69b08f7fa",
        "ledger account": "31509a95819e13ae07f7914a0fd824f4d8ece60444db3cdbd3ffe0592ac81c6c",
        "ledger checkpoint": "0473e9f5597fae361cb3ad296a26d0cec2a7d6f106d68f3fcb1bd9d40ea2183e",
        "ledger episode": "4ed9b7d69bd189484758dc41bc09750fa12f263c2928cfe701e8fef176d3e91f",
        "ledger event": "dce33d681153fa9f725ba7352f8f3b0e330d2e400e5d28832f6d31672639b118",
        "ledger history": "db64846e79012b7034ba15bf5cd677408f7bc612f6303875bf1417da72a81a33",
        "ledger lease": "3d1b46ed1db2e196b535394391077cd08516c13d2f167fc9a63ec8111d52ad08",
        "ledger overdue_case": "f05a912b6edbc4522550e0b1c779a125e74f6f06b7352412adb3679c1c00ceca",
        "ledger portfolio": "bd31087492773638a4cc2f7b6097934fbf90d8f52d36da4aceb2b290983b23d8",
        "ledger reject": "2cd2e96d50cbe305a8a14bdc3f574f889a110940a7d74a0b126f3780586197c6",
        "ledger run": "09bfddaaf95c46f2ca7ce33fb9c7944115b6b7062d0220048059d09e48f5cf62",
        "ledger task": "338d088fb5b977974b2aeb1832e0507a45c73ce195d011532766ddb0f6c31c36",
        "ledger task_count": "35c2f2e0141861ab375bf7837c2e432aebf2cf75d877199927ffb65eb94c5318",
        "ledger transition": "21fd39cf66dbecca436b7db74346988de73bb7b376396e768884b26e324bd26d",
        "rejects.csv": "a680a1a8614070b388423c1ec8208e2301a1fde157ef8f68e996943af5e0de74",
        "report.csv": "919dbcb0c64f76a28dc9f771107c797b11119e4903f8fa97f897f1eb2e227ba4",
        "report.html": "0b2f5cfe40bd0bf7ab7b147e8604c06e3fc1dc94a7df5d5fd048e72e22b0b1bf",
        "report.json": "8b7bae7bf611b5df32f77f79a8e05286a995de50f2df358563535626c87035b2",
    ]
}
