// How many tasks an outside gets at once, by hand.
import Testing

@testable import WorkerKit

@Suite struct ThrottleTests {
    private func throttle() -> Throttle {
        var settings = SubmitAndPollSettings()
        settings.window = 8
        settings.shortestPause = .seconds(1)
        settings.longestPause = .seconds(3)
        return Throttle(settings)
    }

    @Test func `It starts wide shrinks to one and widens again`() {
        let throttle = throttle()
        #expect(throttle.room(at: .zero) == 8)
        throttle.failed(at: .zero, comeAgainAfter: nil)
        #expect(throttle.room(at: .milliseconds(999)) == 0)
        #expect(throttle.room(at: .seconds(1)) == 1)
        var rooms: [Int] = []
        for _ in 0..<4 {
            throttle.succeeded()
            rooms.append(throttle.room(at: .seconds(1)))
        }
        #expect(rooms == [2, 4, 8, 8])
    }

    @Test func `Pauses double up to the longest and many failures together are one`() {
        let throttle = throttle()
        var ends: [Duration] = []
        for _ in 0..<4 {
            let now = throttle.pausedUntil
            for _ in 0..<5 { throttle.failed(at: now, comeAgainAfter: nil) }
            ends.append(throttle.pausedUntil - now)
        }
        #expect(ends == [.seconds(1), .seconds(2), .seconds(3), .seconds(3)])
    }

    @Test func `A named time is honoured even over the longest pause`() {
        let throttle = throttle()
        throttle.failed(at: .zero, comeAgainAfter: .seconds(60))
        throttle.failed(at: .zero, comeAgainAfter: .seconds(2))
        #expect(throttle.room(at: .seconds(59)) == 0)
        #expect(throttle.room(at: .seconds(60)) == 1)
    }

    @Test(arguments: [0, -5, 1])
    func `A time that the outside names does not shorten our own pause`(seconds: Int) {
        let throttle = throttle()
        var ends: [Duration] = []
        for _ in 0..<4 {
            let now = throttle.pausedUntil
            for _ in 0..<5 { throttle.failed(at: now, comeAgainAfter: .seconds(seconds)) }
            ends.append(throttle.pausedUntil - now)
        }
        #expect(ends == [.seconds(1), .seconds(2), .seconds(3), .seconds(3)])
    }

    @Test func `Nor does it lengthen it beyond a limit of ours`() {
        let throttle = throttle()
        throttle.failed(at: .zero, comeAgainAfter: .seconds(3_000_000))
        #expect(throttle.pausedUntil == .seconds(900))
    }

    @Test func `Settings that cannot hold are named`() {
        var settings = SubmitAndPollSettings()
        #expect(settings.faults.isEmpty)
        settings.window = 0
        settings.pollInterval = .zero
        settings.shortestPause = .seconds(60)
        #expect(settings.faults.count == 3)
    }
}
