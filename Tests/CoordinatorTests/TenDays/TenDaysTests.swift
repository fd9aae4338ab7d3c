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
        "frames": "88afe30ce89b892e30c1a0769960d227fe8787cf935a0e4b2a9aedf762cb1e96",
        "ledger account": "31509a95819e13ae07f7914a0fd824f4d8ece60444db3cdbd3ffe0592ac81c6c",
        "ledger checkpoint": "96d08389298ae043d47ea9a5ef3796faf07ddc1c04faef2c9d6930314a5e543e",
        "ledger event": "0f81f3b4ea1e877e1989356f42ea4537ec8a93916c58ba1382a05dd54ce47727",
        "ledger history": "fab1a3993725558007007f88332f373e58266cd25b7e512161a4c6ef9074264d",
        "ledger lease": "372aed6fb55bf3a48ef84cbc9a550f82be3fa1b1897105fd066cf0dd236df6c9",
        "ledger overdue_case": "ead5d72d135d6f8f50209378211a0b979743d17b0f1e9d7648797466a143d3c0",
        "ledger reject": "2cd2e96d50cbe305a8a14bdc3f574f889a110940a7d74a0b126f3780586197c6",
        "ledger run": "fbcab62b004a9134943538d7e47c39374c8e20dfe9d8fcf5ef6082fe35d007ca",
        "ledger task": "36f53b0d1103a9316b54c5d74f1c005bc4b6dde6bb0dfd263d56a9555c5b6446",
        "ledger task_count": "0ef13809010ea2ccf38140523a0b6329e46d459f10dc385365929bf00a02cefd",
        "ledger transition": "91db8654d2d0fd8d0c01e347e2d28b6dff3cbeb75609d6fe113a83ffbfd99bea",
        "rejects.csv": "a680a1a8614070b388423c1ec8208e2301a1fde157ef8f68e996943af5e0de74",
        "report.csv": "aa6b8803a292cdc03c977289a4e394a9f18696711fc0a4d3044d358d16129da6",
        "report.html": "c1a626f4a3456465b46e4935f24e0ad9c1fcc6646817959395051f306c44bc9f",
        "report.json": "8a45fc47939b1ae5754e02493639168543070f3d2ab758f018ec7e4409532b55",
    ]
}
