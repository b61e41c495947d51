import Testing

/// What a manifest says of a process is what the process finds.
@Suite(.serialized, .kernel) struct ContainerTests {
    private let pause = ["sleep", "600"]

    private func exec(_ host: TestHost, _ name: String, _ script: String) throws -> CommandResult {
        try host.reconcile("exec", name, "--", "sh", "-c", script)
    }

    @Test func theProcessFindsWhatTheManifestSays() throws {
        try withHost { host in
            try Files.write("from the host\n", to: host.manifests + "/site/page.txt")
            try host.write(
                Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]"),
                host.container(
                    "web", command: pause, "networks: [{ name: front, ipv4: 10.20.0.10 }]",
                    "environment: { COLOUR: 'deep blue', EMPTY: '' }", "workingDir: /tmp", "hostname: shop",
                    "user: '101:102'", "readOnly: true", "dns: { servers: [10.20.0.53], search: [example.test] }",
                    "mounts:", "  - { source: ./site, target: /srv, readOnly: true }",
                    "  - { type: tmpfs, target: /cache, size: 1Mi }",
                    "sysctls: { net.core.somaxconn: '1234' }",
                    "ulimits: { nofile: 512, core: { soft: 0, hard: 4096 } }",
                    "capabilities: { add: [NET_ADMIN], drop: [CHOWN] }"))
            try host.apply()
            try host.expectConverged()
            func says(_ script: String) throws -> String { try exec(host, "web", script).text }
            #expect(try says("echo \"$COLOUR/$EMPTY\"") == "deep blue/")
            #expect(try says("pwd") == "/tmp")
            #expect(try says("hostname") == "shop")
            #expect(try says("id -u; id -g") == "101\n102")
            #expect(try says("grep shop /etc/hosts") == "10.20.0.10 shop web")
            #expect(try says("cat /etc/resolv.conf") == "nameserver 10.20.0.53\nsearch example.test")
            #expect(try says("cat /srv/page.txt") == "from the host")
            #expect(
                try says("touch /srv/x || touch /etc/x || touch /x || echo all read-only").hasSuffix("all read-only"))
            #expect(try says("cat /proc/sys/net/core/somaxconn") == "1234")
            #expect(try says("ulimit -n") == "512")
            #expect(try says("df -k /cache | grep -c ' 1024 '") == "1")
            // The host's own value is its own.
            #expect(try host.sh("cat /proc/sys/net/core/somaxconn") != "1234")
        }
    }

    @Test func theProcessIsConfined() throws {
        try withHost { host in
            try host.write(
                host.container("web", command: pause, "networks: [none]", "capabilities: { drop: [ALL] }"),
                host.container("plain", command: pause, "networks: [none]"))
            try host.apply()
            func status(_ name: String, _ field: String) throws -> String {
                // The runtime's own process goes on for a moment before it becomes the container's.
                let pid = try host.pid(name)
                _ = eventually { Files.read("/proc/\(pid)/status").hasPrefix("Name:\tsleep") }
                let line = Files.read("/proc/\(pid)/status").lines.first { $0.hasPrefix(field + ":") } ?? ""
                return String(line.dropFirst(field.count + 1)).trimmed
            }
            for name in ["web", "plain"] {
                #expect(try status(name, "Seccomp") == "2", "\(name)")
                #expect(try status(name, "NoNewPrivs") == "1", "\(name)")
            }
            #expect(try status("web", "CapBnd") == "0000000000000000")
            #expect(try status("web", "CapEff") == "0000000000000000")
            // Docker's default set.
            #expect(try status("plain", "CapBnd") == "00000000a80425fb")
            // What seccomp forbids fails; what it allows does not.
            #expect(try exec(host, "plain", "mount -t tmpfs x /tmp").code != 0)
            #expect(try exec(host, "plain", "ls /proc/1/ns >/dev/null").code == 0)
            // Not the machine's processes, devices or mounts.
            #expect(try exec(host, "plain", "ls /proc | grep -c '^[0-9]'").text.count == 1)
            #expect(try exec(host, "plain", "cat /proc/kcore | head -c 1 | wc -c").text == "0")
            #expect(try exec(host, "plain", "ls /dev | grep -E '^(sd|vd|nvme|mem|kmsg)'").text == "")
            #expect(try exec(host, "plain", "grep -c '\(host.directory)/m' /proc/mounts").text == "0")
        }
    }

    @Test func limitsAreTheControlGroups() throws {
        try withHost { host in
            func site(_ memory: String, _ pids: Int) -> String {
                host.container(
                    "web", command: pause, "networks: [none]",
                    "resources: { memory: \(memory), pids: \(pids), cpus: 0.5 }")
            }
            try host.write(site("64Mi", 50))
            try host.apply()
            try host.expectConverged()
            #expect(host.limit("web", "memory.limit_in_bytes", "memory.max") == "\(64 << 20)")
            #expect(host.limit("web", "pids.max", "pids.max") == "50")
            #expect(["50000", "50000 100000"].contains(host.limit("web", "cpu.cfs_quota_us", "cpu.max")))
            // In place, up and down.
            let pid = try host.pid("web")
            for (memory, bytes) in [("128Mi", 128 << 20), ("32Mi", 32 << 20)] {
                try host.write(site(memory, 60))
                let plan = try host.plan()
                #expect(plan.changes.map(\.actions) == [["update"]], "\(plan)")
                try host.apply()
                try host.expectConverged()
                #expect(host.limit("web", "memory.limit_in_bytes", "memory.max") == "\(bytes)")
                #expect(host.limit("web", "pids.max", "pids.max") == "60")
            }
            #expect(try host.pid("web") == pid)
        }
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
            try host.expectConverged()
        }
    }
}
