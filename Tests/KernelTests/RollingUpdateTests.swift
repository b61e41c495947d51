import Glibc
import Model
import Testing

/// A new template takes the place of the old one replica by replica, and stops where it does not work.
@Suite(.serialized, .kernel) struct RollingUpdateTests {
    private func write(
        _ host: TestHost, version: String, replicas: Int = 3, command: [String]? = nil, template: [String] = [],
        update: String = "update: { maxUnavailable: 1 }"
    ) throws {
        try host.write(
            Manifest.network("front", dual(20)),
            host.service(
                "pinger", replicas: replicas, command: command,
                template: ["networks: [front]", "environment: { VERSION: \(version) }"] + template,
                "ports: ['9090:80']",
                update))
    }

    private func pids(_ host: TestHost) throws -> [Int32] { try (1...3).map { try host.pid("pinger.\($0)") } }

    private func versions(_ host: TestHost) throws -> [String] {
        try (1...3).map { try host.reconcile("exec", "pinger.\($0)", "--", "sh", "-c", "echo $VERSION").text }
    }

    /// Asks each replica at its own address, again and again, and the service's port: a line an answer.
    ///
    /// One that is away refuses at once; what takes long is a slow machine, and its answers are not of one moment.
    private func sample(_ host: TestHost) throws -> RunningCommand {
        let servers = try (1...3).map { try host.address("pinger.\($0)") }.joined(separator: " ")
        let script = """
            while :; do
                up=0; t=$(date +%s%3N)
                for s in \(servers); do curl -s -o /dev/null -m 1 http://$s:80/ && up=$((up + 1)); done
                [ $(($(date +%s%3N) - t)) -gt 500 ] || echo up $up
                curl -s -m 10 http://127.0.0.1:9090/cgi-bin/name || echo no answer
            done
            """
        try Files.write(script, to: host.directory + "/sample.sh")
        return try host.start("sh \(host.directory)/sample.sh")
    }

    private func expectService(_ samples: RunningCommand, least: Int, source: SourceLocation = #_sourceLocation) {
        samples.stop()
        let lines = samples.output.lines
        let counts = lines.filter { $0.hasPrefix("up ") }.compactMap { Int($0.dropFirst(3)) }
        #expect(counts.count > 3, "\(counts)", sourceLocation: source)
        #expect(counts.min() ?? 0 >= least, "\(counts)", sourceLocation: source)
        // What a replica was just answering when it was taken away is lost, and nothing else.
        #expect(lines.count { $0 == "no answer" } <= 3, "\(lines)", sourceLocation: source)
    }

    @Test func oneAfterTheOtherInOneApply() throws {
        try withHost { host in
            try write(host, version: "one")
            try host.apply()
            try host.awaitReplicas("pinger.1", "pinger.2", "pinger.3")
            let before = try pids(host)
            let samples = try sample(host)
            try write(host, version: "two")
            // All of it is told beforehand.
            let plan = try host.plan()
            #expect(plan.changes.filter { $0.actions == ["delete", "create"] }.count == 3, "\(plan)")
            let result = try host.apply()
            expectService(samples, least: 2)
            #expect(result.output.contains("service/pinger  waits for pinger.3"), "\(result)")
            let after = try pids(host)
            #expect(Set(before).isDisjoint(with: after))
            #expect(try versions(host) == ["two", "two", "two"])
            try host.expectConverged()
            #expect(try host.answering("127.0.0.1:9090") == ["pinger.1": 4, "pinger.2": 4, "pinger.3": 4])
            // What does not restart anybody is done to all at once.
            let still = try pids(host)
            try write(host, version: "two", template: ["resources: { pids: 50 }"])
            let second = try host.apply()
            #expect(!second.output.contains("waits for"), "\(second)")
            #expect(try pids(host) == still)
        }
    }

    @Test func moreAtOnceWhereMoreMayBeAway() throws {
        try withHost { host in
            try write(host, version: "one", update: "update: { maxUnavailable: 3 }")
            try host.apply()
            try write(host, version: "two", update: "update: { maxUnavailable: 3 }")
            let result = try host.apply()
            #expect(result.output.lines.filter { $0.contains("waits for") }.count == 1, "\(result)")
            #expect(try versions(host) == ["two", "two", "two"])
        }
    }

