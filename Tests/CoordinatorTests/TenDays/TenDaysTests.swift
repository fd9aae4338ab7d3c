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
        "frames": "b022f760b30ec360d5618579ca90828cbc544c3312c7a74bacf4f0f0007aed3f",
        "ledger account": "31509a95819e13ae07f7914a0fd824f4d8ece60444db3cdbd3ffe0592ac81c6c",
        "ledger checkpoint": "0212b2f83b91e4d72ef829dba16346b562bb9a78c6570ecefa8423d320c67e3f",
        "ledger episode": "4ed9b7d69bd189484758dc41bc09750fa12f263c2928cfe701e8fef176d3e91f",
        "ledger event": "ef8d00bd138e957a95db1166151ae8f4562d7fb5e35c50c9f580912ec33aa6b0",
        "ledger history": "0b0f371bda14e897c1fe80468963d331333033b7fc05fd05da841b1e1109158f",
        "ledger lease": "b80406559f5eca39f04c96ab22470c10c353b0b30d6e9b43e5778a5386931ea6",
        "ledger overdue_case": "c1d0670515ba276dc42c7f1e9cecd131892c10ccc18dcf2a878c5a9063a7cec6",
        "ledger portfolio": "b503a31e3d2cf7b5028b0c5ed24bb5006b9cd7c7297520daedfb1b11852cfb2a",
        "ledger register_event": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "ledger reject": "2cd2e96d50cbe305a8a14bdc3f574f889a110940a7d74a0b126f3780586197c6",
        "ledger run": "67267434c360d72494a5f597093c28255260480009669eb183a52a16a6ef53f9",
        "ledger task": "05f1f0e9736fb45cf941b4ce095f6bcc9140fcc2da723bc0c62d4334c13c7416",
        "ledger task_count": "31f1fbda11fdba29ca35edbd9b7f0b546c78896378361726ea4f4b4c44102eb3",
        "ledger transition": "0290ab931d103e1d9eab06966d54998988e1b7fdd081977606b94af99d751b7a",
        "rejects.csv": "a680a1a8614070b388423c1ec8208e2301a1fde157ef8f68e996943af5e0de74",
        "report.csv": "9f155f918fd8ca102d6d6b0fdc2cd7e83cb7679ec75522db0a1fd5fea6cee536",
        "report.html": "c1284986a5089cec82298bf2899ada4dfccb1b686c2ddb6f57295b1aeb6de6c4",
        "report.json": "09b5efaab3d54bc71eb19dacb41d2f3da90875a3ed53b0a129528223d2dca319",
    ]
}
