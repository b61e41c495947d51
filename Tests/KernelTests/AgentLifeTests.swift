import Glibc
import Model
import Testing

/// Agents come and go; what they made stays as it is.
@Suite(.serialized, .kernel) struct AgentLifeTests {
    private func pids(_ host: TestHost) throws -> [Int32] { try ["web", "near"].map { try host.pid($0) } }

    /// Starts an agent over the usual site and waits until the site serves.
    private func settled(_ host: TestHost) throws -> RunningAgent {
        try host.write(DriftTests.site(host).joined())
        let agent = try host.startAgent()
        try host.awaitHTTP("127.0.0.1:8080")
        return agent
    }

    @Test(arguments: [SIGTERM, SIGINT]) func aSignalStopsItAndTheNextOneTouchesNothing(_ signal: Int32) throws {
        try withHost { host in
            let agent = try settled(host)
            let places: [TestHost.Place] = [.host, .sandbox("web"), .sandbox("near")]
            try host.awaitAddresses(of: places)
            let before = try host.kernelSnapshot(of: places)
            let running = try pids(host)
            try agent.stop(signal)
            #expect(agent.told(after: 0).last == "stopped")
            #expect(try host.agentProcess() == nil)
            #expect(try before.difference(to: host.kernelSnapshot(of: places)) == "")
            try host.awaitHTTP("127.0.0.1:8080")
            let count = agent.events.count
            // The next one has its first pass, one that it is told to take, and some time to itself.
            let heard = try Monitor(host, sandboxes: ["web", "near"]).hears {
                let next = try host.startAgent()
                kill(try next.process, SIGHUP)
                usleep(1_000_000)
                try next.stop(signal)
            }
            #expect(heard == [])
            #expect(agent.told(after: count) == ["started", "manifest", "stopped"])
            #expect(try before.difference(to: host.kernelSnapshot(of: places)) == "")
            #expect(try pids(host) == running)
        }
    }

    /// A copy at another place is to the kernel what an upgrade is: another file that does the same.
    @Test func anUpgradedBinaryChangesNothing() throws {
        try withHost { host in
            let agent = try settled(host)
            let running = try pids(host) + [host.forwarder() ?? 0]
            let before = try host.kernelSnapshot()
            try agent.stop()
            let upgraded = host.directory + "/upgraded"
            try host.sh("cp \(host.binary) \(upgraded)")
            let count = agent.events.count
            let next = try host.startAgent(binary: upgraded)
            kill(try next.process, SIGHUP)
            usleep(1_000_000)
            #expect(agent.told(after: count) == ["started", "manifest"])
            #expect(try before.difference(to: host.kernelSnapshot()) == "")
            #expect(try pids(host) + [host.forwarder() ?? 0] == running)
            // And it can all that the old one could.
            try host.sh("kill -9 \(running[2]); ip link set br-front mtu 1400")
            try next.awaitEvent("the link", after: count) { $0.isRepair(of: "link br-front", "mtu") }
            try host.awaitHTTP("[::1]:8080")
            try next.stop()
        }
    }

    @Test func killedAtAnyMoment() throws {
        try withHost { host in
            let clean = try host.kernelSnapshot()
            try host.write(DriftTests.site(host).joined())
            // In its first pass, wherever that is.
            for _ in 1...6 {
                let agent = try host.startAgent(expectReady: false)
                usleep(.random(in: 20_000...400_000))
                kill(agent.command.pid, SIGKILL)
                _ = try agent.command.wait(.seconds(60))
            }
            var agent = try host.startAgent()
            try host.awaitHTTP("127.0.0.1:8080")
            try host.expectConverged()
            // In repairs: nothing of it may cost a container.
            let running = try pids(host)
            for spoil in [
                "ip link set br-front mtu 1400", "nft flush ruleset", "ip -n reconcile-web addr flush dev eth0",
                "ip link del VETH", "umount /run/netns/reconcile-web", "ip link del br-front",
            ] {
                try host.sh(spoil.replacing("VETH", with: try host.veth("web")))
                usleep(.random(in: 0...30_000))
                try agent.stop(SIGKILL)
                agent = try host.startAgent()
                let isBack = try eventually(within: .seconds(30)) { try host.plan().changes.isEmpty }
                #expect(isBack, "\(spoil)")
                #expect(try pids(host) == running, "\(spoil)")
            }
            try host.awaitHTTP("127.0.0.1:8080")
            try agent.stop()
            try host.destroyLeavingNothing(since: clean, "killed")
        }
    }

