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
            // The server of names asks 10.20.0.53.
            #expect(
                try says("cat /etc/resolv.conf") == "nameserver 10.20.0.1\nsearch example.test\noptions ndots:0")
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
}
