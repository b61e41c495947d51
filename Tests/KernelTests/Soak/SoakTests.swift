import Glibc
import Model
import Testing

/// Everything at once, for a while: a saboteur, manifests that change, agents that are killed. Left alone, the host is
/// what the manifests say, nothing is left over, and each sabotage was told.
///
/// `RECONCILE_SOAK_SECONDS` makes it longer, `RECONCILE_SOAK_SEED` repeats what chance wanted (not when).
@Suite(.serialized, .kernel) struct SoakTests {
    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Waits until nothing differs and nobody is contended; fails where that does not come.
    private func awaitRest(_ host: TestHost, within timeout: Duration) throws {
        let isDone = try eventually(within: timeout) {
            try host.plan().changes.isEmpty && !host.reconcile("status").output.contains("contended")
        }
        let left = isDone ? "" : "\(try host.plan())\n\(try host.reconcile("status"))"
        #expect(isDone, "\(left)")
    }

    /// Spoils something; what is gone already cannot be spoiled.
    private func commit(_ sabotage: Sabotage, on host: TestHost, _ ledger: inout Ledger) throws {
        let start = Self.now()
        guard try host.attempt(sabotage.script, in: sabotage.place).isSuccess else { return }
        ledger.note(.sabotage(sabotage), from: start, to: Self.now())
    }

    @Test func aSaboteurCannotWin() throws {
        let seconds = setting("RECONCILE_SOAK_SECONDS", 90)
        let seed = setting("RECONCILE_SOAK_SEED", .random(in: 0 ... .max))
        print("soak of \(seconds) s; again with RECONCILE_SOAK_SEED=\(seed)")
        try withHost(lifetime: .seconds(Int64(seconds) + 600)) { host in
            _ = try host.connect("client", number: 1)
            let clean = try host.kernelSnapshot()
            var site = SoakSite()
            try site.write(host)
            var agent = try host.startAgent()
            try host.awaitHTTP("127.0.0.1:8081")
            try awaitRest(host, within: .seconds(30))
            let sandboxes = SoakSite.linked.map(\.name)
            let before = try host.census(sandboxes: sandboxes, agent: agent.process)
            var saboteur = try Saboteur(host, seed: seed)
            var ledger = Ledger()
            var kills = 0
            let end = Self.now() + Int64(seconds) * 1000
            while Self.now() < end {
                usleep(saboteur.pause())
                let start = Self.now()
                if saboteur.kills() {
                    // Also one that is not ready yet.
                    kill(agent.command.pid, SIGKILL)
                    guard eventually({ !agent.command.isRunning }) else { throw Failure("the agent does not die") }
                    agent = try host.startAgent(expectReady: false)
                    ledger.note(.kill, from: start, to: Self.now())
                    kills += 1
                }
                if let toggle = saboteur.toggle() {
                    let parts = site.toggle(toggle)
                    try site.write(host)
                    ledger.note(.manifest(parts), from: start, to: Self.now())
                }
                if let sabotage = saboteur.next(at: start) { try commit(sabotage, on: host, &ledger) }
            }
            let last = Self.now()
            let parts = SoakSite.Toggle.allCases.reduce(into: Set<String>()) { parts, toggle in
                if site.toggled.contains(toggle) { parts.formUnion(site.toggle(toggle)) }
            }
            try site.write(host)
            ledger.note(.manifest(parts), from: last, to: Self.now())
            // The last one nobody is told of: the agent finds it when it looks by itself, within a minute.
            usleep(2_000_000)
            try commit(Saboteur.silent, on: host, &ledger)
            try awaitRest(host, within: .seconds(150))
            try host.awaitHTTP("127.0.0.1:8081")

            let found = ledger.compare(agent.events.compactMap(Ledger.Told.init))
            let counts = Dictionary(grouping: found, by: \.finding).mapValues(\.count)
            print("soak: \(found.count) sabotages, \(kills) agents killed, \(counts)")
            for (sabotage, deed, finding) in found where finding == .missing {
                let around = agent.events.compactMap(Ledger.Told.init).filter {
                    (deed.start - 2000...deed.end + 3000).contains($0.time)
                }
                Issue.record(
                    "not told: \(sabotage) at \(deed.start)\n\(around.map { "\($0.time - deed.start) \($0.kind) \($0.object) \($0.field ?? "")" }.joined(separator: "\n"))"
                )
            }
            #expect(counts[.lostWithItsAgent] ?? 0 <= kills)
            #expect(counts[.told] ?? 0 > found.count / 2)
            _ = try eventually(within: .seconds(20)) {
                try before.difference(to: host.census(sandboxes: sandboxes, agent: agent.process)) == ""
            }
            let after = try host.census(sandboxes: sandboxes, agent: agent.process)
            #expect(before.difference(to: after) == "")
            try agent.stop()
            try host.destroyLeavingNothing(since: clean, "after the soak")
        }
    }
}