    /// What one that was killed was just making looks like this to the next, whose first pass ends it.
    @Test func whatAKilledAgentLeftIsRemoved() throws {
        try withHost { host in
            let agent = try settled(host)
            let running = try pids(host)
            let before = try host.kernelSnapshot()
            try agent.stop(SIGKILL)
            let run = "/run/reconcile/default"
            let layer = "\(host.data)/containers/default/ghost-0123abcd"
            try host.sh(
                """
                set -e
                mkdir -p \(run)/containers/.tmp-1-1-1 \(run)/runtime/ghost-0123abcd \(layer)/rootfs
                mount -t tmpfs tmpfs \(layer)/rootfs
                """)
            let helper = try host.start("sleep 250")
            for group in host.cgroups where group.hasSuffix("/helpers") {
                try host.sh("mkdir \(group)/../ghost-0123abcd; echo \(helper.pid) > \(group)/cgroup.procs")
            }
            let next = try host.startAgent()
            for path in ["\(run)/containers/.tmp-1-1-1", "\(run)/runtime/ghost-0123abcd", layer] {
                #expect(try host.attempt("test -e \(path)").code == 1, "\(path)")
            }
            let isEnded = eventually { !helper.isRunning }
            #expect(isEnded)
            #expect(!host.cgroups.contains { $0.contains("ghost") })
            #expect(try before.difference(to: host.kernelSnapshot()) == "")
            #expect(try pids(host) == running)
            try next.stop()
        }
    }

    @Test func aHangUpForcesAPass() throws {
        try withHost { host in
            let agent = try settled(host)
            let before = agent.events.count
            // Nobody is told of this setting.
            try host.sh("echo 0 > /proc/sys/net/ipv4/conf/br-front/route_localnet")
            usleep(500_000)
            #expect(agent.told(after: before) == [])
            kill(try agent.process, SIGHUP)
            try agent.awaitEvent("the silent drift", after: before) {
                $0.isRepair(of: "sysctl net/ipv4/conf/br-front/route_localnet", "value")
            }
            try host.awaitConverged()
            try agent.stop()
        }
    }

    @Test func aFullPassComesByItself() throws {
        try withHost { host in
            try host.write(DriftTests.site(host).joined())
            let agent = try host.startAgent("--full-pass-interval", "1s")
            let before = agent.events.count
            try host.sh("echo 0 > /proc/sys/net/ipv4/conf/br-front/route_localnet")
            try agent.awaitEvent("the silent drift", after: before, within: .seconds(30)) {
                $0.isRepair(of: "sysctl net/ipv4/conf/br-front/route_localnet", "value")
            }
            try agent.stop()
        }
    }

    @Test func onlyOneChangesThings() throws {
        try withHost { host in
            let agent = try settled(host)
            let pid = try agent.process
            for command in [["apply", host.manifests], ["destroy", "--yes"], ["agent", host.manifests]] {
                let refused = try host.reconcile(command)
                #expect(refused.code == 1, "\(refused)")
                #expect(refused.errors.contains("the agent of set default is running, process \(pid)"), "\(refused)")
            }
            for command in [
                ["status"], ["inspect", "container/web"], ["inspect", "network/front"], ["port", "web"],
                ["logs", "web"],
                ["exec", "web", "--", "true"], ["events"], ["export"], ["apply", "--dry-run", host.manifests],
                ["suspend", "container/near"], ["resume", "container/near"], ["status"], ["validate", host.manifests],
            ] {
                let answer = try host.reconcile(command)
                #expect(answer.code == 0, "\(answer)")
            }
            #expect(try host.reconcile("status").output.contains("Agent \(pid) is running."))
            try agent.stop()
            try host.apply()
        }
    }

    @Test func twoSetsSideBySide() throws {
        try withHost { host in
            let rear = Manifest.network("rear", "subnets: [{ subnet: 10.40.0.0/24 }]", "bridge: { name: br-rear }")
            let directory = host.directory + "/blue"
            let far = host.container("far", command: ["sleep", "600"], "networks: [rear]")
            try Files.write(rear + far, to: directory + "/site.yaml")
            let blue = try host.startAgent(set: "blue", over: directory)
            let agent = try settled(host)
            func seenFar() throws -> String { try host.reconcile("inspect", "--set", "blue", "container/far").output }
            let running = (try pids(host), try seenFar())
            let before = agent.events.count
            try host.sh("ip link set br-front mtu 1400; ip link set br-rear mtu 1400; nft flush ruleset")
            for link in ["link br-front", "link br-rear"] {
                try agent.awaitEvent(link, after: before) { $0.isRepair(of: link, "mtu") }
            }
            let areBack = try eventually(within: .seconds(20)) {
                try host.reconcile("status").code == 0 && host.reconcile("status", "--set", "blue").code == 0
            }
            #expect(areBack)
            #expect(try pids(host) == running.0 && seenFar() == running.1)
            // What is one's the other leaves alone, also where its own agent is gone.
            try blue.stop()
            let later = agent.events.count
            try host.sh("ip link set br-rear mtu 1300; ip link set br-front mtu 1300")
            try agent.awaitEvent("its own", after: later) { $0.isRepair(of: "link br-front", "mtu") }
            kill(try agent.process, SIGHUP)
            usleep(500_000)
            #expect(try host.sh("ip -o link show br-rear").contains("mtu 1300"))
            #expect(try host.reconcile("destroy", "--set", "blue", "--yes").code == 0)
            try host.awaitConverged()
            #expect(try pids(host) == running.0)
            try agent.stop()
        }
    }
}
