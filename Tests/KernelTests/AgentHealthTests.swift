import Glibc
import Model
import Testing

/// Containers are asked whether they are well.
@Suite(.serialized, .kernel) struct AgentHealthTests {
    /// A container that is as well as files of the test say: `sick` makes its check fail, `hung` makes it hang.
    private func patient(_ host: TestHost, _ check: String, name: String = "web") throws -> String {
        try Files.write("", to: host.directory + "/state/README")
        let script = "cd /state; echo asked; [ ! -e sick ] || exit 1; [ ! -e hung ] || sleep 600"
        return host.container(
            name, command: ["sleep", "600"], "networks: [front]",
            "mounts: [{ source: \(host.directory)/state, target: /state, readOnly: true }]",
            "healthcheck: { command: [sh, -c, '\(script)'], \(check) }")
    }

    private func write(_ host: TestHost, _ containers: String...) throws {
        try host.write(Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]") + containers.joined())
    }

    private func health(_ host: TestHost) throws -> String? { try host.inspect("container/web")["health"]?.string }

    private func line(_ host: TestHost) throws -> String {
        try host.reconcile("status").output.lines.first { $0.hasPrefix("container/web") } ?? ""
    }

    /// Waits until `inspect` and `status` say so, too: the event is written before what they read.
    private func awaitShown(
        _ host: TestHost, _ expected: String, _ words: String..., code: Int32,
        source: SourceLocation = #_sourceLocation
    ) throws {
        var shown = ""
        let isShown = try eventually {
            shown = try line(host)
            let isSaid = words.allSatisfy { shown.contains($0) }
            return try isSaid && health(host) == expected && host.reconcile("status").code == code
        }
        #expect(isShown, "\(shown)", sourceLocation: source)
    }

    private func awaitHealth(_ agent: RunningAgent, _ health: String, after count: Int) throws -> JSONValue {
        try agent.awaitEvent(health, after: count, within: .seconds(30)) {
            $0["field"]?.string == "health" && $0["cause"]?.string?.hasPrefix(health) == true
        }
    }

    @Test func upAndDown() throws {
        try withHost { host in
            let mark = host.directory + "/state/sick"
            try write(host, try patient(host, "interval: 300ms, timeout: 20s, retries: 2, startPeriod: 1h"))
            try host.sh("mkdir -p \(host.directory)/state; touch \(mark)")
            let agent = try host.startAgent()
            let pid = try host.pid("web")
            // What fails within the start period does not count.
            usleep(1_500_000)
            #expect(try health(host) == "starting")
            #expect(try line(host).contains("Reconciling") && line(host).contains("health: starting"))
            var before = agent.events.count
            unlink(mark)
            let first = try awaitHealth(agent, "healthy", after: before)
            #expect(first["event"]?.string == "updated" && first["resource"]?.string == "container/web")
            try awaitShown(host, "healthy", "Ready", code: 0)
            // Once well it has no start period any more.
            before = agent.events.count
            try Files.write("", to: mark)
            let failed = try awaitHealth(agent, "unhealthy after 2 failures: asked", after: before)
            #expect(failed["event"]?.string == "failed")
            try awaitShown(host, "unhealthy", "Failed", "unhealthy: asked", code: 1)
            before = agent.events.count
            unlink(mark)
            _ = try awaitHealth(agent, "healthy", after: before)
            // Its health is told, and no reason to start it anew.
            #expect(try host.pid("web") == pid)
            #expect(agent.told(after: before) == ["updated process web health"])
            // Nobody knows it without an agent; the next one asks.
            try agent.stop()
            #expect(try health(host) == nil)
            before = agent.events.count
            let next = try host.startAgent()
            _ = try awaitHealth(next, "healthy", after: before)
            let isKnown = try eventually { try health(host) == "healthy" }
            #expect(isKnown)
            #expect(try host.pid("web") == pid)
            try next.stop()
        }
    }

    @Test func aCheckThatHangs() throws {
        try withHost { host in
            try write(
                host, try patient(host, "interval: 300ms, timeout: 1s, retries: 1"),
                try patient(host, "interval: 300ms, timeout: 1h", name: "other"))
            try Files.write("", to: host.directory + "/state/hung")
            let agent = try host.startAgent()
            _ = try awaitHealth(agent, "unhealthy after 1 failures: no answer within", after: 0)
            // It holds nothing up.
            let before = agent.events.count
            try host.sh("ip link set br-front mtu 1400; ip link set \(try host.veth("other")) mtu 1400")
            for link in ["br-front", try host.veth("other")] {
                try agent.awaitEvent("drift beside a hanging check", after: before) {
                    $0.isRepair(of: "link \(link)", "mtu")
                }
            }
            kill(try host.pid("web"), SIGKILL)
            try agent.awaitEvent("a new start", after: before) { $0.isRepair(of: "process web", "state") }
            unlink(host.directory + "/state/hung")
            _ = try awaitHealth(agent, "healthy", after: before)
            // Of what was asked too long nothing is left.
            let web = try host.pid("web")
            let isAlone = eventually(within: .seconds(20)) {
                let groups = host.cgroups.filter { $0.contains("/web-") }
                return Set(groups.flatMap { Files.read($0 + "/cgroup.procs").lines }) == ["\(web)"]
            }
            #expect(isAlone)
            // What hangs on in the other one does not keep the agent from ending, and the next one ends it.
            try agent.stop()
            let other = try host.pid("other")
            func processes() -> Set<String> {
                let groups = host.cgroups.filter { $0.contains("/other-") }
                return Set(groups.flatMap { Files.read($0 + "/cgroup.procs").lines })
            }
            #expect(processes().count > 1)
            let next = try host.startAgent("--full-pass-interval", "1h")
            let isDone = eventually(within: .seconds(20)) { processes() == ["\(other)"] }
            #expect(isDone, "\(processes())")
            #expect(
                !Files.names("/proc/\(host.holderPID)/root/run/reconcile/default/containers").contains {
                    $0.hasPrefix(".tmp-\(agent.command.pid)-")
                })
            try next.stop()
        }
    }
}
