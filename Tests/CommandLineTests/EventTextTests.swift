import Model
import Testing

@testable import CommandLine

@Suite struct EventTextTests {
    private func text(_ observed: JSONValue, _ desired: JSONValue) -> String {
        EventsCommand.text([
            "time": "T", "event": "drift", "resource": "network/front", "object": "link br-front", "field": "mtu",
            "observed": observed, "desired": desired, "action": "repaired", "cause": "why",
        ])
    }

    @Test func aFieldHasItsValues() {
        #expect(text(1400, 1500) == "T  drift  network/front  link br-front  mtu: 1400 -> 1500  (repaired)  # why")
        #expect(text(.null, 1500).contains("mtu: (none) -> 1500") && text("a", "").contains("mtu: a -> (none)"))
    }

    /// A state is nothing that should be otherwise.
    @Test func aRolloutHasItsState() {
        let text = EventsCommand.text([
            "time": "T", "event": "rollout", "object": "commit c2", "field": "node", "observed": "waiting",
            "cause": "the rollout is paused",
        ])
        #expect(text == "T  rollout  commit c2  node: waiting  # the rollout is paused")
    }

    /// One that ended and rests is as it should be.
    @Test func anEndHasItsState() {
        let text = EventsCommand.text([
            "time": "T", "event": "updated", "resource": "container/job", "object": "process job", "field": "state",
            "observed": "exited", "desired": nil, "cause": "exited with code 0",
        ])
        #expect(text == "T  updated  container/job  process job  state: exited  # exited with code 0")
    }

    /// What went wrong says where to look; of the rest the resource says enough.
    @Test func failuresHaveTheirPosition() {
        func text(_ event: JSONValue) -> String {
            EventsCommand.text([
                "time": "T", "event": event, "resource": "container/web", "cause": "why",
                "source": ["file": "site.yaml", "line": 8, "column": 3],
            ])
        }
        #expect(text("failed") == "T  failed  container/web  # site.yaml:8:3: why")
        #expect(text("created") == "T  created  container/web  # why")
    }

    /// Once it said `mtu: (none) -> (none)`.
    @Test func aFieldWithoutValuesIsNamedAlone() {
        #expect(text(.null, .null) == "T  drift  network/front  link br-front  mtu  (repaired)  # why")
    }

    /// In the stream of a fleet each event has its node.
    @Test func theNodeStandsAfterTheTime() {
        #expect(EventsCommand.text(["time": "T", "node": "n2", "event": "started"]) == "T  n2  started")
    }
}
