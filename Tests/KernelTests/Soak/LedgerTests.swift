import Testing

/// The ledger itself: it must miss what was not told.
@Suite struct LedgerTests {
    private let mtu = Sabotage(
        script: "mtu", place: .host, objects: ["link br-a"], field: "mtu", ancestors: ["network a"], parts: ["a"])

    private func finding(_ others: [(Deed.What, Int64)], _ events: (Int64, String, String, String?)...)
        -> Ledger.Finding?
    {
        var ledger = Ledger()
        ledger.note(.sabotage(mtu), from: 1000, to: 1010)
        for (what, time) in others { ledger.note(what, from: time, to: time) }
        return ledger.compare(
            events.map { Ledger.Told(time: $0.0, kind: $0.1, object: $0.2, field: $0.3) }
        ).first?.finding
    }

    @Test func whatWasToldIsFound() {
        #expect(finding([], (1020, "drift", "link br-a", "mtu")) == .told)
        #expect(finding([]) == .missing)
        #expect(finding([], (990, "drift", "link br-a", "mtu")) == .missing, "before it was done")
        #expect(finding([], (30_000, "drift", "link br-a", "mtu")) == .missing, "too late")
        #expect(finding([], (1020, "drift", "link br-a", "up")) == .missing, "another field")
        #expect(finding([], (1020, "drift", "link br-b", "mtu")) == .missing, "another object")
        #expect(finding([], (1020, "failed", "link br-a", "mtu")) == .missing)
        let both = finding([], (9000, "contended", "link br-a", "mtu"), (30_000, "drift", "link br-a", "mtu"))
        #expect(both == .told, "contended objects are repaired later")
    }

    @Test func whatWasOvertakenIsToldInOtherWords() {
        let made = (Int64(1500), "created", "link br-a", String?.none)
        #expect(finding([], made) == .missing)
        #expect(finding([(.manifest(["a"]), 1400)], made) == .overtaken)
        #expect(finding([(.manifest(["b"]), 1400)], made) == .missing, "another part of the site")
        #expect(finding([(.manifest(["a"]), 20_000)], made) == .missing, "much later")
        #expect(finding([(.kill, 1400)], (2500, "created", "network a", nil)) == .overtaken)
        #expect(finding([(.manifest(["a"]), 1400)]) == .missing, "somebody must tell")
    }

    @Test func whoIsKilledMayHaveRepairedIt() {
        #expect(finding([(.kill, 1200)]) == .lostWithItsAgent)
        #expect(finding([(.kill, 9000)]) == .missing)
        #expect(finding([(.kill, 900)]) == .missing)
    }
}
