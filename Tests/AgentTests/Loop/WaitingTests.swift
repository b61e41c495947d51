import Planning
import Testing

@testable import Agent

/// What is done later: starts after an end, passes after a failure, looks at what others do.
@Suite struct WaitingTests {
    private let start = ContinuousClock.now

    @Test func theBackOffDoublesFrom100MillisecondsToAMinute() {
        var backoff = RestartBackoff()
        var now = start
        for (number, delay) in [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 60000, 60000].enumerated() {
            backoff.ended("web", incarnation: "web.\(number)", uptime: .seconds(9.999), at: now)
            #expect(backoff.waiting("web", at: now) == now + .milliseconds(delay))
            #expect(backoff.waiting(at: now) == ["web": now + .milliseconds(delay)])
            now += .milliseconds(delay)
            #expect(backoff.waiting("web", at: now) == nil && backoff.waiting(at: now).isEmpty)
        }
        #expect(backoff.waiting("other", at: start) == nil)
    }

    @Test func oneEndIsNotedOnceHoweverOftenItIsSeen() {
        var backoff = RestartBackoff()
        backoff.ended("web", incarnation: "web.1", uptime: nil, at: start)
        backoff.ended("web", incarnation: "web.1", uptime: nil, at: start + .milliseconds(90))
        #expect(backoff.waiting("web", at: start + .milliseconds(100)) == nil)
        backoff.ended("web", incarnation: "web.2", uptime: nil, at: start + .milliseconds(150))
        #expect(backoff.waiting("web", at: start + .milliseconds(349)) != nil)
    }

    @Test func whoRanForTenSecondsBeginsAnew() {
        var backoff = RestartBackoff()
        for number in 0..<8 { backoff.ended("web", incarnation: "\(number)", uptime: .zero, at: start) }
        backoff.ended("web", incarnation: "steady", uptime: .seconds(10), at: start)
        #expect(backoff.waiting("web", at: start) == start + .milliseconds(100))
        backoff.ended("web", incarnation: "next", uptime: .zero, at: start)
        #expect(backoff.waiting("web", at: start) == start + .milliseconds(200))
    }

    @Test func aFailedPassIsTriedAgainEverLater() {
        var retry = Retry()
        #expect(retry.deadline == nil && !retry.isDue(at: start))
        var now = start
        for delay in [1, 2, 4, 8, 16, 32, 60, 60] {
            retry.failed(at: now)
            #expect(retry.deadline == now + .seconds(delay))
            #expect(!retry.isDue(at: now + .seconds(delay) - .nanoseconds(1)))
            now += .seconds(delay)
            #expect(retry.isDue(at: now))
        }
        retry.succeeded()
        #expect(retry.deadline == nil && !retry.isDue(at: now))
        // What fails meanwhile does not put the next try off.
        for milliseconds in [0, 300, 999] {
            retry.failed(at: now + .milliseconds(milliseconds))
            #expect(retry.deadline == now + .seconds(1))
        }
    }

    @Test func surroundingsAreLookedAtWhenTheyAreQuiet() {
        var dirt = Dirt()
        #expect(dirt.surroundingsDue == nil)
        dirt.touchSurroundings(at: start)
        #expect(dirt.surroundingsDue == start + .milliseconds(50))
        dirt.touchSurroundings(at: start + .milliseconds(40))
        #expect(dirt.surroundingsDue == start + .milliseconds(90))
        dirt.cleanSurroundings()
        #expect(dirt.surroundingsDue == nil && !dirt.everything && dirt.scopes.isEmpty)
    }

    @Test func aStormIsNotWaitedFor() {
        var dirt = Dirt()
        for millisecond in 0..<2_000 {
            dirt.touchSurroundings(at: start + .milliseconds(millisecond))
            #expect(dirt.surroundingsDue == start + .milliseconds(min(millisecond + 50, 500)))
        }
        dirt.cleanSurroundings()
        dirt.touchSurroundings(at: start + .seconds(2))
        #expect(dirt.surroundingsDue == start + .milliseconds(2_050), "the next storm has its own beginning")
    }
}
