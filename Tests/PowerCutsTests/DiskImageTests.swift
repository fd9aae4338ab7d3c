// Owns: examples of what a disk keeps and loses.
import Testing

@testable import PowerCuts
@testable import SystemParts

@Suite("What a power cut leaves of files")
struct DiskImageTests {
    private func bytes(_ value: UInt8, _ count: Int) -> [UInt8] { Array(repeating: value, count: count) }

    /// What is left over many seeds.
    private func outcomes(of image: DiskImage) -> [[String: [UInt8]]] {
        (1...400 as ClosedRange<UInt64>).map { seed in
            var random = SplitMix64(seed: seed)
            var losses = DiskImage.Losses()
            return image.afterCut(&random, &losses)
        }
    }

    @Test func `What was synced is there, whatever else happens`() {
        var image = DiskImage()
        let file = image.adopt("a", bytes: bytes(1, 1_000))
        image.write(bytes(2, 300), to: file, at: 100)
        image.sync(file)
        for left in outcomes(of: image) {
            #expect(left == ["a": bytes(1, 100) + bytes(2, 300) + bytes(1, 600)])
        }
    }

    @Test func `A write that was not synced is there, or not, or in whole sectors of 512 bytes`() throws {
        var image = DiskImage()
        let file = image.adopt("a", bytes: bytes(1, 2_048))
        image.write(bytes(2, 1_000), to: file, at: 400)
        var seen: Set<[UInt8]> = []
        for left in outcomes(of: image) {
            let content = try #require(left["a"])
            #expect(content.count == 2_048)
            #expect(Set(content[..<400] + content[1_400...]) == [1], "beside the write nothing changes")
            // The write covers the end of sector 0, sector 1 and the start of sector 2.
            let parts = [content[400..<512], content[512..<1_024], content[1_024..<1_400]]
            for part in parts { #expect(Set(part).count == 1, "a sector is old or new") }
            seen.insert(parts.compactMap(\.first))
        }
        #expect(seen.count == 8, "every mixture of three sectors occurs")
    }

    @Test func `Later writes may be there without earlier ones`() {
        var image = DiskImage()
        let file = image.adopt("a", bytes: bytes(0, 1_024))
        image.write(bytes(1, 512), to: file, at: 0)
        image.write(bytes(2, 512), to: file, at: 512)
        let left = Set(outcomes(of: image).compactMap { $0["a"] }.map { [$0[0], $0[512]] })
        #expect(left == [[0, 0], [1, 0], [0, 2], [1, 2]])
    }

    @Test func `A file may be longer or shorter than it was told to be, until it is synced`() {
        var image = DiskImage()
        let file = image.adopt("a", bytes: bytes(1, 600))
        image.truncate(file, to: 0)
        #expect(Set(outcomes(of: image).map { $0["a"]?.count }) == [0, 600])
        image.sync(file)
        #expect(Set(outcomes(of: image).map { $0["a"]?.count }) == [0])
    }

    @Test func `A file's name is as before, until its directory is synced, although its content is synced`() {
        var image = DiskImage()
        _ = image.adopt("old", bytes: bytes(1, 10))
        image.remove("old")
        let new = image.create("new")
        image.write(bytes(2, 10), to: new, at: 0)
        image.sync(new)
        #expect(Set(outcomes(of: image).map { $0.keys.sorted() }) == [["old"], ["new"], [], ["new", "old"]])
        image.syncNames()
        #expect(Set(outcomes(of: image)) == [["new": bytes(2, 10)]])
    }

    @Test func `A name that was taken back and given again holds either file`() {
        var image = DiskImage()
        _ = image.adopt("a", bytes: bytes(1, 10))
        image.remove("a")
        let again = image.create("a")
        image.write(bytes(2, 10), to: again, at: 0)
        image.sync(again)
        let left = Set(outcomes(of: image).map { $0["a"] })
        #expect(left == [bytes(1, 10), bytes(2, 10), nil])
    }
}
