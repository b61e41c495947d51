import Glibc
import Testing

/// Others change their links by the thousand: nothing of ours is harmed, and the agent is done when they are.
///
/// `Benchmarks/endurance 200 0` does the same with 200 containers, and measures.
@Suite(.serialized, .kernel) struct StormTests {
    private static let changes = 10_000

    /// Links of others that are there all the time, and changes of them; one in a hundred comes and goes (taking a
    /// link away takes the kernel 16 ms).
    private func prepare(_ host: TestHost) throws -> String {
        try host.sh("for n in $(seq 0 49); do echo link add other$n type bridge; done | ip -batch -")
        let lines = (0..<Self.changes).map { number in
            switch number % 100 {
            case 50: "link add passing\(number) type bridge"
            case 99: "link del passing\(number - 49)"
            default: "link set other\(number % 50) mtu \(1300 + number / 50 % 100)"
            }
        }
        let path = host.directory + "/storm"
        try Files.write(lines.joined(separator: "\n") + "\n", to: path)
        return path
    }

    private func settled(_ host: TestHost, containers: Int) throws -> RunningAgent {
        let names = (1...containers).map { "c\($0)" }
        try host.write(
            Manifest.network("front", dual(20)) + Manifest.network("back", dual(21)),
            host.container("web", "networks: [{ name: front, ipv4: 10.20.0.10 }]", "ports: ['8080:80']"),
            names.map { host.container($0, command: ["sleep", "600"], "networks: [back]") }.joined())
        let agent = try host.startAgent()
        try host.awaitHTTP("127.0.0.1:8080")
        return agent
    }

    /// When a process last took CPU time, once it has taken none for 300 ms.
    private func rest(_ host: TestHost, _ pid: pid_t, after start: ContinuousClock.Instant) throws -> Duration {
        var last = (try host.cpuTicks(of: pid), ContinuousClock.now)
        while last.1.duration(to: .now) < .milliseconds(300) {
            guard start.duration(to: .now) < .seconds(30) else { throw Failure("the agent does not come to rest") }
            let now = try host.cpuTicks(of: pid)
            if now != last.0 { last = (now, .now) }
            usleep(10_000)
        }
        return start.duration(to: last.1)
    }

    @Test func tenThousandChangesOfOthers() throws {
        try withHost { host in
            let agent = try settled(host, containers: 20)
            let storm = try prepare(host)
            let pid = try agent.process
            let processes = host.processes
            let before = agent.events.count
            let (memory, descriptors) = (host.resident(pid), Files.names("/proc/\(pid)/fd").count)
            // The last two are of ours, and nobody waits for them.
            try host.sh("echo 'link set br-front mtu 1400\nlink set br-back mtu 1400' >> \(storm)")
            // In the middle of it others break what is ours.
            let half = Self.changes / 2
            try Files.write(
                """
                head -n \(half) \(storm) | ip -batch - || exit
                ip link set \(try host.veth("c1")) mtu 1300 && nft flush ruleset || exit
                tail -n +\(half + 1) \(storm) | ip -batch -
                """, to: storm + ".sh")
            let clock = ContinuousClock()
            let start = clock.now
            let batch = try host.start("sh \(storm).sh")
            var peak = 0
            while batch.isRunning {
                peak = max(peak, host.resident(pid))
                usleep(5000)
            }
            let end = clock.now
            let stormed = try batch.wait(.seconds(60))
            #expect(stormed.code == 0, "\(stormed)")
            let isRight = try eventually { try host.plan().changes.isEmpty }
            #expect(isRight, "converged soon after its end")
            let rest = try rest(host, pid, after: end)
            print(
                "storm of \(start.duration(to: end)): at rest after \(rest), \(memory) KiB before, \(peak) at most, "
                    + "\(host.resident(pid)) after")
            #expect(rest < .seconds(15))
            #expect(peak - memory < 32 << 10, "what was heard is not kept without a bound")
            let isSteady = eventually { Files.names("/proc/\(pid)/fd").count == descriptors }
            #expect(isSteady, "\(Files.names("/proc/\(pid)/fd").count) descriptors, not \(descriptors)")
            for (object, field) in [
                ("link br-front", "mtu"), ("link br-back", "mtu"), ("link \(try host.veth("c1"))", "mtu"),
            ] {
                try agent.awaitEvent(object, after: before) { $0.isRepair(of: object, field) }
            }
            #expect(!agent.told(after: before).contains { $0.hasPrefix("failed") || $0.hasPrefix("contended") })
            #expect(host.processes == processes)
            #expect(try host.client(of: "127.0.0.1:8080") == "10.20.0.1")
            #expect(try host.sh("ip -o link | grep -c other") == "50")
            try host.awaitConverged()
            try agent.stop()
        }
    }

    /// More than the socket holds: the kernel says that something was lost, and everything is looked at, also what has
    /// no notification.
    @Test func lostNotificationsLeadToALookAtEverything() throws {
        try withHost { host in
            let agent = try settled(host, containers: 2)
            let storm = try prepare(host)
            let pid = try agent.process
            let before = agent.events.count
            let setting = "sysctl net/ipv4/conf/br-front/route_localnet"
            try host.sh("echo 0 > /proc/sys/net/ipv4/conf/br-front/route_localnet")
            usleep(500_000)
            #expect(agent.told(after: before) == [], "nobody is told of that")
            kill(pid, SIGSTOP)
            defer { kill(pid, SIGCONT) }
            try host.sh("ip -batch \(storm)", timeout: .seconds(60))
            try host.sh("ip -n reconcile-c1 address flush dev eth0; ip link set br-back mtu 1400")
            // The third number after the inode of proc's netlink table is what was dropped.
            let drops = Files.read("/proc/\(pid)/net/netlink").lines.compactMap { line -> Int? in
                let fields = line.split(separator: " ")
                return fields.count > 8 && fields[1] == "0" ? Int(fields[8]) : nil
            }
            #expect(drops.contains { $0 > 0 }, "\(drops)")
            kill(pid, SIGCONT)
            for (object, field) in [
                (setting, "value"), ("link br-back", "mtu"), ("address 10.21.*", nil),
            ] as [(String, String?)] {
                try agent.awaitEvent(object, after: before) { event in
                    object.hasSuffix("*")
                        ? event["object"]?.string?.hasPrefix(object.dropLast()) ?? false
                        : event.isRepair(of: object, field)
                }
            }
            try host.awaitConverged()
            try agent.stop()
        }
    }
}
