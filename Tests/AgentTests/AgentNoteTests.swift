import Glibc
import LinuxHost
import Model
import Testing

@testable import Agent

@Suite struct AgentNoteTests {
    private func full() -> AgentNote {
        var note = AgentNote()
        note.process = getpid()
        note.detectsOnly = true
        note.allowsMassDelete = true
        note.manifests = "/etc/reconcile/manifests"
        note.contended = [.init(resource: .network("front"), object: "link br-front", field: "mtu")]
        note.waiting = ["web": 4_102_444_800_000]
        note.health = [
            "db": Health(status: .unhealthy, failures: 3, output: "refused\n\"quoted\""),
            "web": Health(status: .healthy),
            "new": Health(),
        ]
        note.nodeLabels = ["disk": "ssd", "zone": ""]
        note.branch = BranchStanding(json: [
            "branch": "main", "url": "https://git.example.org/site", "since": "2026-11-29T10:00:00.000Z",
            "code": "git-unreachable", "message": "cannot reach it", "hint": nil,
        ])
        note.rollout = RolloutStanding(revision: "c2", state: "waiting", reason: "the rollout is paused")
        return note
    }

    /// Settings of a set of its own, in a directory of its own.
    private func withSettings(_ name: String, _ body: (EngineSettings) throws -> Void) async throws {
        try await withDirectory { directory in
            try body(
                EngineSettings(set: "test-\(getpid())-\(name)", runtimeDirectory: directory, dataDirectory: directory))
        }
    }

    @Test func isReadAsItWasWritten() async throws {
        try await withSettings("note") { settings in
            let lock = try PassLock(set: settings.set)
            full().write(settings)
            #expect(AgentNote.read(settings) == full())
            var empty = AgentNote()
            empty.process = getpid()
            empty.write(settings)
            #expect(AgentNote.read(settings) == empty)
            AgentNote.forget(settings)
            #expect(AgentNote.read(settings) == nil)
            withExtendedLifetime(lock) {}
        }
    }

    @Test func thatOfADeadAgentDoesNotCount() async throws {
        try await withSettings("dead") { settings in
            full().write(settings)
            #expect(AgentNote.read(settings) == nil, "nobody holds the lock")
            let lock = try PassLock(set: settings.set)
            #expect(AgentNote.read(settings) != nil)
            var other = full()
            other.process = 1
            other.write(settings)
            #expect(AgentNote.read(settings) == nil, "another process holds it, say an apply")
            withExtendedLifetime(lock) {}
        }
    }

    @Test func aWaitThatGoesOnIsNoNews() {
        var later = full()
        later.waiting["web"]? += 1
        #expect(later.tellsTheSame(as: full()))
        var ended = full()
        ended.waiting = [:]
        #expect(!ended.tellsTheSame(as: full()))
        var healthy = full()
        healthy.health["db"] = Health(status: .healthy)
        #expect(!healthy.tellsTheSame(as: full()))
    }

    @Test func saysWhatKeepsAResourceFromBeingReady() throws {
        let note = full()
        let contended = try #require(note.state(of: .network("front")))
        #expect(contended.state == .reconciling)
        #expect(contended.reason == "contended: somebody keeps changing link br-front (mtu)")
        let waiting = try #require(note.state(of: .container("web")))
        #expect(waiting.state == .reconciling)
        #expect(waiting.reason == "ended; starts again at 2100-01-01T00:00:00.000Z")
        let unhealthy = try #require(note.state(of: .container("db")))
        #expect(unhealthy.state == .failed && unhealthy.reason == "unhealthy: refused")
        let starting = try #require(note.state(of: .container("new")))
        #expect(starting.state == .reconciling && starting.reason == "health: starting")
    }

    @Test func saysNothingOfWhatIsWell() {
        var note = full()
        #expect(note.state(of: .network("web")) == nil, "a container's wait is no network's")
        #expect(note.state(of: .container("front")) == nil)
        note.waiting["web"] = Timestamp.now() - 1
        #expect(note.state(of: .container("web")) == nil, "its turn has come, and it was healthy")
        note.health["db"] = Health(status: .unhealthy, failures: 1)
        #expect(note.state(of: .container("db"))?.reason == "unhealthy")
    }
}
