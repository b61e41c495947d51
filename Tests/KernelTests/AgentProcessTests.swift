import Glibc
import Testing

/// The agent as a process: what it tells whoever started it, how it ends, and what it costs.
@Suite(.serialized, .kernel) struct AgentProcessTests {
    private func network(_ mtu: Int = 1500) -> String {
        Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]", "mtu: \(mtu)")
    }

    @Test func theServiceManagerIsTold() throws {
        try withHost { host in
            try host.write(network())
            let manager = try ServiceManager(host.directory + "/notify")
            let environment = ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "200000"]
            let agent = try host.startAgent(environment: environment, expectReady: false)
            let ready = try manager.next()
            #expect(ready.first == "READY=1" && ready.last?.hasPrefix("STATUS=1 resources at ") == true, "\(ready)")
            // Ready is who has made it so.
            try host.expectConverged()
            kill(agent.command.pid, SIGHUP)
            let reloading = try manager.next()
            #expect(reloading.first == "RELOADING=1" && reloading.last?.hasPrefix("MONOTONIC_USEC=") == true)
            #expect(try manager.next() == ready)
            try host.write(network(1400))
            let changed = try manager.next()
            #expect(changed.count == 1 && changed != ready && changed[0].hasPrefix("STATUS=1 resources at "))
            usleep(500_000)
            kill(agent.command.pid, SIGTERM)
            #expect(try manager.next() == ["STOPPING=1"])
            #expect(manager.signs >= 2)
            #expect(try agent.command.wait(.seconds(120)).code == 0)
        }
    }

    /// A start that waits for a repository out of reach would be ended by the service manager, again and again.
    @Test func readyWithoutARepository() throws {
        try withHost { host in
            let manager = try ServiceManager(host.directory + "/notify")
            let agent = try host.startAgent(
                "--git", "file:///nowhere/at/all", environment: ["NOTIFY_SOCKET": manager.path], expectReady: false)
            #expect(try manager.next() == ["READY=1", "STATUS=no manifests yet"])
            try agent.awaitEvent("the repository") { $0["event"]?.string == "failed" }
            kill(agent.command.pid, SIGTERM)
            #expect(try manager.next() == ["STOPPING=1"])
            #expect(try agent.command.wait(.seconds(120)).code == 0)
        }
    }

    @Test func exitStatus() throws {
        try withHost { host in
            #expect(try host.reconcile("agent", "one", "two").code == 64)
            #expect(try host.reconcile("agent", "--interval", "5s").code == 64)
            #expect(try host.reconcile("agent", "--full-pass-interval", "soon").code == 64)
            let both = try host.reconcile("agent", "--git", "/nowhere", host.manifests)
            #expect(both.code == 1 && both.errors.contains("a directory and --git were given"), "\(both)")
        }
    }

    /// A container that takes its time to stop, of which the rest waits.
    private func stubborn(_ host: TestHost) -> String {
        let script = "trap ': > /state/told' TERM; : > /state/ready; while :; do sleep 0.1; done"
        return host.container(
            "web", command: ["sh", "-c", script], "networks: [front]",
            "mounts: [{ source: \(host.directory)/state, target: /state }]", "stopGracePeriod: 15s"
        ).replacing("stopSignal: SIGKILL", with: "stopSignal: SIGTERM")
    }

    /// Waits until that container has noted something: that it is `ready`, or was `told` to stop.
    private func awaitNote(_ note: String, _ host: TestHost) throws {
        let path = host.directory + "/state/" + note
        guard eventually(within: .seconds(30), { Files.exists(path) }) else { throw Failure("it is not \(note)") }
    }

    /// An agent that is just taking that container away.
    private func inTheMiddleOfAPass(_ host: TestHost) throws -> RunningAgent {
        let keep = host.container("keep", command: ["sleep", "600"], "networks: [front]")
        try host.sh("mkdir \(host.directory)/state")
        try host.write(network(), keep, stubborn(host))
        let agent = try host.startAgent()
        try awaitNote("ready", host)
        try host.write(network(), keep)
        try awaitNote("told", host)
        return agent
    }

    @Test(arguments: [SIGINT, SIGTERM]) func aSignalInAPassLetsWhatIsUnderWayEnd(_ signal: Int32) throws {
        try withHost { host in
            let agent = try inTheMiddleOfAPass(host)
            let keep = try host.pid("keep")
            try agent.stop(signal)
            // Its stop was under way; its sandbox is left to the next one.
            #expect(try host.attempt("test -e /run/netns/reconcile-web").code == 0)
            let next = try host.startAgent()
            try host.expectConverged()
            #expect(try host.attempt("test -e /run/netns/reconcile-web").code == 1)
            #expect(try host.pid("keep") == keep)
            try next.stop()
        }
    }

    @Test func theSecondSignalDoesNotWait() throws {
        try withHost { host in
            let agent = try inTheMiddleOfAPass(host)
            let pid = try agent.process
            let web = try host.pid("web")
            kill(pid, SIGINT)
            usleep(200_000)
            #expect(isAlive(pid))
            // Two that come at once are one.
            _ = eventually {
                kill(pid, SIGINT)
                return !agent.command.isRunning
            }
            #expect(try agent.command.wait(.seconds(120)).code == 130)
            // The next one need not wait for it.
            kill(web, SIGKILL)
            let next = try host.startAgent()
            try host.expectConverged()
            try next.stop()
        }
    }

    @Test func interruptedInAFirstPassOfManyContainers() throws {
        try withHost { host in
            let clean = try host.kernelSnapshot()
            let names = (1...20).map { "c\($0)" }
            let containers = names.map { host.container($0, command: ["sleep", "600"], "networks: [front]") }
            try host.write(network() + containers.joined())
            for _ in 1...2 {
                let agent = try host.startAgent(expectReady: false)
                let before = agent.events.count
                try agent.awaitEvent("anything", after: before, within: .seconds(60)) {
                    $0["event"]?.string == "created"
                }
                kill(agent.command.pid, SIGINT)
                let result = try agent.command.wait(.seconds(200))
                #expect(result.code == 0, "\(result)")
            }
            let agent = try host.startAgent()
            try host.expectConverged()
            for name in names { _ = try host.pid(name) }
            try agent.stop()
            try host.destroyLeavingNothing(since: clean, "interrupted")
        }
    }

    /// A descriptor in a sandbox would keep its namespace, and what is in it, when the container is gone.
    @Test func repairsInSandboxesKeepNothingOfThem() throws {
        try withHost { host in
            try host.write(DriftTests.site(host).joined())
            let agent = try host.startAgent()
            let pid = try agent.process
            let held = Files.names("/proc/\(pid)/fd").count
            let before = agent.events.count
            for name in ["web", "near"] {
                try host.sh("ip link set eth0 mtu 1300; ip -6 route del default", in: .sandbox(name))
                for (object, field) in [("link eth0 in \(name)", "mtu"), ("route default6 on eth0 in \(name)", nil)]
                    as [(String, String?)]
                {
                    try agent.awaitEvent(object, after: before) { $0.isRepair(of: object, field) }
                }
            }
            try host.awaitConverged()
            let isSteady = eventually { Files.names("/proc/\(pid)/fd").count == held }
            #expect(isSteady, "\(Files.names("/proc/\(pid)/fd").count), not \(held)")
            try agent.stop()
        }
    }

    /// 300 repairs, of so many things that none of them counts as contended. `Benchmarks/endurance` makes it 10,000.
    @Test func whatItHoldsIsSteady() throws {
        try withHost { host in
            let numbers = 1...25
            let networks = numbers.map { number in
                Manifest.network(
                    "n\(number)", "subnets: [{ subnet: 10.50.\(number).0/24 }]", "bridge: { name: br-\(number) }")
            }
            try host.write(networks.joined())
            let agent = try host.startAgent()
            let process = "/proc/\(try agent.process)"
            func spoilAll() throws {
                let before = agent.events.count
                try host.sh(
                    """
                    for n in \(numbers.map(String.init).joined(separator: " ")); do
                        ip link set br-$n mtu 1400; ip address del 10.50.$n.1/24 dev br-$n
                        echo 0 > /proc/sys/net/ipv4/conf/br-$n/forwarding
                    done
                    """)
                // What drifts while something else is being repaired waits for nothing: for no retry, and not for the
                // look that is taken once a minute.
                let areRepaired = eventually(within: .seconds(30)) {
                    agent.told(after: before).count { $0.hasPrefix("drift") } >= 75
                }
                #expect(areRepaired, "\(agent.told(after: before).count) repairs")
            }
            try spoilAll()
            let held = (Files.names(process + "/fd").count, Files.names(process + "/task").count)
            let memory = host.resident(try agent.process)
            for _ in 1...3 { try spoilAll() }
            try host.awaitConverged()
            #expect(!agent.told(after: 0).contains { $0.hasPrefix("contended") })
            // A thread of the pool may have come late.
            #expect(Files.names(process + "/fd").count == held.0)
            #expect(Files.names(process + "/task").count <= held.1 + 2)
            // What one repair would keep for good were to be seen 225 times.
            #expect(host.resident(try agent.process) - memory < 4 << 10, "KiB")
            try agent.stop()
        }
    }
}
