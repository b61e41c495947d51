import Model
import Testing

/// How containers start, end and are looked into.
@Suite(.serialized, .kernel) struct ContainerLifeTests {
    private let pause = ["sleep", "600"]

    private func exec(_ host: TestHost, _ name: String, _ script: String) throws -> CommandResult {
        try host.reconcile("exec", name, "--", "sh", "-c", script)
    }

    @Test func aFinishedJobStaysFinished() throws {
        try withHost { host in
            let script = { (name: String, code: Int) in ["sh", "-c", "echo \(name) was here; exit \(code)"] }
            try host.write(
                host.container("good", command: script("good", 0), "networks: [none]", "restart: on-failure"),
                host.container("bad", command: script("bad", 3), "networks: [none]", "restart: never"),
                host.container("once", command: script("once", 0), "networks: [none]", "restart: never"))
            #expect(try host.reconcile("apply", host.manifests).code == 0)
            for (name, code) in [("good", 0), ("bad", 3), ("once", 0)] {
                let hasEnded = try eventually { try host.inspect("container/\(name)")["state"]?.string == "exited" }
                #expect(hasEnded, "\(name)")
                #expect(try host.inspect("container/\(name)")["exitCode"]?.int == Int64(code), "\(name)")
                #expect(try host.reconcile("logs", name).text == "\(name) was here")
            }
            for _ in 1...2 {
                try host.expectConverged()
                #expect(try host.apply().output.hasPrefix("No changes."))
            }
            // Not even after a boot, unless the manifest says something new.
            try host.reboot()
            let plan = try host.plan()
            #expect(!plan.changes.contains { $0.object.hasPrefix("process") }, "\(plan)")
            try host.apply()
            let bad = try host.inspect("container/bad")
            #expect(bad["state"]?.string == "exited" && bad["exitCode"]?.int == 3, "\(bad.text())")
            let status = try host.reconcile("status")
            #expect(status.code == 1 && status.output.contains("Failed       exited with code 3"), "\(status)")
            #expect(try host.reconcile("logs", "once").text == "once was here")
            try host.write(host.container("once", command: script("again", 0), "networks: [none]", "restart: never"))
            try host.apply("--allow-mass-delete")
            let hasRun = try eventually { try host.reconcile("logs", "once").output.contains("again was here") }
            #expect(hasRun)
        }
    }

    @Test func aFailureIsToldAndLeavesNothingHalfMade() throws {
        try withHost { host in
            try host.write(
                Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]"),
                host.container("good", command: pause, "networks: [front]"),
                host.container("bad", command: ["nosuchprogram"], "networks: [front]", "ports: ['8080:80']"))
            let result = try host.reconcile("apply", host.manifests)
            #expect(result.code == 1)
            #expect(result.errors.contains("nosuchprogram"), "\(result)")
            #expect(result.errors.contains("site.yaml:"), "\(result)")
            _ = try host.pid("good")
            #expect(try host.sh("ls /run/netns") == "reconcile-good")
            #expect(try host.sh("ip -o link show type veth").lines.count == 1)
            #expect(!(try host.sh("nft list ruleset").contains("8080")))
            #expect(!(try host.sh("cat /proc/self/mounts").contains("/bad-")))
            #expect(!host.cgroups.contains { $0.contains("bad-") })
            // Once the manifest is right, it is right.
            let site = Files.read(host.manifests + "/site.yaml")
            try host.write(site.replacing("'nosuchprogram'", with: "httpd, -f, -p, '80', -h, /www"))
            try host.apply()
            try host.awaitHTTP("127.0.0.1:8080")
        }
    }

    @Test func logsAndExec() throws {
        try withHost { host in
            try host.write(
                host.container(
                    "web", command: ["sh", "-c", "echo one; echo two >&2; echo three; exec sleep 600"],
                    "networks: [none]"))
            try host.apply()
            let hasWritten = try eventually { try host.reconcile("logs", "web").output == "one\nthree\n" }
            #expect(hasWritten)
            // Each stream to its own.
            #expect(try host.reconcile("logs", "web").errors == "two\n")
            let last = try host.reconcile("logs", "web", "--tail", "1")
            #expect((last.output + last.errors).lines.count == 1)
            #expect(try host.reconcile("logs", "nobody").code == 1)
            #expect(try exec(host, "web", "exit 7").code == 7)
            #expect(try exec(host, "web", "echo out; echo err >&2").output == "out\n")
            #expect(try exec(host, "web", "echo out; echo err >&2").errors == "err\n")
            #expect(try host.reconcile("exec", "nobody", "--", "true").code == 1)
            let missing = try host.reconcile("exec", "web", "--", "no-such-program")
            #expect(missing.code == 127 && missing.errors.contains("there is no program no-such-program"), "\(missing)")
            #expect(try host.reconcile("exec", "web", "--", "/no/such/program").code == 127)
            #expect(try host.reconcile("exec", "web", "--", "/etc/hosts").code == 126)
            #expect(try host.reconcile("exec", "web", "--", "/").code == 126)
            #expect(try host.reconcile("exec", "-w", "/bin", "web", "--", "./sh", "-c", "exit 9").code == 9)
        }
    }

    @Test func containersOfTheHostsNetworkAndOfNone() throws {
        try withHost { host in
            _ = try host.connect("client", number: 1)
            try host.write(
                host.container("on-host", command: ["httpd", "-f", "-p", "8088", "-h", "/www"], "networks: [host]"),
                host.container("alone", command: pause, "networks: [none]"))
            try host.apply()
            try host.expectConverged()
            try host.awaitHTTP("127.0.0.1:8088")
            #expect(try host.sh("ip -o link", in: .sandbox("alone")).lines.count == 1)
            #expect(try host.sh("ls /run/netns").lines.sorted() == ["client", "reconcile-alone"])
            #expect(try host.sh("nft list tables") == "")
        }
    }

    /// crun 1.8 refuses a cgroup2 that holds controllers beside version 1; where the machine is so, runc is taken.
    @Test func theRuntimeIsChosenByLooking() throws {
        try withHost(keepsHybridCgroups: true) { host in
            try host.write(host.container("web", command: pause, "networks: [none]"))
            try host.apply()
            let isHybrid = !Files.read("/sys/fs/cgroup/unified/cgroup.controllers").trimmed.isEmpty
            let state = try host.sh("ls /run/reconcile/default/runtime/*/")
            // crun calls its file status, runc state.json.
            #expect(state.contains(isHybrid ? "state.json" : "status"), "\(state)")
            let name = isHybrid ? "runc" : "crun"
            let status = try host.reconcile("status", host.manifests)
            #expect(status.code == 0 && status.output.contains("\nContainer runtime: \(name), /"), "\(status)")
            let json = try JSONValue(parsing: host.reconcile("status", "-o", "json", host.manifests).output.utf8)
            #expect(json["runtime"]?["name"]?.string == name && json["runtime"]?["reason"]?.string != nil)
            try host.expectConverged()
        }
    }
}