    /// Where there is somebody who answers, a new replica gets nothing before it is ready.
    @Test func newOnesAreLedToOnceTheyAreReady() throws {
        try withHost { host in
            func write(_ replicas: Int) throws {
                let command = ["sh", "-c", "sleep 0.5; exec httpd -f -p 80 -h /www"]
                try host.write(
                    Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]"),
                    host.service(
                        "pinger", replicas: replicas, command: command, template: ["networks: [front]"],
                        "ports: ['9090:80']"))
            }
            try write(1)
            let agent = try host.startAgent()
            try host.awaitHTTP("127.0.0.1:9090")
            // What has just been started does not count as ready, and would be no reason to wait.
            usleep(2_500_000)
            try write(3)
            var lost: [String] = []
            let isServed = try eventually(within: .seconds(20)) {
                let answers = try host.answering("127.0.0.1:9090", requests: 6)
                lost += answers.keys.filter { $0.hasPrefix("curl") }
                return answers.count == 3
            }
            #expect(isServed && lost.isEmpty, "\(lost)")
            try agent.stop()
        }
    }

    /// A version that ends at once, and one whose check fails.
    @Test(arguments: ["ends", "sick"]) func aVersionThatFailsStops(_ way: String) throws {
        try withHost { host in
            let check = ["healthcheck: { command: [sh, -c, '[ \"$VERSION\" != bad ]'], interval: 300ms, retries: 2 }"]
            let template = way == "sick" ? check : []
            try write(host, version: "one", template: template)
            try host.apply()
            try host.awaitReplicas("pinger.1", "pinger.2", "pinger.3")
            let before = try pids(host)
            let command = way == "ends" ? ["sh", "-c", "sleep 0.1; exit 3"] : nil
            try write(host, version: "bad", command: command, template: template)
            let result = try host.reconcile("apply", host.manifests)
            #expect(result.code == 1, "\(result)")
            #expect(result.errors.contains("pinger.1 did not become ready: the update stops here"), "\(result)")
            // The others run on as they are, and they alone answer.
            try expectKept(host, before)
            #expect(try host.answering("127.0.0.1:9090") == ["pinger.2": 6, "pinger.3": 6])
            let status = try host.reconcile("status")
            #expect(status.code == 1, "\(status)")
            #expect(
                status.output.lines.contains { $0.hasPrefix("service/pinger") && $0.contains("Failed") }, "\(status)")
            // Once more changes nothing about that.
            #expect(try host.reconcile("apply", host.manifests).code == 1)
            try expectKept(host, before)
            // A better one goes through, beginning with the one that is away.
            try write(host, version: "two", template: template)
            try host.apply()
            #expect(try versions(host) == ["two", "two", "two"])
            try host.expectConverged()
        }
    }

    /// The second and third replica still run as they did.
    private func expectKept(
        _ host: TestHost, _ before: [Int32], source: SourceLocation = #_sourceLocation
    ) throws {
        let kept = try (2...3).map { try host.pid("pinger.\($0)") }
        #expect(kept == Array(before.dropFirst()), sourceLocation: source)
    }

    @Test(arguments: [false, true]) func withAnAgent(_ hasCheck: Bool) throws {
        try withHost { host in
            let template =
                hasCheck ? ["healthcheck: { command: [sh, -c, '[ -e /www/index.html ]'], interval: 500ms }"] : []
            try write(host, version: "one", template: template)
            let agent = try host.startAgent()
            let isSpread = try eventually(within: .seconds(30)) {
                try host.answering("127.0.0.1:9090").count { $0.key.hasPrefix("pinger.") } == 3
            }
            #expect(isSpread)
            let before = try pids(host)
            let samples = try sample(host)
            let count = agent.events.count
            try write(host, version: "two", template: template)
            let isDone = try eventually(within: .seconds(60)) {
                try host.reconcile("status").output.lines.contains {
                    $0.hasPrefix("service/pinger") && $0.contains("Ready") && $0.contains("3/3")
                } && Set(before).isDisjoint(with: (try? pids(host)) ?? before)
            }
            #expect(isDone, "\(String(describing: try? host.reconcile("status")))")
            expectService(samples, least: 2)
            #expect(try versions(host) == ["two", "two", "two"])
            let isBack = try eventually(within: .seconds(30)) { try host.answering("127.0.0.1:9090").count == 3 }
            #expect(isBack)
            // It is no drift, and nothing is done twice.
            let told = agent.events.dropFirst(count)
            #expect(!told.contains { $0["event"]?.string == "drift" }, "\(told.map { $0.text() })")
            #expect(told.filter { $0["event"]?.string == "replaced" }.count == 3, "\(told.map { $0.text() })")
            try agent.stop()
            try host.expectConverged()
        }
    }

    @Test func anAgentStopsAndRepairsAllElse() throws {
        try withHost { host in
            try write(host, version: "one")
            let agent = try host.startAgent()
            try host.awaitReplicas("pinger.1", "pinger.2", "pinger.3")
            usleep(2_500_000)
            let before = try pids(host)
            try write(host, version: "bad", command: ["sh", "-c", "sleep 0.1; exit 3"])
            let isFailed = try eventually(within: .seconds(30)) {
                try host.reconcile("status").output.lines.contains {
                    $0.hasPrefix("service/pinger") && $0.contains("Failed") && $0.contains("1 of 3 replicas updated")
                }
            }
            #expect(isFailed, "\(String(describing: try? host.reconcile("status")))")
            usleep(3_000_000)
            try expectKept(host, before)
            let names = try host.answering("127.0.0.1:9090")
            #expect(names == ["pinger.2": 6, "pinger.3": 6], "\(names)")
            // Meanwhile all else is looked after.
            let count = agent.events.count
            try host.sh("ip link set eth0 mtu 1400", in: .sandbox("pinger.2"))
            try agent.awaitEvent("drift beside an update", after: count) {
                $0.isRepair(of: "link eth0 in pinger.2", "mtu")
            }
            try expectKept(host, before)
            try write(host, version: "two")
            let isDone = try eventually(within: .seconds(60)) {
                try host.reconcile("status").output.lines.contains {
                    $0.hasPrefix("service/pinger") && $0.contains("Ready") && $0.contains("3/3")
                }
            }
            #expect(isDone, "\(String(describing: try? host.reconcile("status")))")
            #expect(try versions(host) == ["two", "two", "two"])
            try agent.stop()
        }
    }

    /// Who is unwell gets nothing to do, and again when it is well; who was killed comes back.
    @Test func theBalanceFollowsHealth() throws {
        try withHost { host in
            try host.sh("mkdir -p \(host.directory)/state")
            try host.write(
                Manifest.network("front", dual(20)),
                host.service(
                    "pinger", replicas: 3,
                    template: [
                        "networks: [front]",
                        "mounts: [{ source: \(host.directory)/state, target: /state, readOnly: true }]",
                        "healthcheck: { command: [sh, -c, '[ ! -e /state/$(hostname) ]'], interval: 300ms, retries: 1 }",
                    ], "ports: ['9090:80']"))
            let agent = try host.startAgent()
            func expectAnswers(_ names: Set<String>) throws {
                var seen: [String: Int] = [:]
                let isSo = try eventually(within: .seconds(30)) {
                    seen = try host.answering("127.0.0.1:9090")
                    return Set(seen.keys) == names
                }
                #expect(isSo, "\(seen) instead of \(names)")
            }
            try expectAnswers(["pinger.1", "pinger.2", "pinger.3"])
            try Files.write("", to: host.directory + "/state/pinger.2")
            try expectAnswers(["pinger.1", "pinger.3"])
            // ::1 follows, too.
            try Files.write("", to: host.directory + "/state/pinger.1")
            try expectAnswers(["pinger.3"])
            let follows = try eventually { try host.answering("[::1]:9090", requests: 3) == ["pinger.3": 3] }
            #expect(follows)
            try host.sh("rm \(host.directory)/state/*")
            try expectAnswers(["pinger.1", "pinger.2", "pinger.3"])
            // An agent that starts trusts whoever runs until it knows better.
            try agent.stop()
            usleep(10_500_000)
            let next = try host.startAgent()
            for _ in 0..<5 { #expect(try host.answering("127.0.0.1:9090").count == 3) }
            let count = next.events.count
            kill(try host.pid("pinger.3"), SIGKILL)
            try next.awaitEvent("a balance without it", after: count) {
                $0["object"]?.string == "firewall chain service/pinger/80/tcp" && $0["event"]?.string == "updated"
            }
            try expectAnswers(["pinger.1", "pinger.2", "pinger.3"])
            #expect(
                !next.events.dropFirst(count).contains {
                    $0["object"]?.string?.hasPrefix("firewall") == true && $0["event"]?.string == "drift"
                })
            // The last ones gone, whoever asks is refused.
            for name in ["pinger.1", "pinger.2", "pinger.3"] {
                try Files.write("", to: host.directory + "/state/" + name)
            }
            let isRefused = try eventually(within: .seconds(30)) { try host.http("127.0.0.1:9090").isRefused }
            #expect(isRefused)
            try next.stop()
        }
    }
}
