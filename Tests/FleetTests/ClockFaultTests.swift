import Model
import Testing

@testable import Fleet

@Suite struct ClockFaultTests {
    @Test func aClockThatIsWrongIsTheReason() throws {
        let now: Int64 = 1_800_000_000
        let own = try Authority.make(fleet: "main", now: now).issueClient("a", now: now, lifetime: 86400)
        let problem = Diagnostic(code: EtcdCode.certificate, "not accepted", hint: "x")
        func hint(at time: Int64, _ problem: Diagnostic) -> String? {
            ClockFault(own.certificate, at: time)?.explain(problem).hint
        }
        #expect(ClockFault(own.certificate, at: now) == nil && ClockFault(own.certificate, at: now - 3600) == nil)
        #expect(hint(at: now - 3601, problem)?.contains("clock is behind") == true)
        #expect(hint(at: now - 3601, problem)?.hasSuffix("before 2027-01-15T07:00:00Z") == true)
        #expect(hint(at: now + 86401, problem)?.contains("ended at 2027-01-16T08:00:00Z: set the clock right") == true)
        // What has another reason keeps it.
        #expect(hint(at: now - 3601, Diagnostic(code: EtcdCode.unreachable, "away", hint: "y")) == "y")
    }
}
