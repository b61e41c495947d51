import Testing

@testable import CommandLine

@Suite struct PointInTimeTests {
    @Test func durationsAndTimes() {
        #expect(PointInTime(argument: "10m")?.milliseconds(now: 1_000_000) == 400_000)
        #expect(PointInTime(argument: "1h30m") == .ago(.seconds(5400)))
        #expect(PointInTime(argument: "1970-01-01T00:00:01.5Z") == nil)
        #expect(PointInTime(argument: "1970-01-01T00:00:01.500Z") == .at(1500))
        #expect(PointInTime(argument: "soon") == nil && PointInTime(argument: "") == nil)
    }
}
