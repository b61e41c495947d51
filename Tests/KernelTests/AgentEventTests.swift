import Glibc
import Model
import Testing

/// The agent's log on disk, and what happens where there is none.
@Suite(.serialized, .kernel) struct AgentEventTests {
    private func start(_ host: TestHost) throws -> RunningAgent {
        try host.write(Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]"))
        return try host.startAgent()
    }

    private func count(_ agent: RunningAgent, _ words: String) -> Int {
        agent.command.errors.components(separatedBy: words).count - 1
    }

    /// Spoils something and waits until the kernel tells that it is right again: the log may be silent.
    private func spoil(_ host: TestHost) throws {
        try host.sh("ip link set br-front mtu 1400")
        let isRepaired = try eventually(within: .seconds(20)) {
            try host.sh("ip -o link show br-front").contains("mtu 1500")
        }
        #expect(isRepaired)
    }

    /// Each way to spoil the data directory while the agent runs, and back.
    @Test(arguments: [
        (
            "a full disk", "mount -t tmpfs -o size=4k,nr_inodes=4 tmpfs DATA && cat /dev/zero > DATA/full || true",
            "umount DATA"
        ),
        ("a read-only disk", "mount --bind DATA DATA && mount -o remount,ro,bind DATA", "umount DATA"),
        ("no directory", "mv DATA DATA.away && touch DATA", "rm DATA && mv DATA.away DATA"),
    ])
    func goesOnWithoutThem(what: String, take: String, give: String) throws {
        try withHost { host in
            let agent = try start(host)
            let before = agent.events.count
            try host.sh(take.replacing("DATA", with: host.data))
            for _ in 1...3 { try spoil(host) }
            let isTold = eventually(within: .seconds(20)) { count(agent, "drift  network/front  link br-front") == 3 }
            #expect(isTold, "whoever listens is told: \(agent.command.errors)")
            #expect(count(agent, "events cannot be written to \(host.data)/events.jsonl: ") == 1, "\(what): once")
            try host.sh(give.replacing("DATA", with: host.data))
            #expect(agent.events.count == before)
            try spoil(host)
            try agent.awaitEvent("the drift", after: before) { $0.isRepair(of: "link br-front", "mtu") }
            try agent.awaitEvent("what was lost", after: before) {
                $0["cause"]?.string?.hasSuffix("is written again; 3 events were lost") ?? false
                    || $0["cause"]?.string?.hasSuffix("again; 3 events were lost") ?? false
            }
            #expect(count(agent, "again; 3 events were lost") == 1)
            try agent.stop()
        }
    }

    /// A directory that is taken away is made again.
    @Test func aMissingDirectoryComesBack() throws {
        try withHost { host in
            let agent = try start(host)
            try host.sh("rm -r \(host.data)")
            try spoil(host)
            try agent.awaitEvent("the drift") { $0.isRepair(of: "link br-front", "mtu") }
            #expect(count(agent, "cannot be written") == 0)
            try agent.stop()
        }
    }

    @Test func theLogIsBounded() throws {
        try withHost { host in
            let agent = try start(host)
            let (log, old) = (host.data + "/events.jsonl", host.data + "/events.jsonl.1")
            let limit = 8 << 20
            for round in 1...2 {
                // Nearly full, by lines that somebody wrote before.
                try host.sh(
                    """
                    yes '{"time":"2026-01-31T09:05:07.042Z","event":"round \(round)"}' | head -c \(limit - 300) > \(log)
                    echo >> \(log)
                    """)
                for _ in 1...2 { try spoil(host) }
                let isMoved = eventually(within: .seconds(20)) {
                    Files.read(log).lines.contains { $0.contains("drift") }
                }
                #expect(isMoved)
                #expect(Files.read(old).prefix(100).contains("round \(round)"))
                #expect(Files.read(old).utf8.count <= limit && Files.read(log).utf8.count < 4096)
            }
            #expect(Files.names(host.data).filter { $0.hasPrefix("events") } == ["events.jsonl", "events.jsonl.1"])
            #expect(count(agent, "events cannot be written") == 0)
            #expect(
                try host.reconcile("events", "-n", "1").output.contains(
                    "drift  network/front  link br-front  mtu: 1400 -> 1500"))
            try agent.stop()
        }
    }
}
